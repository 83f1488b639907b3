using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Diagnostics;
using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Imaging;
using Microsoft.ML.Binary.Inference.Compilation;
using Microsoft.ML.Binary.Inference.Steps;
using Microsoft.ML.Binary.Inference.Views;

namespace Microsoft.ML.Binary.Inference;

/// <summary>
/// A network ready to be applied to images of any size. Threads may share one instance. Results do not depend on the instruction set or
/// the number of threads: those of a binary network are the same to the last bit everywhere. An image is brought to the size that the network
/// works at (<see cref="DenseNetwork.WorkingSize"/>, unless <see cref="InferenceOptions.Views"/> says otherwise), padded inside to what the
/// network needs, by repeating the last row and column, and the logits are brought back: results have the image's own size.
/// </summary>
public sealed unsafe partial class CompiledNetwork : IDisposable
{
    // By the reduction of attention, which may follow from the size of the image.
    private readonly ConcurrentDictionary<int, FusedGraph> _fused = new();
    private readonly string[] _outputs;
    private readonly InferenceOptions _options;
    private readonly PlanCache _plans;
    private readonly WorkerTeam? _team;
    private readonly ViewOptions _views;
    private readonly ViewRunPool _viewRuns = new(capacity: Math.Max(4, Environment.ProcessorCount));
    private readonly int _alignment;

    private CompiledNetwork(DenseGraph graph, ImmutableArray<TaskHead> heads, WorkingSize workingSize, InferenceOptions options)
    {
        _outputs = heads.IsEmpty ? [DenseGraph.LogitsOutput] : [.. heads.Select(DenseNetwork.OutputName)];
        Heads = heads;
        OutputChannels = [.. _outputs.Select(name => graph.Types[graph.Output(name)].Channels)];
        (Graph, WorkingSize, _options) = (graph, workingSize, options);
        _views = options.Views ?? ViewOptions.AsTrained;
        _alignment = graph.Alignment;
        CheckTiles();
        _plans = new PlanCache(options.PlanCacheSize * (options.Views?.Scales.Length ?? 1), options.PlanCacheBytes);
        _team = options.ThreadCount > 1 ? new WorkerTeam(options.ThreadCount) : null;
        if (graph.Types[graph.Logits].Stride != 1 || graph.Types[graph.Logits].Reduction != 1)
        {
            throw new GraphException(graph.Nodes[graph.Logits].Name, $"logits must have the image's size, and these are {graph.Types[graph.Logits]}");
        }

        // The smallest plan of all tells whether any image fits.
        PlanBuilder.Build(Fused(_alignment, _alignment), _alignment, _alignment, options);
    }

    /// <summary>The frozen graph, with attention reduced as it was trained.</summary>
    public DenseGraph Graph { get; }

    /// <summary>The tasks that <see cref="PredictTasks"/> has results of; none where a graph was compiled that is no network.</summary>
    public ImmutableArray<TaskHead> Heads { get; }

    /// <summary>Channels of the logits of each output.</summary>
    internal ImmutableArray<int> OutputChannels { get; }

    /// <summary>The size that the network was trained at; <see cref="WorkingSize.Own"/> if it is not known.</summary>
    public WorkingSize WorkingSize { get; }

    /// <summary>
    /// The longest side, in pixels, of the largest view of any image: an image file may be decoded smaller than it is as long as its longest side
    /// does not fall below. 0 where images are looked at as they are.
    /// </summary>
    public int NeededLongestSide => (_views.Size ?? WorkingSize) is { IsOwn: false } size
        ? (int)Math.Ceiling(size.LongestSide * _views.Scales.Max())
        : 0;

    /// <summary>Channels of the logits: classes for segmentation, 1 for saliency.</summary>
    public int LogitChannels => Graph.LogitChannels;

    /// <summary>Compiles a network; one that is not frozen yet is frozen first.</summary>
    /// <param name="network">The network, with the size that it works at.</param>
    /// <param name="options">Threads, memory and views; none for the defaults.</param>
    /// <exception cref="GraphException">A parameter is not finite, or there is no compiled form of a node.</exception>
    /// <exception cref="ArgumentException">An option is out of range.</exception>
    public static CompiledNetwork Compile(DenseNetwork network, InferenceOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(network);
        return Compile(network.Graph, network.Heads, network.WorkingSize, options ?? new InferenceOptions());
    }

