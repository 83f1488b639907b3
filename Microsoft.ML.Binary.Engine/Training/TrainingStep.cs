using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Training.Losses;

namespace Microsoft.ML.Binary.Training;

/// <summary>
/// A network under training on batches of one size, for training loops of one's own: forward, cross-entropy over the classes, backward,
/// AdamW. <see cref="DenseTrainer"/> is made of the same parts and adds data, schedule, other losses, validation and checkpoints. Not
/// thread-safe.
/// </summary>
/// <example>
/// <code>
/// TrainingStep step = new(DenseNetworkBuilder.Build(NetworkConfiguration.For(NetworkPreset.Tiny, 2)), batchSize: 8, height: 128, width: 128);
/// foreach (TrainingSample[] batch in samples.Chunk(8).Where(batch => batch.Length == 8))      // of 128x128
/// {
///     for (int i = 0; i &lt; batch.Length; i++)
///     {
///         for (int p = 0; p &lt; 3 * 128 * 128; p++)
///         {
///             step.Images[(3 * 128 * 128 * i) + (p % 3 * 128 * 128) + (p / 3)] = batch[i].Image.Pixels[p];      // channel by channel
///         }
///
///         batch[i].Mask.CopyTo(step.Labels[(128 * 128 * i)..]);
///     }
///
///     double loss = step.Run(learningRate: 2e-3);
/// }
///
/// new DenseNetwork(step.Graph, DenseTask.Segmentation, ["background", "cell"]).Freeze().Save("cells.network");
/// </code>
/// </example>
public sealed class TrainingStep
{
    private readonly TrainingNetwork _network;
    private readonly CrossEntropy _loss;
    private readonly AdamW _optimizer;
    private readonly byte[] _labels;
    private int _steps;

    /// <summary>Prepares to train a copy of a graph.</summary>
    /// <param name="graph">A trainable graph with two classes or more.</param>
    /// <param name="batchSize">Images of a batch, at least 1.</param>
    /// <param name="height">Rows of an image, a multiple of <see cref="DenseGraph.Alignment"/>.</param>
    /// <param name="width">Columns of an image, a multiple of <see cref="DenseGraph.Alignment"/>.</param>
    /// <param name="threads">Threads that share the work; 0 takes every core. Results do not depend on it.</param>
    /// <param name="weightDecay">Decoupled weight decay, at least 0; latent one-bit weights are clipped instead.</param>
    /// <param name="ignoreLabel">Pixels with this label take no part in the loss.</param>
    /// <exception cref="GraphException">The graph has a node that cannot be trained (a frozen one, for example, or a <see cref="Bottleneck"/>).</exception>
    /// <exception cref="ArgumentException">A size or number is out of range, or a batch would be too large.</exception>
    public TrainingStep(
        DenseGraph graph, int batchSize, int height, int width, int threads = 0, float weightDecay = 1e-2f, byte ignoreLabel = 255)
    {
        ArgumentNullException.ThrowIfNull(graph);
        ArgumentOutOfRangeException.ThrowIfLessThan(batchSize, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(height, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(threads);
        ArgumentOutOfRangeException.ThrowIfNegative(weightDecay);
        if (graph.PaddedSize(height, width) != (height, width))
        {
            throw new ArgumentException($"The images are {width}x{height}; their sides must be multiples of {graph.Alignment}.");
        }

        if (graph.LogitChannels < 2)
        {
            throw new ArgumentException($"The network has {graph.LogitChannels} logits; cross-entropy needs two classes or more.", nameof(graph));
        }

        if (graph.Nodes.FirstOrDefault(node => node is Bottleneck) is { } bottleneck)
        {
            throw new GraphException(bottleneck.Name, $"a bottleneck draws noise, which {nameof(DenseTrainer)} alone gives it");
        }

        _network = new(graph.Copy(), batchSize, height, width, threads == 0 ? Environment.ProcessorCount : threads);
        _loss = new([.. Enumerable.Repeat(1f, graph.LogitChannels)], ignoreLabel);
        _optimizer = new(_network.Trained, _network.Gradients, weightDecay);
        _labels = new byte[batchSize * height * width];
    }

    /// <summary>The graph that is trained; each step changes its parameters.</summary>
    public DenseGraph Graph => _network.Graph;

    /// <summary>The batch: [image, channel (red, green, blue), row, column], values 0..255.</summary>
    public Span<float> Images => _network.Image.Data;

    /// <summary>The classes of its pixels: [image, row, column].</summary>
    public Span<byte> Labels => _labels;

    /// <summary>What the last forward pass computed: [image, class, row, column].</summary>
    public ReadOnlySpan<float> Logits => _network.Logits.Data;

    /// <summary>
    /// Called after each part of a step, for profiles: with the type of the node, <c>loss</c> or <c>optimizer</c>, and with true on the way
    /// forward, false on the way back.
    /// </summary>
    public Action<string, bool>? PartDone { get; set; }

    /// <summary>Does one step with the present images and labels.</summary>
    /// <param name="learningRate">The step length.</param>
    /// <returns>The mean cross-entropy of the batch before the step.</returns>
    public double Run(double learningRate)
    {
        Forward(usesBatchStatistics: true);
        double loss = _loss.Run(_network.Pass, _network.Logits, _labels);
        PartDone?.Invoke("loss", true);
        _network.Backward();
        _optimizer.Step(_network.Pass, ++_steps, learningRate);
        PartDone?.Invoke("optimizer", false);
        return loss;
    }

    /// <summary>Computes <see cref="Logits"/> of the present images as the network would in use, with running statistics; changes nothing else.</summary>
    public void Forward() => Forward(usesBatchStatistics: false);

    private void Forward(bool usesBatchStatistics)
    {
        _network.OperationDone = PartDone is { } done ? (node, forward) => done(node.GetType().Name, forward) : null;
        _network.Forward(usesBatchStatistics);
    }
}
