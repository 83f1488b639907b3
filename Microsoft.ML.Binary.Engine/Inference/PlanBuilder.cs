using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Inference.Steps;
using Microsoft.ML.Binary.Kernels;

namespace Microsoft.ML.Binary.Inference;

/// <summary>Turns a frozen graph into the steps of a plan for one padded image size.</summary>
internal sealed partial class PlanBuilder
{
    private readonly DenseGraph _graph;
    private readonly NetworkWeights _weights;
    private readonly int _height, _width;
    private readonly InferenceOptions _options;
    private readonly FusionAnalysis _fusion;
    private readonly PlanDraft _draft = new();
    private readonly Dictionary<(int Height, int Width), int> _borders = [];
    private readonly MapView?[] _real, _signs;
    private readonly HashSet<int> _early = [];

    private PlanBuilder(DenseGraph graph, FusionAnalysis fusion, NetworkWeights weights, int height, int width, InferenceOptions options)
    {
        (_graph, _fusion, _weights, _height, _width) = (graph, fusion, weights, height, width);
        _options = options;
        (_real, _signs) = (new MapView?[graph.Nodes.Length], new MapView?[graph.Nodes.Length]);
        FindBorders();
    }

    /// <summary>Builds a plan.</summary>
    /// <exception cref="GraphException">A node is of a kind that there is no step for.</exception>
    /// <exception cref="ImageTooLargeException">The image is too large for the network.</exception>
    public static InferencePlan Build(DenseGraph graph, FusionAnalysis fusion, NetworkWeights weights, int height, int width, InferenceOptions options)
    {
        PlanBuilder builder = new(graph, fusion, weights, height, width, options);
        return builder.Run(options.ThreadCount);
    }

    private InferencePlan Run(int threads)
    {
        for (int i = 0; i < _graph.Nodes.Length; i++)
        {
            if (_fusion.IsLive(i) && !_fusion.IsAbsorbed(i))
            {
                Emit(i);
            }
        }

        _draft.Add(() => new ResultStep("(result)", Real(_fusion.Result), _fusion.ResultFactor), [Real(_fusion.Result)]);
        if (_options.KeepsNodeOutputs)
        {
            _draft.KeepAll();
        }

        PlanStep[] steps = _draft.Finish(Math.Min(PlanLimits.MaxArrayBytes, _options.MaxRunBytes), out int arenaBytes);
        long scratchBytes = steps.Max(step => step.ScratchBytes);
        PlanLimits.Check(scratchBytes, PlanLimits.MaxArrayBytes);
        PlanLimits.Check(arenaBytes + threads * scratchBytes, _options.MaxRunBytes);
        int[][]? outputs = _options.KeepsNodeOutputs ? [.. _real.Select(view => view!.Offsets())] : null;
        return new InferencePlan(steps, _options.Kernels, arenaBytes, threads, outputs is null ? null : [.. outputs.Zip(_real, (planes, view) => (view!.Layout, planes))]);
    }

    // Maps of one size share one layout, so that a pixel has the same place in all of them.
    private void FindBorders()
    {
        for (int i = 0; i < _graph.Nodes.Length; i++)
        {
            if (!_fusion.IsLive(i))
            {
                continue;
            }

            ConvolutionGeometry? geometry = _graph.Nodes[i] switch
            {
                Convolution node => node.Geometry,
                PackedBinaryConvolution node => node.Geometry,
                _ => null,
            };
            if (_graph.Nodes[i] is PackedBinaryConvolution convolution && _fusion.ReadsEnlarged(convolution))
            {
                (int, int) small = _graph.Types[SmallMap(convolution)].SizeAt(_height, _width);
                _borders[small] = Math.Max(_borders.GetValueOrDefault(small), 1);
            }
            else if (geometry is { } g)
            {
                (int, int) window = _graph.Types[g.Stride == 1 ? _graph.Nodes[i].Inputs[0] : i].SizeAt(_height, _width);
                _borders[window] = Math.Max(_borders.GetValueOrDefault(window), g.Padding);
            }
        }
    }

    private PlaneLayout Layout(int node)
    {
        (int height, int width) = _graph.Types[node].SizeAt(_height, _width);
        return PlanLimits.Layout(height, width, _borders.GetValueOrDefault((height, width)));
    }

    private MapView Real(int node) => _real[node]!;

    private MapView SignPlanes(int node) => _signs[node]!;