    /// <summary>Compiles a graph, whose working size is not known: images are taken as they are unless the options say otherwise.</summary>
    /// <param name="graph">The graph; one that is not frozen yet is frozen first.</param>
    /// <param name="options">Threads, memory and views; none for the defaults.</param>
    /// <exception cref="GraphException">A parameter is not finite, or there is no compiled form of a node.</exception>
    /// <exception cref="ImageTooLargeException">Even the smallest image takes more memory than it may.</exception>
    /// <exception cref="ArgumentException">An option is out of range.</exception>
    public static CompiledNetwork Compile(DenseGraph graph, InferenceOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(graph);
        return Compile(graph, [], WorkingSize.Own, options ?? new InferenceOptions());
    }

    private static CompiledNetwork Compile(DenseGraph graph, ImmutableArray<TaskHead> heads, WorkingSize workingSize, InferenceOptions options)
    {
        options.Validate();
        return new CompiledNetwork(Freezing.Freeze(graph), heads, workingSize, options);
    }

    /// <summary>The class with the highest logit for each pixel; of equal ones the lowest class.</summary>
    /// <param name="image">The image.</param>
    /// <param name="labels">Receives width times height class indices, row-major.</param>
    /// <param name="size">
    /// The size of the result, for an image that was decoded smaller than it is (see <see cref="NeededLongestSide"/>); null takes the image's.
    /// </param>
    /// <param name="cancellationToken">Ends the run within milliseconds, also on a large image.</param>
    /// <exception cref="ArgumentException">The span has another length.</exception>
    public void PredictLabels(RgbImage image, Span<byte> labels, (int Width, int Height)? size = null, CancellationToken cancellationToken = default)
    {
        CheckLabelsFit();
        Run(image.Pixels, SizeOf(image, size), labels, ResultKind.Labels, 1, cancellationToken: cancellationToken);
    }

    /// <summary>The class with the highest logit for each pixel; of equal ones the lowest class.</summary>
    /// <param name="rgb">Red, green, blue of each pixel, row-major.</param>
    /// <param name="width">Pixels in a row, at least 1.</param>
    /// <param name="height">Rows, at least 1.</param>
    /// <param name="labels">Receives width times height class indices, row-major.</param>
    public void PredictLabels(ReadOnlySpan<byte> rgb, int width, int height, Span<byte> labels)
    {
        CheckLabelsFit();
        Run(rgb, new(width, height, width, height), labels, ResultKind.Labels, 1);
    }

    /// <summary>The probability of each class for each pixel: softmax over the logits.</summary>
    /// <param name="image">The image.</param>
    /// <param name="scores">Receives height times width times classes values in this order (H, W, C).</param>
    /// <param name="size">The size of the result, as for <see cref="PredictLabels(RgbImage, Span{byte}, ValueTuple{int, int}?, CancellationToken)"/>.</param>
    /// <param name="cancellationToken">Ends the run within milliseconds, also on a large image.</param>
    /// <exception cref="ArgumentException">The span has another length.</exception>
    public void PredictScores(RgbImage image, Span<float> scores, (int Width, int Height)? size = null, CancellationToken cancellationToken = default) =>
        Run(image.Pixels, SizeOf(image, size), scores, ResultKind.Scores, LogitChannels, cancellationToken: cancellationToken);

    /// <summary>The probability of each class for each pixel: softmax over the logits.</summary>
    /// <param name="rgb">Red, green, blue of each pixel, row-major.</param>
    /// <param name="width">Pixels in a row, at least 1.</param>
    /// <param name="height">Rows, at least 1.</param>
    /// <param name="scores">Receives height times width times classes values in this order (H, W, C).</param>
    public void PredictScores(ReadOnlySpan<byte> rgb, int width, int height, Span<float> scores) =>
        Run(rgb, new(width, height, width, height), scores, ResultKind.Scores, LogitChannels);

