using System.Collections.Concurrent;
using System.Collections.Immutable;
using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Imaging;
using Microsoft.ML.Binary.Inference.Compilation;
using Microsoft.ML.Binary.Inference.Steps;
using Microsoft.ML.Binary.Inference.Views;

namespace Microsoft.ML.Binary.Inference;

/// <summary>
/// A network ready to be applied to images of any size. Threads may share one instance. Results do not depend on the instruction set or
/// the number of threads: those of a binary network are the same to the last bit everywhere. An image is brought to the size that the network
/// works at (<see cref="DenseNetwork.WorkingSize"/>, unless <see cref="InferenceOptions.Views"/> says otherwise) and to its
/// <see cref="DenseNetwork.Exposure"/>, padded inside to what the
/// network needs, by repeating the last row and column, and the logits are brought back: results have the image's own size.
/// </summary>
/// <example>
/// <code>
/// using CompiledNetwork compiled = CompiledNetwork.Compile(DenseNetwork.Load("road.mlbn"), new() { Threads = 2 });
/// byte[] labels = new byte[image.Width * image.Height];
/// compiled.PredictLabels(image, labels);                                  // threads may share it
/// </code>
/// </example>
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

    private CompiledNetwork(DenseGraph graph, ImmutableArray<TaskHead> heads, WorkingSize workingSize, ImageExposure exposure, InferenceOptions options)
    {
        _outputs = heads.IsEmpty ? [DenseGraph.LogitsOutput] : [.. heads.Select(DenseNetwork.OutputName)];
        Heads = heads;
        OutputChannels = [.. _outputs.Select(name => graph.Types[graph.Output(name)].Channels)];
        (Graph, WorkingSize, Exposure, _options) = (graph, workingSize, exposure, options);
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

    /// <summary>How bright images are made before the network sees them: as in training.</summary>
    public ImageExposure Exposure { get; }

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
    /// <exception cref="ImageTooLargeException">Even the smallest image takes more memory than it may.</exception>
    /// <exception cref="ArgumentException">An option is out of range.</exception>
    public static CompiledNetwork Compile(DenseNetwork network, InferenceOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(network);
        return Compile(network.Graph, network.Heads, network.WorkingSize, network.Exposure, options ?? new InferenceOptions());
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
        return Compile(graph, [], WorkingSize.Own, ImageExposure.AsIs, options ?? new InferenceOptions());
    }

    private static CompiledNetwork Compile(DenseGraph graph, ImmutableArray<TaskHead> heads, WorkingSize workingSize, ImageExposure exposure, InferenceOptions options)
    {
        options.Validate();
        return new CompiledNetwork(Freezing.Freeze(graph), heads, workingSize, exposure, options);
    }

    /// <summary>Does the work of the first image of a size before that image is there: lays out the plans by which all images of the size are executed.</summary>
    /// <param name="width">Pixels in a row, at least 1.</param>
    /// <param name="height">Rows, at least 1.</param>
    /// <returns>The memory that an image of this size takes; results come on top.</returns>
    /// <exception cref="ImageTooLargeException">A plan for the image takes more memory than it may.</exception>
    /// <example><code>InferenceMemory memory = compiled.Prepare(1280, 720);</code></example>
    public InferenceMemory Prepare(int width, int height)
    {
        IReadOnlyList<ImageView> views = Views(width, height);
        (long maps, long scratch) = IsSeenInTiles(width, height) ? (TileBytes(width, height, 3), 0) : ViewRun.OwnMemory(this, new(width, height, width, height), views, _options.ThreadCount);

        // A run takes memory for each view, also where two have one plan.
        foreach (InferencePlan plan in views.Select(SeenAtOnce).Select(seen => Plan(seen.Width, seen.Height)))
        {
            maps += plan.StateBytes - plan.ScratchBytes;
            scratch += plan.ScratchBytes;
        }

        return new(maps, scratch, _fused.Values.Sum(fused => fused.WeightBytes));
    }

    /// <summary>The views of an image, in the order in which their logits are added up.</summary>
    /// <param name="width">The image's width, at least 1.</param>
    /// <param name="height">The image's height, at least 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">A side is below 1.</exception>
    public IReadOnlyList<ImageView> Views(int width, int height)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(height, 1);
        return ImageView.Of(_views, WorkingSize, width, height);
    }

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

    // What the logits of a graph mean is not known.
    private void CheckHasClasses()
    {
        if (!Heads.IsEmpty && Heads[0] is { Task.HasClasses: false } head)
        {
            throw new ArgumentException($"'{head.Name}' is a head for {head.Task.Name}, which has no classes: take {nameof(PredictSaliency)} or {nameof(PredictLogits)}.");
        }
    }

    private void CheckLabelsFit()
    {
        if (LogitChannels > 256)
        {
            throw new InvalidOperationException($"The network has {LogitChannels} classes, and a byte holds 256; take scores or logits instead.");
        }
    }

    internal void Return(InferencePlan plan, RunState state)
    {
        _plans.Return(plan, state);
        TrimViewRuns();
    }

    private void Return(ViewRun run)
    {
        _viewRuns.Return(run);
        TrimViewRuns();
    }

    // The memory of plans comes first: it is the larger part.
    private void TrimViewRuns() => _viewRuns.Trim(_options.PlanCacheBytes - _plans.KeptBytes);

    private int Padded(int side) => (int)(((long)side + _alignment - 1) / _alignment * _alignment);

    internal int CachedPlans => _plans.Count;

    /// <summary>Bytes of working memory that are kept for the next images.</summary>
    internal long CachedBytes => _plans.KeptBytes + _viewRuns.KeptBytes;

    /// <exception cref="ArgumentException">A result of that size has no pixel.</exception>
    private static ViewRunSize SizeOf(RgbImage image, (int Width, int Height)? size)
    {
        ArgumentNullException.ThrowIfNull(image);
        return size is { Width: < 1 } or { Height: < 1 }
            ? throw new ArgumentException($"The size of the result is {size.Value.Width}x{size.Value.Height}; both sides must be at least 1.", nameof(size))
            : new(image.Width, image.Height, size?.Width ?? image.Width, size?.Height ?? image.Height);
    }

    private void Run<T>(
        RgbImage image, ViewRunSize size, Span<T> result, ResultKind kind, int channels,
        Action<IReadOnlyList<(PlanStep Step, RunState State)>>? inspect = null, byte* labels = null,
        CancellationToken cancellationToken = default)
        where T : unmanaged
    {
        CheckRoom(size, channels, result.Length, nameof(result));
        fixed (byte* pixels = image.Pixels)
        fixed (T* target = result)
        {
            Span<ResultTarget> targets = stackalloc ResultTarget[OutputChannels.Length];
            targets.Clear();
            targets[0] = new() { Values = target, Kind = kind, Labels = labels };
            Run(pixels, size, targets, inspect, cancellationToken);
        }
    }

    private void Run(
        byte* image, ViewRunSize size, ReadOnlySpan<ResultTarget> targets, Action<IReadOnlyList<(PlanStep Step, RunState State)>>? inspect,
        CancellationToken cancellationToken)
    {
        ExposureCurve? exposure = CurveFor(image, size);
        if (TryRunInTiles(image, size, exposure, targets, inspect, cancellationToken))
        {
            return;
        }

        if (IsLookedAtAsItIs(size) && Exposure.IsAsIs)
        {
            RunTile(Plan(size.Width, size.Height), image, size.Width, size.Height, targets, inspect, cancellationToken);
            return;
        }

        ViewRun run = TakeViewRun(size);
        try
        {
            run.Run(image, exposure, targets, _team, inspect, cancellationToken);
        }
        finally
        {
            Return(run);
        }
    }

    private ExposureCurve? CurveFor(byte* image, ViewRunSize size) =>
        Exposure.IsAsIs ? null : ExposureCurve.For(new(image, checked(3 * size.ImageWidth * size.ImageHeight)), size.ImageWidth, size.ImageHeight, Exposure.Mean);

    private ViewRun TakeViewRun(ViewRunSize size) => _viewRuns.Take(size) is { } free && free.IsCurrent
        ? free
        : new(this, size, [.. Views(size.Width, size.Height)], _options.ThreadCount, _options.MaxRunBytes);

    /// <summary>Runs the network on an image, or on a part of one, as it is.</summary>
    internal void RunTile(
        InferencePlan plan, byte* image, int width, int height, ReadOnlySpan<ResultTarget> targets, Action<IReadOnlyList<(PlanStep Step, RunState State)>>? inspect,
        CancellationToken cancellationToken)
    {
        RunState state = plan.Rent();
        state.CancelBy(cancellationToken, (long)width * height);
        try
        {
            RunAsIs(plan, state, image, width, height, targets);
            inspect?.Invoke(plan.StepsWith(state));
        }
        finally
        {
            Return(plan, state);
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
        if (length != (long)size.Width * size.Height * channels)
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
    /// Gives back the memory and ends the threads that this network holds. Calls that are under way finish, and so do images whose rows arrive one by one
    /// (<see cref="BeginRows"/>); later calls throw <see cref="ObjectDisposedException"/>.
    /// </summary>
    public void Dispose()
    {
        _plans.Close();
        _viewRuns.Close();
        _team?.Dispose();
    }
}
