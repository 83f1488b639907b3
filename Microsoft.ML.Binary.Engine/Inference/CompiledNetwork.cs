using System.Diagnostics;
using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Imaging;

namespace Microsoft.ML.Binary.Inference;

/// <summary>
/// A network ready to be applied to images of any size. Threads may share one instance. Results do not depend on the instruction set or
/// the number of threads: those of a binary network are the same to the last bit everywhere. An image's sides are padded inside to what the
/// network needs, by repeating the last row and column.
/// </summary>
public sealed unsafe class CompiledNetwork : IDisposable
{
    private readonly FusionAnalysis _fusion;
    private readonly NetworkWeights _weights;
    private readonly InferenceOptions _options;
    private readonly PlanCache _plans;
    private readonly WorkerTeam? _team;
    private readonly int _alignment;

    private CompiledNetwork(DenseGraph graph, InferenceOptions options)
    {
        (Graph, _options, _fusion) = (graph, options, new FusionAnalysis(graph, options));
        _weights = new NetworkWeights(graph, _fusion);
        _alignment = graph.Alignment;
        _plans = new PlanCache(options.PlanCacheSize, options.PlanCacheBytes);
        _team = options.ThreadCount > 1 ? new WorkerTeam(options.ThreadCount) : null;
        if (graph.Types[graph.Logits].Stride != 1 || graph.Types[graph.Logits].Reduction != 1)
        {
            throw new GraphException(graph.Nodes[graph.Logits].Name, $"logits must have the image's size, and these are {graph.Types[graph.Logits]}");
        }

        // The smallest plan of all tells whether there is a step for every node.
        PlanBuilder.Build(graph, _fusion, _weights, _alignment, _alignment, options);
    }

    /// <summary>The frozen graph.</summary>
    public DenseGraph Graph { get; }

    /// <summary>Channels of the logits: classes for segmentation, 1 for saliency.</summary>
    public int Classes => Graph.LogitChannels;

    /// <summary>Compiles a graph; one that is not frozen yet is frozen first.</summary>
    /// <param name="graph">The network.</param>
    /// <param name="options">Threads and memory; none for the defaults.</param>
    /// <exception cref="GraphException">A parameter is not finite, or there is no compiled form of a node.</exception>
    /// <exception cref="ImageTooLargeException">Even the smallest image takes more memory than it may.</exception>
    /// <exception cref="ArgumentException">An option is out of range.</exception>
    public static CompiledNetwork Compile(DenseGraph graph, InferenceOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(graph);
        options ??= new InferenceOptions();
        options.Validate();
        return new CompiledNetwork(Freezing.Freeze(graph), options);
    }

    /// <summary>The class with the highest logit for each pixel; of equal ones the lowest class.</summary>
    /// <param name="image">The image.</param>
    /// <param name="labels">Receives width times height class indices, row-major.</param>
    /// <exception cref="ArgumentException">The span has another length.</exception>
    public void PredictLabels(RgbImage image, Span<byte> labels) => PredictLabels(image.Pixels, image.Width, image.Height, labels);

    /// <inheritdoc cref="PredictLabels(RgbImage, Span{byte})"/>
    /// <param name="rgb">Red, green, blue of each pixel, row-major.</param>
    /// <param name="width">Pixels in a row, at least 1.</param>
    /// <param name="height">Rows, at least 1.</param>
    /// <param name="labels">Receives width times height class indices, row-major.</param>
    public void PredictLabels(ReadOnlySpan<byte> rgb, int width, int height, Span<byte> labels)
    {
        CheckLabelsFit();
        Run(rgb, width, height, labels, ResultKind.Labels, 1);
    }

    /// <summary>The probability of each class for each pixel: softmax over the logits.</summary>
    /// <param name="image">The image.</param>
    /// <param name="scores">Receives height times width times classes values in this order (H, W, C).</param>
    /// <exception cref="ArgumentException">The span has another length.</exception>
    public void PredictScores(RgbImage image, Span<float> scores) => PredictScores(image.Pixels, image.Width, image.Height, scores);