    /// <summary>
    /// What <see cref="PredictLabels(RgbImage, Span{byte}, ValueTuple{int, int}?, CancellationToken)"/> and
    /// <see cref="PredictScores(RgbImage, Span{float}, ValueTuple{int, int}?, CancellationToken)"/> give, in one run.
    /// </summary>
    /// <param name="image">The image.</param>
    /// <param name="labels">Receives width times height class indices, row-major.</param>
    /// <param name="scores">Receives height times width times classes values in this order (H, W, C).</param>
    /// <param name="size">The size of the result, as for <see cref="PredictLabels(RgbImage, Span{byte}, ValueTuple{int, int}?, CancellationToken)"/>.</param>
    /// <param name="cancellationToken">Ends the run within milliseconds, also on a large image.</param>
    /// <exception cref="ArgumentException">A span has another length.</exception>
    public void PredictLabelsAndScores(RgbImage image, Span<byte> labels, Span<float> scores, (int Width, int Height)? size = null, CancellationToken cancellationToken = default)
    {
        CheckLabelsFit();
        ViewRunSize sizes = SizeOf(image, size);
        ImageSize.CheckLength(sizes.Width, sizes.Height, 1, labels.Length, nameof(labels));
        fixed (byte* target = labels)
        {
            Run(image.Pixels, sizes, scores, ResultKind.Scores, LogitChannels, labels: target, cancellationToken: cancellationToken);
        }
    }

    /// <summary>Saliency of each pixel, 0..1: the logistic function of the (first) logit.</summary>
    /// <param name="image">The image.</param>
    /// <param name="saliency">Receives width times height values, row-major.</param>
    /// <param name="size">The size of the result, as for <see cref="PredictLabels(RgbImage, Span{byte}, ValueTuple{int, int}?, CancellationToken)"/>.</param>
    /// <param name="cancellationToken">Ends the run within milliseconds, also on a large image.</param>
    /// <exception cref="ArgumentException">The span has another length.</exception>
    public void PredictSaliency(RgbImage image, Span<float> saliency, (int Width, int Height)? size = null, CancellationToken cancellationToken = default) =>
        Run(image.Pixels, SizeOf(image, size), saliency, ResultKind.Saliency, 1, cancellationToken: cancellationToken);

    /// <summary>Saliency of each pixel, 0..1: the logistic function of the (first) logit.</summary>
    /// <param name="rgb">Red, green, blue of each pixel, row-major.</param>
    /// <param name="width">Pixels in a row, at least 1.</param>
    /// <param name="height">Rows, at least 1.</param>
    /// <param name="saliency">Receives width times height values, row-major.</param>
    public void PredictSaliency(ReadOnlySpan<byte> rgb, int width, int height, Span<float> saliency) =>
        Run(rgb, new(width, height, width, height), saliency, ResultKind.Saliency, 1);

    /// <summary>
    /// Saliency as the gray values of its mask: those of <see cref="SaliencyMask.FromProbabilities"/>, for a quarter of the memory.
    /// </summary>
    /// <param name="image">The image.</param>
    /// <param name="gray">Receives width times height values, row-major.</param>
    /// <param name="size">The size of the result, as for <see cref="PredictLabels(RgbImage, Span{byte}, ValueTuple{int, int}?, CancellationToken)"/>.</param>
    /// <param name="cancellationToken">Ends the run within milliseconds, also on a large image.</param>
    /// <exception cref="ArgumentException">The span has another length.</exception>
    /// <exception cref="InvalidDataException">A value is not a number.</exception>
    public void PredictSaliency(RgbImage image, Span<byte> gray, (int Width, int Height)? size = null, CancellationToken cancellationToken = default) =>
        Run(image.Pixels, SizeOf(image, size), gray, ResultKind.GraySaliency, 1, cancellationToken: cancellationToken);

    /// <summary>The logits; of several views their mean.</summary>
    /// <param name="image">The image.</param>
    /// <param name="logits">Receives classes times height times width values in this order (C, H, W).</param>
    /// <param name="size">The size of the result, as for <see cref="PredictLabels(RgbImage, Span{byte}, ValueTuple{int, int}?, CancellationToken)"/>.</param>
    /// <param name="cancellationToken">Ends the run within milliseconds, also on a large image.</param>
    /// <exception cref="ArgumentException">The span has another length.</exception>
    public void PredictLogits(RgbImage image, Span<float> logits, (int Width, int Height)? size = null, CancellationToken cancellationToken = default) =>
        Run(image.Pixels, SizeOf(image, size), logits, ResultKind.Logits, LogitChannels, cancellationToken: cancellationToken);