    private void Emit(int index)
    {
        Node node = _graph.Nodes[index];
        bool isSign = _graph.Types[index].IsSign;
        switch (node)
        {
            case Sign:
                break;
            case Concat when _fusion.JoinsNibbles(index):
                _signs[index] = MapView.Join(node.Inputs.Select(SignPlanes));
                break;
            case Concat:
                _real[index] = MapView.Join(node.Inputs.Select(Real));
                EmitSigns(index);
                break;
            case Upsample when isSign && _fusion.IsSkipped(index):
                break;
            case Upsample n when isSign:
                EmitNibbles(index, buffer => new NibbleUpsampleStep(n.Name, SignPlanes(n.Inputs[0]), buffer, n.Factor));
                break;
            case TokenSample when isSign:
                EmitNibbles(index, buffer => new NibbleTokenStep(node.Name, SignPlanes(node.Inputs[0]), buffer));
                break;
            case ReducedAttention n:
                EmitAttention(index, n);
                EmitSigns(index);
                break;
            case Affine or RPReLU or Convolution when _fusion.IsInStem(index):
                break;
            case Affine when _fusion.IsImageInPhases(index):
                break;
            default:
                if (_fusion.MeanOf(index) is >= 0 and int mean)
                {
                    EmitMean(index, (Upsample)node, mean);
                }
                else if (!_early.Contains(index))
                {
                    Emit(index, Expression(index), _fusion.NeedsReal(index));
                }

                break;
        }

        if (isSign && _fusion.NeedsReal(index) && _real[index] is null)
        {
            MapView signs = SignPlanes(index);
            Emit(index, new MapExpression(
                signs.Layout, _graph.Types[index].Channels, (name, epilogue) => new RowStep(name, epilogue, new UnpackSource(signs)))
            { Reads = [signs] },
                store: true);
        }
    }

    /// <summary>The step that ends in a node's map; it packs the signs of all sign nodes that read it, and of a map of signs itself.</summary>
    private void Emit(int index, MapExpression expression, bool store)
    {
        PlanBuffer? values = store ? new PlanBuffer(expression.Layout, expression.Channels, sizeof(float)) : null;
        Epilogue.Signs[] signs = SignsOfReaders(index);
        if (_graph.Types[index].IsSign && _signs[index] is null)
        {
            signs = [.. signs, SignsOf(index, new float[expression.Channels])];
        }

        _draft.Add(_graph.Nodes[index].Name, expression, values, signs);
        _real[index] = values is null ? null : MapView.Of(values);
    }

    /// <summary>An enlarged map of which only the signs are kept, and its mean over channel groups.</summary>
    private void EmitMean(int index, Upsample node, int mean)
    {
        Epilogue.Signs[] signs = SignsOfReaders(index);
        MapExpression expression = new(Layout(mean), _graph.Types[mean].Channels, (name, epilogue) => new AveragedRowStep(
            name, epilogue, new UpsampleSource(Real(node.Inputs[0]), node.Factor, node.Mode),
            new Epilogue(Layout(index), _graph.Types[index].Channels, null, null, [], null, null, signs)))
        {
            Reads = [Real(node.Inputs[0])],
            Writes = [.. signs.Select(sign => sign.Planes)],
        };
        Emit(mean, expression, _fusion.NeedsReal(mean));
        _early.Add(mean);
    }

    private Epilogue.Signs[] SignsOfReaders(int node) =>
        [.. _fusion.SignReaders(node).Select(reader => SignsOf(reader, ((Sign)_graph.Nodes[reader]).Shift.Values))];

    private Epilogue.Signs SignsOf(int node, float[] shift)
    {
        int depth = _fusion.ChannelsPerPlane(node);
        PlanBuffer buffer = SignBuffer(node, depth);
        _signs[node] = MapView.Of(buffer);
        return new Epilogue.Signs(buffer, depth, [.. shift.Select(s => -s)]);
    }

    private PlanBuffer SignBuffer(int node, int channelsPerPlane) =>
        new(Layout(node), SignPacking.Planes(_graph.Types[node].Channels, channelsPerPlane), sizeof(byte));

    /// <summary>Signs of a map that was made by a step which cannot pack them.</summary>
    private void EmitSigns(int index)
    {
        bool packs = _graph.Types[index].IsSign;
        if (packs || _fusion.SignReaders(index).Any())
        {
            MapView values = Real(index);
            Emit(index, MapExpression.Load(values), store: false);
            _real[index] = values;
        }
    }

    private void EmitNibbles(int index, Func<PlanBuffer, PlanStep> make)
    {
        PlanBuffer buffer = SignBuffer(index, channelsPerPlane: 4);
        _draft.Add(() => make(buffer), [SignPlanes(_graph.Nodes[index].Inputs[0])], buffer);
        _signs[index] = MapView.Of(buffer);
    }