    /// <inheritdoc cref="PredictScores(RgbImage, Span{float})"/>
    /// <param name="rgb">Red, green, blue of each pixel, row-major.</param>
    /// <param name="width">Pixels in a row, at least 1.</param>
    /// <param name="height">Rows, at least 1.</param>
    /// <param name="scores">Receives height times width times classes values in this order (H, W, C).</param>
    public void PredictScores(ReadOnlySpan<byte> rgb, int width, int height, Span<float> scores) =>
        Run(rgb, width, height, scores, ResultKind.Scores, Classes);

    /// <summary>
    /// What <see cref="PredictLabels(RgbImage, Span{byte})"/> and <see cref="PredictScores(RgbImage, Span{float})"/> give, in one run.
    /// </summary>
    /// <param name="image">The image.</param>
    /// <param name="labels">Receives width times height class indices, row-major.</param>
    /// <param name="scores">Receives height times width times classes values in this order (H, W, C).</param>
    /// <exception cref="ArgumentException">A span has another length.</exception>
    public void PredictLabelsAndScores(RgbImage image, Span<byte> labels, Span<float> scores)
    {
        CheckLabelsFit();
        ImageSize.CheckLength(image.Width, image.Height, 1, labels.Length, nameof(labels));
        fixed (byte* target = labels)
        {
            Run(image.Pixels, image.Width, image.Height, scores, ResultKind.Scores, Classes, labels: target);
        }
    }

    /// <summary>Saliency of each pixel, 0..1: the logistic function of the (first) logit.</summary>
    /// <param name="image">The image.</param>
    /// <param name="saliency">Receives width times height values, row-major.</param>
    /// <exception cref="ArgumentException">The span has another length.</exception>
    public void PredictSaliency(RgbImage image, Span<float> saliency) => PredictSaliency(image.Pixels, image.Width, image.Height, saliency);

    /// <inheritdoc cref="PredictSaliency(RgbImage, Span{float})"/>
    /// <param name="rgb">Red, green, blue of each pixel, row-major.</param>
    /// <param name="width">Pixels in a row, at least 1.</param>
    /// <param name="height">Rows, at least 1.</param>
    /// <param name="saliency">Receives width times height values, row-major.</param>
    public void PredictSaliency(ReadOnlySpan<byte> rgb, int width, int height, Span<float> saliency) =>
        Run(rgb, width, height, saliency, ResultKind.Saliency, 1);

    /// <summary>The logits.</summary>
    /// <param name="image">The image.</param>
    /// <param name="logits">Receives classes times height times width values in this order (C, H, W).</param>
    /// <exception cref="ArgumentException">The span has another length.</exception>
    public void PredictLogits(RgbImage image, Span<float> logits) => PredictLogits(image.Pixels, image.Width, image.Height, logits);

    /// <inheritdoc cref="PredictLogits(RgbImage, Span{float})"/>
    /// <param name="rgb">Red, green, blue of each pixel, row-major.</param>
    /// <param name="width">Pixels in a row, at least 1.</param>
    /// <param name="height">Rows, at least 1.</param>
    /// <param name="logits">Receives classes times height times width values in this order (C, H, W).</param>
    public void PredictLogits(ReadOnlySpan<byte> rgb, int width, int height, Span<float> logits) =>
        Run(rgb, width, height, logits, ResultKind.Logits, Classes);