    /// <summary>The logits; of several views their mean.</summary>
    /// <param name="rgb">Red, green, blue of each pixel, row-major.</param>
    /// <param name="width">Pixels in a row, at least 1.</param>
    /// <param name="height">Rows, at least 1.</param>
    /// <param name="logits">Receives classes times height times width values in this order (C, H, W).</param>
    public void PredictLogits(ReadOnlySpan<byte> rgb, int width, int height, Span<float> logits) =>
        Run(rgb, new(width, height, width, height), logits, ResultKind.Logits, LogitChannels);

    /// <summary>Results of several tasks in one run: the encoder, and whatever else tasks share, works once.</summary>
    /// <param name="image">The image.</param>
    /// <param name="outputs">Which results, and where they go; each head at most once. Heads that are not asked for put out nothing.</param>
    /// <param name="size">The size of the results, as for <see cref="PredictLabels(RgbImage, Span{byte}, ValueTuple{int, int}?, CancellationToken)"/>.</param>
    /// <param name="cancellationToken">Ends the run within milliseconds, also on a large image.</param>
    /// <exception cref="ArgumentException">There is no such head, it has no such result, or a buffer has another length; the message names it.</exception>
    /// <example>
    /// <code>
    /// network.PredictTasks(image, [TaskOutput.Labels("classes", labels), TaskOutput.Probabilities("edges", edges)]);
    /// </code>
    /// </example>
    public void PredictTasks(RgbImage image, ReadOnlySpan<TaskOutput> outputs, (int Width, int Height)? size = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(image);
        if (outputs.IsEmpty)
        {
            throw new ArgumentException("No result is asked for; name at least one head.", nameof(outputs));
        }

        Span<ResultTarget> targets = stackalloc ResultTarget[OutputChannels.Length];
        targets.Clear();
        fixed (byte* pixels = image.Pixels)
        {
            Run(pixels, SizeOf(image, size), outputs, targets, cancellationToken);
        }
    }

