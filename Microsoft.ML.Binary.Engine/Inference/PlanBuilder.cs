using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Inference.Compilation;
using Microsoft.ML.Binary.Inference.Steps;
using Microsoft.ML.Binary.Kernels;

namespace Microsoft.ML.Binary.Inference;

/// <summary>
/// From operations to a plan for one padded image size: layouts and buffers for their maps, how long each is needed, its place in the arena, and a step
/// for each operation.
/// </summary>
internal sealed class PlanBuilder
{
    private readonly FusedGraph _graph;
    private readonly InferenceOptions _options;
    private readonly int _height, _width;
    private readonly Dictionary<Grid, int> _borders = [];
    private readonly Dictionary<Value, PlanBuffer> _buffers = [];

    private PlanBuilder(FusedGraph graph, int height, int width, InferenceOptions options) =>
        (_graph, _height, _width, _options) = (graph, height, width, options);

    /// <summary>Builds a plan.</summary>
    /// <exception cref="ImageTooLargeException">The image is too large for the network.</exception>
    public static InferencePlan Build(FusedGraph graph, int height, int width, InferenceOptions options) =>
        new PlanBuilder(graph, height, width, options).Build();

    private InferencePlan Build()
    {
        FindBorders();
        FusedOperation[] operations = ChainLargeSums();
        for (int i = 0; i < operations.Length; i++)
        {
            Allocate(operations[i], i);
        }

        for (int i = 0; i < _graph.Outputs.Length; i++)
        {
            Use([_graph.Outputs[i].Logits], operations.Length + i);
        }

        if (_options.KeepsNodeOutputs)
        {
            Use(_buffers.Keys, int.MaxValue);
        }

        for (int i = 0; i < operations.Length; i++)
        {
            StoreInPlace(operations[i], i);
        }

        int arenaBytes = ArenaPlanner.Assign(_buffers.Values, Math.Min(PlanLimits.MaxArrayBytes, _options.MaxRunBytes));
        PlanStep[] maps = [.. operations.Select(Step)];
        ResultStep[] results = [.. _graph.Outputs.Select(ResultOf)];
        long scratchBytes = maps.Concat(results).Max(step => step.ScratchBytes);
        PlanLimits.Check(scratchBytes, PlanLimits.MaxArrayBytes);
        PlanLimits.Check(arenaBytes + _options.ThreadCount * scratchBytes, _options.MaxRunBytes);
        return new InferencePlan(maps, results, _options.Kernels, arenaBytes, _options.ThreadCount, [.. _graph.NodeMaps.Select(View)]);
    }

    // Maps of one size share one layout, so that a pixel has the same place in all of them.
    private void FindBorders()
    {
        foreach (FusedOperation operation in _graph.Operations)
        {
            if (operation.Root is Convolve root)
            {
                Grid grid = GridOf(root.Source.Type);
                _borders[grid] = Math.Max(_borders.GetValueOrDefault(grid), root.Border);
            }
        }
    }

    private PlaneLayout Layout(FeatureType type)
    {
        Grid grid = GridOf(type);
        return PlanLimits.Layout(grid.Height, grid.Width, _borders.GetValueOrDefault(grid));
    }

    private Grid GridOf(FeatureType type)
    {
        (int height, int width) = type.SizeAt(_height, _width);
        return new(height, width);
    }

    /// <summary>The size of a map.</summary>
    private sealed record Grid(int Height, int Width);

    /// <summary>
    /// Binary convolutions whose results are added up follow each other in one pass if the sum is large; a smaller one stays in some cache, and strips
    /// of tiles lose less at their edges than strips of rows.
    /// </summary>
    private FusedOperation[] ChainLargeSums()
    {
        List<FusedOperation> chained = [];
        foreach (FusedOperation operation in _graph.Operations)
        {
            bool follows = operation is { Root: ConvolveSigns, Addends: [var first, ..] } && chained is [.., var last]
                && last is { Root: ConvolveSigns, Signs.IsEmpty: true } && last.Real == first
                && (long)operation.Type.Channels * Layout(operation.Type).Length * sizeof(float) > _options.LargeMapBytes && IsReadOnce(first);
            if (follows)
            {
                chained[^1] = operation with { Before = chained[^1] with { Real = null }, Addends = operation.Addends[1..] };
            }
            else
            {
                chained.Add(operation);
            }
        }

        return [.. chained];
    }

    private bool IsReadOnce(Map map) =>
        _graph.Operations.SelectMany(operation => operation.Reads.Concat(operation.PixelReads)).Concat(_graph.Outputs.Select(output => output.Logits))
            .SelectMany(value => value.Owners).Count(value => value == map) == 1;

    private void Allocate(FusedOperation operation, int step)
    {
        Use(operation.Reads.Concat(operation.PixelReads), step);
        foreach (Value value in operation.Writes)
        {
            _buffers.Add(value, BufferFor(value, step));
        }

        if (operation.Root is Convolve { Border: > 0 } root)
        {
            foreach (Value value in root.Source.Owners)
            {
                _buffers[value].HasBorder = true;
            }
        }
    }