    /// <summary>
    /// Measures where the time goes on one thread: for each step of the plan, in order, the shortest time of several runs. The sum is a
    /// little less than the time of a whole run.
    /// </summary>
    /// <param name="image">The image.</param>
    /// <param name="runs">How often the network is run, at least 1.</param>
    public IReadOnlyList<StepTiming> Profile(RgbImage image, int runs = 20)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(runs, 1);
        byte[] labels = new byte[checked(image.Width * image.Height)];
        StepTiming[] timings = [];
        Run(image.Pixels, image.Width, image.Height, labels.AsSpan(), ResultKind.Labels, 1, (plan, state) =>
        {
            long[] ticks = new long[plan.Steps.Count];
            Array.Fill(ticks, long.MaxValue);
            for (int i = 0; i < runs; i++)
            {
                plan.Run(state, ticks);
            }

            timings = [.. plan.Steps.Select((step, i) => new StepTiming(
                step.Name, step.GetType().Name, Stopwatch.GetElapsedTime(0, ticks[i]).TotalMilliseconds, step.Macs, step.Bytes))];
        });
        return timings;
    }

    /// <summary>
    /// Every node's output for an image, of a network that was compiled with <see cref="InferenceOptions.KeepsNodeOutputs"/>; to find where
    /// two executions differ.
    /// </summary>
    /// <param name="rgb">Red, green, blue of each pixel, row-major.</param>
    /// <param name="width">Pixels in a row, at least 1.</param>
    /// <param name="height">Rows, at least 1.</param>
    /// <returns>The outputs in the order of the graph's nodes, of the padded size.</returns>
    /// <exception cref="InvalidOperationException">The network does not keep its nodes' outputs.</exception>
    public FeatureMap[] NodeOutputs(ReadOnlySpan<byte> rgb, int width, int height)
    {
        if (!_options.KeepsNodeOutputs)
        {
            throw new InvalidOperationException(
                $"The network keeps no node's output; compile it with {nameof(InferenceOptions)}.{nameof(InferenceOptions.KeepsNodeOutputs)}.");
        }

        float[] logits = new float[checked(Classes * width * height)];
        FeatureMap[] outputs = new FeatureMap[Graph.Nodes.Length];
        Run(rgb, width, height, logits.AsSpan(), ResultKind.Logits, Classes, (plan, state) =>
        {
            for (int i = 0; i < outputs.Length; i++)
            {
                outputs[i] = plan.Output(state, i);
            }
        });
        return outputs;
    }

    /// <summary>Does the work of the first image of a size before that image is there: lays out the plan by which all images of the size are executed.</summary>
    /// <param name="width">Pixels in a row, at least 1.</param>
    /// <param name="height">Rows, at least 1.</param>
    /// <returns>The memory that an image of this size takes.</returns>
    /// <example><code>network.Prepare(1280, 720);</code></example>
    public InferenceMemory Prepare(int width, int height)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(height, 1);
        InferencePlan plan = Plan(width, height);
        return new(plan.ArenaBytes, plan.ScratchBytes, _weights.Bytes);
    }

    internal InferencePlan Plan(int width, int height)
    {
        (int, int) padded = (Padded(height), Padded(width));
        return _plans.Get(padded, this, static (size, network) =>
            PlanBuilder.Build(network.Graph, network._fusion, network._weights, size.Height, size.Width, network._options));
    }

    private void CheckLabelsFit()
    {
        if (Classes > 256)
        {
            throw new InvalidOperationException($"The network has {Classes} classes, and a byte holds 256; take scores or logits instead.");
        }
    }

    private int Padded(int side) => (int)(((long)side + _alignment - 1) / _alignment * _alignment);

    internal int CachedPlans => _plans.Count;

    /// <summary>Bytes of working memory that are kept for the next images.</summary>
    internal long CachedBytes => _plans.KeptBytes;

    private void Run<T>(
        ReadOnlySpan<byte> rgb, int width, int height, Span<T> result, ResultKind kind, int channels,
        Action<InferencePlan, RunState>? inspect = null, byte* labels = null)
        where T : unmanaged
    {
        ImageSize.CheckLength(width, height, 3, rgb.Length, nameof(rgb));
        if (result.Length != (long)width * height * channels)
        {
            throw new ArgumentException(
                $"The result of a {width}x{height} image has {(long)width * height * channels} values ({channels} a pixel), and there is room for {result.Length}.",
                nameof(result));
        }

        InferencePlan plan = Plan(width, height);
        RunState state = plan.Rent();
        fixed (byte* image = rgb)
        fixed (T* target = result)
        {
            state.Image = image;
            state.Result = target;
            state.Labels = labels;
            (state.ImageWidth, state.ImageHeight, state.Kind) = (width, height, kind);
            plan.Run(state, _team);
            inspect?.Invoke(plan, state);
        }

        _plans.Return(plan, state);
    }

    /// <summary>
    /// Gives back the memory and ends the threads that this network holds. Calls that are under way finish; later ones throw <see cref="ObjectDisposedException"/>.
    /// </summary>
    public void Dispose()
    {
        _plans.Close();
        _team?.Dispose();
    }
}