    /// <summary>
    /// Measures where the time goes on one thread: for each step of the plan, in order, the shortest time of several runs. The sum is a
    /// little less than the time of a whole run. Of an image that is seen in tiles, the first tile is measured.
    /// </summary>
    /// <param name="image">The image.</param>
    /// <param name="runs">How often the network is run, at least 1.</param>
    public IReadOnlyList<StepTiming> Profile(RgbImage image, int runs = 20)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(runs, 1);
        byte[] labels = new byte[checked(image.Width * image.Height)];
        StepTiming[] timings = [];
        Run(image.Pixels, SizeOf(image, null), labels.AsSpan(), ResultKind.Labels, 1, steps => timings = Time(steps, runs));
        return timings;
    }

    private static StepTiming[] Time(IReadOnlyList<(PlanStep Step, RunState State)> steps, int runs)
    {
        long[] ticks = new long[steps.Count];
        Array.Fill(ticks, long.MaxValue);
        for (int run = 0; run < runs; run++)
        {
            for (int i = 0; i < ticks.Length; i++)
            {
                long start = Stopwatch.GetTimestamp();
                steps[i].Step.Run(steps[i].State, thread: 0, 0, steps[i].Step.Items);
                ticks[i] = Math.Min(ticks[i], Stopwatch.GetTimestamp() - start);
            }
        }

        return [.. steps.Select((entry, i) => new StepTiming(
            entry.Step.Name, entry.Step.GetType().Name, Stopwatch.GetElapsedTime(0, ticks[i]).TotalMilliseconds, entry.Step.Macs, entry.Step.Bytes))];
    }

    /// <summary>
    /// Every node's output for an image as it is, of a network that was compiled with <see cref="InferenceOptions.KeepsNodeOutputs"/>; to find where
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

        float[] logits = new float[checked(LogitChannels * width * height)];
        InferencePlan plan = Plan(width, height);
        RunState state = plan.Rent();
        state.CancelBy(CancellationToken.None, 0);
        fixed (byte* image = rgb)
        fixed (float* target = logits)
        {
            RunAsIs(plan, state, image, width, height, [new() { Values = target, Kind = ResultKind.Logits }]);
        }

        FeatureMap[] outputs = [.. Enumerable.Range(0, Graph.Nodes.Length).Select(i => plan.Output(state, i))];
        _plans.Return(plan, state);
        return outputs;
    }

    /// <summary>Does the work of the first image of a size before that image is there: lays out the plans by which all images of the size are executed.</summary>
    /// <param name="width">Pixels in a row, at least 1.</param>
    /// <param name="height">Rows, at least 1.</param>
    /// <returns>The memory that an image of this size takes.</returns>
    /// <example><code>network.Prepare(1280, 720);</code></example>
    public InferenceMemory Prepare(int width, int height)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(height, 1);
        InferencePlan[] plans = [.. Views(width, height).Select(SeenAtOnce).Select(seen => Plan(seen.Width, seen.Height)).Distinct()];
        return new(plans.Sum(plan => (long)plan.ArenaBytes), plans.Sum(plan => plan.ScratchBytes), _fused.Values.Sum(fused => fused.WeightBytes));
    }

    /// <summary>The views of an image, in the order in which their logits are added up.</summary>
    /// <param name="width">The image's width, at least 1.</param>
    /// <param name="height">The image's height, at least 1.</param>
    public IReadOnlyList<ImageView> Views(int width, int height) => ImageView.Of(_views, WorkingSize, width, height);

    internal InferencePlan Plan(int width, int height)
    {
        (int, int) padded = (Padded(height), Padded(width));
        return _plans.Get(padded, this, static (size, network) =>
            PlanBuilder.Build(network.Fused(size.Height, size.Width), size.Height, size.Width, network._options));
    }

    private FusedGraph Fused(int height, int width) => _fused.GetOrAdd(
        _views.AttentionReduction.LeastFactor(Graph, height, width),
        static (_, of) => FusedGraph.Compile(of.Network._views.AttentionReduction.In(of.Network.Graph, of.Height, of.Width), of.Network._outputs, of.Network._options),
        (Network: this, Height: height, Width: width));

    private void CheckLabelsFit()
    {
        if (LogitChannels > 256)
        {
            throw new InvalidOperationException($"The network has {LogitChannels} classes, and a byte holds 256; take scores or logits instead.");
        }
    }

    internal void Return(InferencePlan plan, RunState state) => _plans.Return(plan, state);

    private int Padded(int side) => (int)(((long)side + _alignment - 1) / _alignment * _alignment);

    internal int CachedPlans => _plans.Count;

    /// <summary>Bytes of working memory that are kept for the next images.</summary>
    internal long CachedBytes => _plans.KeptBytes;

    private static ViewRunSize SizeOf(RgbImage image, (int Width, int Height)? size) =>
        new(image.Width, image.Height, size?.Width ?? image.Width, size?.Height ?? image.Height);

    private void Run<T>(
        ReadOnlySpan<byte> rgb, ViewRunSize size, Span<T> result, ResultKind kind, int channels,
        Action<IReadOnlyList<(PlanStep Step, RunState State)>>? inspect = null, byte* labels = null,
        CancellationToken cancellationToken = default)
        where T : unmanaged
    {
        ImageSize.CheckLength(size.ImageWidth, size.ImageHeight, 3, rgb.Length, nameof(rgb));
        CheckRoom(size, channels, result.Length, nameof(result));
        fixed (byte* image = rgb)
        fixed (T* target = result)
        {
            Span<ResultTarget> targets = stackalloc ResultTarget[OutputChannels.Length];
            targets.Clear();
            targets[0] = new() { Values = target, Kind = kind, Labels = labels };
            Run(image, size, targets, inspect, cancellationToken);
        }
    }

    private void Run(
        byte* image, ViewRunSize size, ReadOnlySpan<ResultTarget> targets, Action<IReadOnlyList<(PlanStep Step, RunState State)>>? inspect,
        CancellationToken cancellationToken)
    {
        if (IsLookedAtAsItIs(size))
        {
            if (!TryRunInTiles(image, size, targets, inspect, cancellationToken))
            {
                RunTile(image, size.Width, size.Height, targets, inspect, cancellationToken);
            }

            return;
        }

        ViewRun run = _viewRuns.Take(size) is { } free && free.IsCurrent
            ? free
            : new(this, size, [.. Views(size.Width, size.Height)], _options.ThreadCount, _options.MaxRunBytes);
        try
        {
            run.Run(image, targets, _team, inspect, cancellationToken);
        }
        finally
        {
            _viewRuns.Return(run);
        }
    }

    /// <summary>Runs the network on an image, or on a part of one, as it is.</summary>
    internal void RunTile(
        byte* image, int width, int height, ReadOnlySpan<ResultTarget> targets, Action<IReadOnlyList<(PlanStep Step, RunState State)>>? inspect, CancellationToken cancellationToken)
    {
        InferencePlan plan = Plan(width, height);
        RunState state = plan.Rent();
        state.CancelBy(cancellationToken, (long)width * height);
        try
        {
            RunAsIs(plan, state, image, width, height, targets);
            inspect?.Invoke(plan.StepsWith(state));
        }
        finally
        {
            _plans.Return(plan, state);
        }
    }

    // Results may be in any number of buffers, each of which stays where it is while the others are looked for.
    private void Run(byte* image, ViewRunSize size, ReadOnlySpan<TaskOutput> outputs, Span<ResultTarget> targets, CancellationToken cancellationToken)
    {
        if (outputs.IsEmpty)
        {
            Run(image, size, targets, inspect: null, cancellationToken);
            return;
        }

        TaskOutput output = outputs[0];
        int head = IndexOf(output.Head);
        output.CheckFor(Heads[head]);
        if (targets[head].Values is not null)
        {
            throw new ArgumentException($"The result of '{output.Head}' is asked for twice; take scores with labels for both at once.", nameof(outputs));
        }

        int channels = output.Kind is ResultKind.Scores or ResultKind.Logits ? OutputChannels[head] : 1;
        CheckRoom(size, channels, output.IsOfBytes ? output.LabelValues.Length : output.Values.Length, nameof(outputs));
        if (output.Kind == ResultKind.Scores && !output.LabelValues.IsEmpty)
        {
            CheckRoom(size, 1, output.LabelValues.Length, nameof(outputs));
        }

        fixed (byte* labels = output.LabelValues.Span)
        fixed (float* values = output.Values.Span)
        {
            targets[head] = new() { Values = output.IsOfBytes ? labels : values, Kind = output.Kind, Labels = output.Kind == ResultKind.Scores ? labels : null };
            Run(image, size, outputs[1..], targets, cancellationToken);
        }
    }

    private int IndexOf(string name)
    {
        for (int i = 0; i < Heads.Length; i++)
        {
            if (Heads[i].Name.Equals(name, StringComparison.OrdinalIgnoreCase))
            {
                return i;
            }
        }

        throw new ArgumentException(
            Heads.IsEmpty
                ? $"A graph was compiled, which has no heads; compile a {nameof(DenseNetwork)} for results by name."
                : $"The network has no head '{name}'; it has {string.Join(", ", Heads.Select(head => $"'{head.Name}'"))}.",
            nameof(name));
    }

    private static void CheckRoom(ViewRunSize size, int channels, int length, string name)
    {
        if (size.Width < 1 || size.Height < 1 || length != (long)size.Width * size.Height * channels)
        {
            throw new ArgumentException(
                $"The result of a {size.Width}x{size.Height} image has {(long)size.Width * size.Height * channels} values ({channels} a pixel), and there is room for {length}.",
                name);
        }
    }

    private bool IsLookedAtAsItIs(ViewRunSize size)
    {
        return (size.ImageWidth, size.ImageHeight) == (size.Width, size.Height) && _views.Scales is [1] && !_views.Mirrored
            && (_views.Size ?? WorkingSize).Fit(size.Width, size.Height) == (size.Width, size.Height);
    }

    private void RunAsIs(InferencePlan plan, RunState state, byte* image, int width, int height, ReadOnlySpan<ResultTarget> targets)
    {
        state.Image = image;
        targets.CopyTo(state.Targets);
        (state.ImageWidth, state.ImageHeight) = (width, height);
        plan.Run(state, _team);
    }

    /// <summary>
    /// Gives back the memory and ends the threads that this network holds. Calls that are under way finish; later ones throw <see cref="ObjectDisposedException"/>.
    /// </summary>
    public void Dispose()
    {
        _plans.Close();
        _viewRuns.Close();
        _team?.Dispose();
    }
}