    private PlanBuffer BufferFor(Value value, int step)
    {
        return value switch
        {
            Map map => Buffer(Layout(map.Type), map.Planes, map.Type.IsReal ? sizeof(float) : sizeof(byte)),
            ChannelVector vector => Buffer(PlanLimits.Row(vector.Channels), 1, sizeof(float)),
            AttentionWeights { AreKeys: true } keys => Buffer(
                PlanLimits.Row(Shape(keys.Inputs).AllKeyWeights), 1, keys.Inputs.Keys.Type.IsSign ? sizeof(byte) : sizeof(float)),
            AttentionWeights values => Buffer(PlanLimits.Row(Shape(values.Inputs).AllValueWeights), 1, sizeof(float)),
            _ => throw new ArgumentException($"{value.GetType().Name} has no layout.", nameof(value)),
        };

        PlanBuffer Buffer(PlaneLayout layout, int planes, int elementBytes) => new(layout, planes, elementBytes) { FirstStep = step, LastStep = step };
    }

    private void Use(IEnumerable<Value> values, int step)
    {
        foreach (Value value in values.SelectMany(value => value.Owners))
        {
            _buffers[value].LastStep = step;
        }
    }

    /// <summary>Real values may take the place of a map of which only the pixel is read that is being made, if nobody reads it afterwards.</summary>
    private void StoreInPlace(FusedOperation operation, int step)
    {
        if (operation.Real is null)
        {
            return;
        }

        PlanBuffer store = _buffers[operation.Real];
        HashSet<PlanBuffer> others = [.. operation.Reads.SelectMany(value => value.Owners).Select(value => _buffers[value].Owner)];
        PlanBuffer? free = operation.PixelReads.Select(map => View(map).Whole).FirstOrDefault(buffer =>
            buffer is not null && buffer.Owner.LastStep == step && (buffer.Layout, buffer.Planes) == (store.Layout, store.Planes) && !others.Contains(buffer.Owner));
        if (free is not null)
        {
            store.TakeOver(free);
        }
    }

    private MapView View(Map map) => map.Parts.IsEmpty
        ? MapView.Of(_buffers[map])
        : new(Layout(map.Type), [.. map.Parts.Select(part => new MapView.Part(_buffers[part.Owner], part.First, part.Count))]);

    private AttentionShape Shape(AttentionInputs inputs)
    {
        int heads = inputs.Node.Heads;
        AttentionShape shape = new(
            heads, inputs.Keys.Type.Channels / heads, inputs.Values.Type.Channels / heads, Layout(inputs.Queries.Type), Layout(inputs.Keys.Type), inputs.Keys.Type.IsSign);
        PlanLimits.Check(shape.Logits * sizeof(float), PlanLimits.MaxArrayBytes);
        return shape;
    }

    private PlanStep Step(FusedOperation operation)
    {
        string name = operation.Name;
        PlanStep step = operation.Root switch
        {
            ConvolveSigns => new BinaryConvolutionStep(name, [.. Terms(operation)]),
            ConvolveReals { Kernel.IsDepthwise: true } root => new DepthwiseConvolutionStep(name, EpilogueOf(operation), OffsetsByOutput(root, operation), root.Kernel),
            ConvolveReals root => new FloatConvolutionStep(name, EpilogueOf(operation), Offsets(root), root.Kernel!, _graph.IsExact),
            Stem root => new StemStep(
                name, EpilogueOf(operation with { Activation = null }), operation.Activation, StoreOf(operation), root, _graph.IsExact, _options.BandBytes),
            SplitPhases { Source.Type.IsReal: false } root => new PhaseSplitStep<byte>(name, View(root.Source), _buffers[root.Phases]),
            SplitPhases root => new PhaseSplitStep<float>(name, View(root.Source), _buffers[root.Phases]),
            ResampleSigns { Node: Upsample node } root => new NibbleUpsampleStep(name, View(root.Source), _buffers[root.Target], node.Factor),
            ResampleSigns root => new NibbleTokenStep(name, View(root.Source), _buffers[root.Target]),
            AverageChannels root => new ChannelAverageStep(name, View(root.Source), _buffers[root.Means]),
            WeighMeans root => new ShiftStep(name, root.Node, _buffers[root.Means], _buffers[root.Shifts]),
            Excite root => new ExcitationStep(root.Node, _buffers[root.Means], _buffers[root.Scales]),
            PackAttention root => new AttentionPackStep(
                name, Shape(root.Inputs), View(root.Inputs.Keys), View(root.Inputs.Values), _buffers[root.Keys], _buffers[root.Values]),
            Attend root => new AttentionStep(
                root.Inputs.Node, Shape(root.Inputs), View(root.Inputs.Queries), _buffers[root.Keys], _buffers[root.Values], _buffers[root.Target], _graph.IsExact),
            AverageEnlarged root => new AveragedRowStep(
                name, View(root.Source), _buffers[operation.Real!], root.EnlargedSigns is null ? null : SignsOf(root.EnlargedSigns)),
            Copy { Source.Type.IsReal: true } root when operation is { IsPlain: true, Real: null, Signs: [{ Map.Type.IsSign: true } signs] } && View(root.Source).Whole is { } whole =>
                new SignStep(name, whole, SignsOf(signs)),
            ShiftChannels root when operation is { IsPlain: true, Real: null, Signs: [{ Map.Type.IsSign: true } signs] } && View(root.Source).Whole is { } whole =>
                new SignStep(name, whole, SignsOf(signs), _buffers[root.Shifts]),
            MakeRows { Node: PixelShuffle { Factor: 2 } } root when operation is { IsPlain: true, Real: null, Signs: [{ Map.Type.IsSign: true } signs] } =>
                new ShuffledSignStep(name, View(root.Source), SignsOf(signs)),
            _ => new RowStep(name, EpilogueOf(operation), RowsOf(operation.Root)),
        };
        step.Bytes = operation.Reads.Concat(operation.PixelReads).Sum(BytesRead) + operation.Writes.Sum(value => _buffers[value].Bytes);
        return step;
    }

