using System.Collections.Immutable;
using Microsoft.ML.Binary.Graph;

namespace Microsoft.ML.Binary.Inference.Compilation;

/// <summary>
/// From nodes to operations: one for each node, with those that prepare its inputs. A sign node becomes an output of the operation whose map it reads,
/// and joined channels a map of parts. What nobody reads is there too: <see cref="Fusion"/> removes it.
/// </summary>
internal sealed class Lowering
{
    private readonly DenseGraph _graph;
    private readonly Map?[] _real, _signs;
    private readonly List<int>[] _signReaders;
    private readonly List<FusedOperation> _operations = [];

    private Lowering(DenseGraph graph)
    {
        int count = graph.Nodes.Length;
        (_graph, _real, _signs, _signReaders) = (graph, new Map?[count], new Map?[count], new List<int>[count]);
        for (int i = 0; i < count; i++)
        {
            _signReaders[i] = [];
            if (graph.Nodes[i] is Sign or ActivationLevels)
            {
                _signReaders[graph.Nodes[i].Inputs[0]].Add(i);
            }
        }
    }

    /// <summary>Lowers a frozen graph.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="outputs">Names of the graph's outputs that are wanted; what only others need is left out.</param>
    /// <param name="fuses">Whether the enlargement at the end is done while results are made; otherwise the maps of all nodes are kept.</param>
    /// <exception cref="GraphException">There is no compiled form of a node.</exception>
    public static FusedGraph Lower(DenseGraph graph, IEnumerable<string> outputs, bool fuses)
    {
        Lowering lowering = new(graph);
        for (int i = 0; i < graph.Nodes.Length; i++)
        {
            lowering.Lower(i);
        }

        return new([.. lowering._operations], [.. outputs.Select(name => lowering.Output(name, fuses))], fuses ? [] : [.. lowering._real.Select(map => map!)], graph.IsBinary);
    }

    private NetworkOutput Output(string name, bool fuses)
    {
        int node = _graph.Output(name);
        return _graph.Nodes[node] is Upsample { Mode: UpsampleMode.Bilinear } enlargement && fuses
            ? new(name, Real(enlargement.Inputs[0]), enlargement.Factor)
            : new(name, Real(node), Factor: 1);
    }

    private Map Real(int node) => _real[node]!;

    private Map Signs(int node) => _signs[node]!;

    private void Lower(int index)
    {
        Node node = _graph.Nodes[index];
        FeatureType type = _graph.Types[index];
        switch (node)
        {
            case Sign or ActivationLevels:
                break;
            case Concat when JoinsWholePlanes(index):
                _signs[index] = Map.Join(type, node.Inputs.Select(Signs));
                break;
            case Concat:
                _real[index] = Map.Join(type.Real, node.Inputs.Select(Real));
                AddSigns(index);
                break;
            case Upsample or TokenSample when !type.IsReal:
                _signs[index] = new(type);
                _operations.Add(new(node.Name, type, new ResampleSigns(node, Signs(node.Inputs[0]), Signs(index))));
                break;
            case ReducedAttention attention:
                AddAttention(index, attention);
                AddSigns(index);
                break;
            default:
                Add(index, Lowered(index));
                break;
        }

        if (_real[index] is null)
        {
            Add(index, new(node.Name, type, new Copy(Signs(index))));
        }
    }

    private FusedOperation Lowered(int index)
    {
        FusedOperation From(OperationRoot root) => new(_graph.Nodes[index].Name, _graph.Types[index].Real, root);
        FusedOperation FromInput() => From(new Copy(Real(_graph.Nodes[index].Inputs[0])));
        return _graph.Nodes[index] switch
        {
            ImageInput => From(new ReadImage(InPhases: false)),
            Affine node => FromInput() with { Affine = node },
            PixelGate node => FromInput() with { Factor = Real(node.Inputs[1]).Channel(node.Channel) },
            RPReLU node => FromInput() with { Activation = node },
            Add node => From(new SumOf([.. node.Inputs.Select(Real)])),
            LowBitConvolution node => From(new ConvolveSigns(node, Window(index, Signs(node.Inputs[0]), node.Geometry))),
            Convolution node => From(new ConvolveReals(node, Window(index, Real(node.Inputs[0]), node.Geometry))),
            AdaptiveShift node => From(new ShiftChannels(Real(node.Inputs[0]), Shifts(node))),
            SqueezeExcitation node => From(new ScaleChannels(Real(node.Inputs[0]), Scales(node))),
            Upsample or PixelShuffle or AveragePool or ChannelMean or TokenSample or GateMap =>
                From(new MakeRows(_graph.Nodes[index], Real(_graph.Nodes[index].Inputs[0]))),
            Node unknown => throw new GraphException(unknown.Name, $"compiled inference has no case for {unknown.GetType().Name}"),
        };
    }