    private MapExpression Operand(int node) => _fusion.IsAbsorbed(node) ? Expression(node) : MapExpression.Load(Real(node));

    private MapExpression Expression(int index)
    {
        MapExpression expression;
        switch (_graph.Nodes[index])
        {
            case RPReLU node:
                expression = Operand(node.Inputs[0]);
                expression.Activation = node;
                return expression;
            case Affine node:
                expression = Operand(node.Inputs[0]);
                expression.Affine = node;
                return expression;
            case PixelGate node:
                expression = Operand(node.Inputs[0]);
                MapView gates = Real(node.Inputs[1]);
                expression.Factor = gates with { Planes = [gates.Planes[node.Channel]] };
                return expression;
            case Add node:
                return Sum(node, index);
            case Convolution node:
                return RealConvolution(node, index);
            case PackedBinaryConvolution node:
                return BinaryConvolution(node, index);
            case ImageInput:
                return Rows(index, [], () => new ImageSource(phases: false));
            case Upsample node:
                return Rows(index, node.Inputs, () => new UpsampleSource(Real(node.Inputs[0]), node.Factor, node.Mode));
            case PixelShuffle node:
                return Rows(index, node.Inputs, () => new PixelShuffleSource(Real(node.Inputs[0]), node.Factor));
            case AveragePool node:
                return Rows(index, node.Inputs, () => new AveragePoolSource(Real(node.Inputs[0])));
            case ChannelMean node:
                return Rows(index, node.Inputs, () => new ChannelMeanSource(Real(node.Inputs[0]), node.Groups));
            case TokenSample node:
                return Rows(index, node.Inputs, () => new TokenSource(Real(node.Inputs[0]), Layout(index)));
            case SqueezeExcitation node:
                return Scaled(node, index);
            case GateMap node:
                return Rows(index, node.Inputs, () => new GateSource(Real(node.Inputs[0])));
            default:
                Node unknown = _graph.Nodes[index];
                throw new GraphException(unknown.Name, $"compiled inference has no case for {unknown.GetType().Name}");
        }
    }

    private MapExpression Rows(int index, IEnumerable<int> inputs, Func<RowSource> source) =>
        new(Layout(index), _graph.Types[index].Channels, (name, epilogue) => new RowStep(name, epilogue, source())) { Reads = [.. inputs.Select(Real)] };

    private MapExpression Scaled(SqueezeExcitation node, int index)
    {
        MapView source = Real(node.Inputs[0]);
        PlanBuffer means = Values(), scales = Values();
        _draft.Add(() => new ChannelAverageStep(node.Name + "/means", source, means), [source], means);
        _draft.Add(() => new ExcitationStep(node, means, scales), [MapView.Of(means)], scales);
        return new(Layout(index), source.Planes.Length, (name, epilogue) => new RowStep(name, epilogue, new ScaledSource(source, scales)))
        {
            PixelReads = [source],
            Reads = [MapView.Of(scales)],
        };

        PlanBuffer Values() => new(new PlaneLayout(1, source.Planes.Length, 0), 1, sizeof(float));
    }

    /// <summary>
    /// A sum from first to last. Each operation that was absorbed adds what comes before it to its own result (a sum of two is the same
    /// either way round) and then what follows, up to the next of them. Binary convolutions that follow each other do so in one pass if
    /// the sum is large.
    /// </summary>
    private MapExpression Sum(Add node, int index)
    {
        MapExpression? sum = null;
        MapView? before = null;
        foreach (int input in node.Inputs)
        {
            MapExpression? next = _fusion.IsAbsorbed(input) ? Expression(input) : null;
            if (sum is { Counts: not null } && next is { Counts: not null } && (long)sum.Channels * sum.Layout.Length * sizeof(float) > _options.LargeMapBytes)
            {
                next.Before = sum;
                sum = next;
                continue;
            }

            if (sum is not null && (next is not null || sum.IsFull))
            {
                PlanBuffer partial = new(Layout(index), sum.Channels, sizeof(float));
                _draft.Add(node.Name, sum, partial, []);
                (before, sum) = (MapView.Of(partial), null);
            }

            if (sum is not null)
            {
                sum.Addends.Add(Real(input));
            }
            else if (next is not null || before is not null)
            {
                sum = next ?? MapExpression.Load(Real(input));
                sum.Addends.AddRange(before is null ? [] : [before]);
            }
            else
            {
                before = Real(input);
            }
        }

        return sum!;
    }
}