    private RowSource RowsOf(OperationRoot root) => root switch
    {
        ReadImage image => new ImageSource(image.InPhases),
        Copy { Source.Type.IsSign: true } copy => new UnpackSource(View(copy.Source)),
        Copy { Source.Type.IsReal: false } copy => new UnpackLevelsSource(View(copy.Source)),
        Copy copy => new CopySource(View(copy.Source)),
        ShiftChannels shift => new ShiftedSource(View(shift.Source), _buffers[shift.Shifts]),
        ScaleChannels scaling => new ScaledSource(View(scaling.Source), _buffers[scaling.Scales]),
        MakeRows { Node: Upsample node } rows => new UpsampleSource(View(rows.Source), node.Factor, node.Mode),
        MakeRows { Node: PixelShuffle node } rows => new PixelShuffleSource(View(rows.Source), node.Factor),
        MakeRows { Node: AveragePool } rows => new AveragePoolSource(View(rows.Source)),
        MakeRows { Node: ChannelMean node } rows => new ChannelMeanSource(View(rows.Source), node.Groups),
        MakeRows { Node: TokenSample node } rows => new TokenSource(View(rows.Source), Layout(rows.Source.Type with { Reduction = node.Factor })),
        MakeRows { Node: GateMap } rows => new GateSource(View(rows.Source)),
        _ => throw new ArgumentException($"There is no step for {root.GetType().Name}.", nameof(root)),
    };

    private ResultStep ResultOf(NetworkOutput output, int index) =>
        new(output.Name == DenseGraph.LogitsOutput ? "(result)" : $"({output.Name})", View(output.Logits), output.Factor, index) { Bytes = BytesRead(output.Logits) };

    private IEnumerable<BinaryConvolutionStep.Term> Terms(FusedOperation operation)
    {
        ConvolveSigns root = (ConvolveSigns)operation.Root;
        CountSource counts = root.Kernel!.At(View(root.Source), Layout(operation.Type), operation.Type.Channels);
        return (operation.Before is null ? [] : Terms(operation.Before)).Append(new(counts, EpilogueOf(operation)));
    }

    private Epilogue EpilogueOf(FusedOperation operation) => new(
        Layout(operation.Type), operation.Type.Channels, operation.Affine, operation.Factor is null ? null : View(operation.Factor),
        [.. operation.Addends.Select(View)], operation.Activation, StoreOf(operation),
        [.. operation.Signs.Select(SignsOf)]);

    private PlanBuffer? StoreOf(FusedOperation operation) => operation.Real is null ? null : _buffers[operation.Real];

    private Epilogue.Signs SignsOf(SignOutput sign) => new(_buffers[sign.Map], sign.Map.ChannelsPerPlane, sign.Thresholds, AreLevels: !sign.Map.Type.IsSign);

    private int[] Offsets(ConvolveReals root) => View(root.Source).WindowOffsets(root.Node.Geometry, sizeof(float));

    private int[] OffsetsByOutput(ConvolveReals root, FusedOperation operation)
    {
        int[] offsets = Offsets(root);
        int taps = root.Node.Geometry.Kernel * root.Node.Geometry.Kernel, outputsPerInput = operation.Type.Channels / root.Node.Groups;
        return [.. Enumerable.Range(0, operation.Type.Channels * taps).Select(i => offsets[i / taps / outputsPerInput * taps + i % taps])];
    }

    // A plane that is read twice counts twice.
    private long BytesRead(Value value) => value is Map { Parts: { IsEmpty: false } parts }
        ? parts.Sum(part => part.Count * _buffers[part.Owner].PlaneBytes)
        : _buffers[value].Bytes;
}
