using System.Collections.Immutable;
using Microsoft.ML.Binary.Graph;

namespace Microsoft.ML.Binary.Networks;

/// <summary>What the tasks of a network have of their own.</summary>
/// <example>
/// <code>
/// TaskHead[] heads = [new("person", DenseTask.Saliency), new("edges", DenseTask.Edges)];
/// foreach (TaskDecoders decoders in Enum.GetValues&lt;TaskDecoders>())
/// {
///     DenseNetwork street = MultiTaskNetwork.Build(NetworkConfiguration.For(NetworkPreset.Small, outputs: 1), [.. heads], decoders);
///     Console.WriteLine($"{decoders}: {CostModel.Measure(street.Graph, height: 360, width: 480).Macs.Weighted / 1e6:F0} million multiply-accumulates");
/// }
/// </code>
/// </example>
public enum TaskDecoders
{
    /// <summary>Tasks share the upsamplers; each has its last binary convolutions and its classifier.</summary>
    Light,

    /// <summary>Each task has upsamplers of its own too.</summary>
    Full,
}

/// <summary>The variational information bottleneck between the encoder and the tasks; only training knows it.</summary>
/// <example>
/// <code>
/// DenseNetwork street = MultiTaskNetwork.Build(
///     NetworkConfiguration.For(NetworkPreset.Small, outputs: 1), [new TaskHead("person", DenseTask.Saliency), new TaskHead("edges", DenseTask.Edges)],
///     bottleneck: TaskBottleneck.Diagonal);
/// TrainingOptions options = new() { BottleneckWeight = 1e-3f };           // of the divergence in the loss
/// </code>
/// </example>
public enum TaskBottleneck
{
    /// <summary>None.</summary>
    None,

    /// <summary>Mean and log variance of each channel are an affine map of that channel: free in use.</summary>
    Diagonal,

    /// <summary>The mean adds a binary 1x1 convolution to the encoder's map, the log variance is a real-valued one.</summary>
    Pointwise,
}

/// <summary>
/// Several dense tasks on one binary encoder: our reading of Bi-MTDP (arXiv 2405.14136). Encoder, attention and (unless told otherwise) upsamplers are
/// those of <see cref="DenseNetworkBuilder"/>, shared by all tasks.
/// </summary>
/// <example>
/// <code>
/// DenseNetwork network = MultiTaskNetwork.Build(
///     NetworkConfiguration.For(NetworkPreset.Small, outputs: 3), [new("classes", DenseTask.Segmentation, ["sky", "road", "car"]), new("edges", DenseTask.Edges)]);
/// </code>
/// </example>
public static class MultiTaskNetwork
{
    // Training starts almost without noise.
    private const float FirstLogVariance = -4;

    /// <summary>Builds a trainable network with initial weights.</summary>
    /// <param name="configuration">Shape and precision; its <see cref="NetworkConfiguration.Outputs"/> are not looked at. Each task has <see cref="NetworkConfiguration.RefineDepth"/> binary convolutions of its own.</param>
    /// <param name="heads">The tasks; the first one is what callers get that ask for one result.</param>
    /// <param name="decoders">What the tasks have of their own.</param>
    /// <param name="bottleneck">What lies between encoder and tasks while training.</param>
    /// <param name="workingSize">The size that the network sees images at; by default their own.</param>
    /// <exception cref="ArgumentException">The configuration, a head, the decoders or the bottleneck are out of range, or two heads have one name.</exception>
    public static DenseNetwork Build(
        NetworkConfiguration configuration,
        ImmutableArray<TaskHead> heads,
        TaskDecoders decoders = TaskDecoders.Light,
        TaskBottleneck bottleneck = TaskBottleneck.None,
        WorkingSize workingSize = default)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        if (!Enum.IsDefined(decoders))
        {
            throw new ArgumentOutOfRangeException(nameof(decoders), decoders, "There are no such decoders.");
        }

        heads = heads.IsDefault ? [] : heads;
        DenseNetwork.CheckHeads(heads);
        DenseNetworkBuilder.Validate(configuration with { Outputs = heads[0].Channels });
        GraphBuilder builder = new(configuration.Precision, configuration.Seed);
        EncoderMaps maps = DenseNetworkBuilder.Encode(builder, configuration);
        maps = maps with { Stride16 = Append(builder, maps.Stride16, bottleneck) };
        int shared = decoders == TaskDecoders.Light ? DenseNetworkBuilder.AppendUpsamplers(builder, maps, configuration) : -1;
        int[] logits = [.. heads.Select(head => builder.Scope($"head.{head.Name}", () => DenseNetworkBuilder.AppendHead(
            builder, decoders == TaskDecoders.Light ? shared : DenseNetworkBuilder.AppendUpsamplers(builder, maps, configuration), configuration, head.Channels)))];
        DenseGraph graph = builder.Build([.. heads.Select((head, i) => new GraphOutput(DenseNetwork.OutputName(head, i), logits[i]))]);
        return new(graph, heads, workingSize: workingSize);
    }

    private static int Append(GraphBuilder builder, int input, TaskBottleneck bottleneck) => bottleneck switch
    {
        TaskBottleneck.None => input,
        TaskBottleneck.Diagonal => builder.Scope("bottleneck", () => builder.Bottleneck(
            builder.BatchNorm(input, "mean"), builder.Affine(input, "log-variance", 0, FirstLogVariance), "sample")),
        TaskBottleneck.Pointwise => builder.Scope("bottleneck", () =>
        {
            int channels = builder.TypeOf(input).Channels;
            int mean = builder.Add("mean", builder.BinaryOrFloatConvolution(input, "project", channels, new(Kernel: 1)), input);
            int logVariance = builder.Convolution(input, "spread", channels, new(Kernel: 1), gain: 0.1f);
            return builder.Bottleneck(mean, builder.Affine(logVariance, "log-variance", 1, FirstLogVariance), "sample");
        }),
        _ => throw new ArgumentOutOfRangeException(nameof(bottleneck), bottleneck, "There is no such bottleneck."),
    };
}