    /// <summary>Adds the operation that makes a node's real values; it packs the signs of all that read them, and of a map of signs itself.</summary>
    private void Add(int index, FusedOperation operation)
    {
        FeatureType type = _graph.Types[index];
        _real[index] = new(type.Real);
        _operations.Add(operation with { Real = _real[index], Signs = SignOutputs(index) });
    }

    /// <summary>Signs of a map whose operation cannot pack them.</summary>
    private void AddSigns(int index)
    {
        ImmutableArray<SignOutput> signs = SignOutputs(index);
        if (!signs.IsEmpty)
        {
            _operations.Add(new(_graph.Nodes[index].Name, Real(index).Type, new Copy(Real(index))) { Signs = signs });
        }
    }

    private ImmutableArray<SignOutput> SignOutputs(int index)
    {
        List<SignOutput> signs = [];
        foreach (int reader in _signReaders[index])
        {
            _signs[reader] = new(_graph.Types[reader]);
            signs.Add(new(Signs(reader), ThresholdsOf(_graph.Nodes[reader])));
        }

        FeatureType type = _graph.Types[index];
        if (type.IsSign && _signs[index] is null)
        {
            _signs[index] = new(type);
            signs.Add(new(Signs(index), new float[type.Channels]));
        }

        return [.. signs];

        static float[] ThresholdsOf(Node node) => node is ActivationLevels levels ? levels.Thresholds() : Array.ConvertAll(((Sign)node).Shift.Values, shift => -shift);
    }

    // The packed planes of joined signs can be used as they are where only the last of them is not full.
    private bool JoinsWholePlanes(int index) =>
        _graph.Types[index].IsSign && _graph.Nodes[index].Inputs.SkipLast(1).All(input => _graph.Types[input].Channels % 4 == 0);

    /// <summary>What a convolution's window moves over: the map itself, or for stride 2 its phases.</summary>
    private Map Window(int index, Map source, ConvolutionGeometry geometry)
    {
        if (geometry.Stride == 1)
        {
            return source;
        }

        FeatureType type = _graph.Types[index] with { Channels = source.Type.Channels, Bits = source.Type.Bits };
        SplitPhases split = new(source, new Map(type, phases: 4));
        _operations.Add(new(_graph.Nodes[index].Name + "/phases", type, split));
        return split.Phases;
    }

    private ChannelVector Scales(SqueezeExcitation node)
    {
        ChannelVector means = Means(node), scales = new(means.Channels);
        _operations.Add(new(node.Name + "/scales", Real(node.Inputs[0]).Type, new Excite(node, means, scales)));
        return scales;
    }

    private ChannelVector Shifts(AdaptiveShift node)
    {
        ChannelVector means = Means(node), shifts = new(means.Channels);
        _operations.Add(new(node.Name + "/shifts", Real(node.Inputs[0]).Type, new WeighMeans(node, means, shifts)));
        return shifts;
    }

    private ChannelVector Means(Node node)
    {
        Map source = Real(node.Inputs[0]);
        ChannelVector means = new(source.Type.Channels);
        _operations.Add(new(node.Name + "/means", source.Type, new AverageChannels(source, means)));
        return means;
    }

    private void AddAttention(int index, ReducedAttention node)
    {
        bool packs = KernelChoice.PacksKeys(node, _graph.Types[node.Inputs[0]]);
        Func<int, Map> form = packs ? Signs : Real;
        AttentionInputs inputs = new(node, form(node.Inputs[0]), form(node.Inputs[1]), Real(node.Inputs[2]));
        AttentionWeights keys = new(inputs, areKeys: true), values = new(inputs, areKeys: false);
        FeatureType type = _graph.Types[index];
        _real[index] = new(type);
        _operations.Add(new(node.Name + "/pack", type, new PackAttention(inputs, keys, values)));
        _operations.Add(new(node.Name, type, new Attend(inputs, keys, values, Real(index))));
    }
}
