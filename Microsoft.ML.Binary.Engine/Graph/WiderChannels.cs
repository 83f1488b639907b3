using System.Numerics;

namespace Microsoft.ML.Binary.Graph;

/// <summary>
/// Which channels of a network are those of a narrower one that its weights come from. All layers are wider by one factor: of every block of channels the first
/// are the source's, in their order, and the others are new; so it is in concatenations, means of channel groups and shuffled pixels too.
/// </summary>
/// <remarks>
/// The wider network computes what the narrower one does: new channels whose signs are read are zeros, because the batch norm that makes them has a scale of 0 there; the
/// shift of their signs keeps these +1 (and levels constant) until they have grown, and one-bit weights that read them come in pairs of opposite sign. New channels that real-valued
/// convolutions alone read need not be zeros: old channels read them with weights of 0. (Net2WiderNet, arXiv 1511.05641, doubles channels and halves weights, which one bit cannot.)
/// </remarks>
internal sealed class WiderChannels
{
    /// <summary>
    /// Added to the shift of signs and levels of new channels: zeros are so far above the threshold that signs turn one by one as the channels learn, not half of them at the first step.
    /// A sign still passes half of its largest gradient there.
    /// </summary>
    private const float Margin = 0.5f;

    private const int New = -1;

    private readonly DenseGraph _source, _target;
    private readonly Dictionary<string, int> _indices;
    private readonly int _block, _widerBlock;
    private readonly int[][] _readers, _channels;
    private readonly bool[] _areFree;

    private WiderChannels(DenseGraph source, DenseGraph target, Dictionary<string, int> indices, int block, int widerBlock)
    {
        (_source, _target, _indices, _block, _widerBlock) = (source, target, indices, block, widerBlock);
        _readers = Readers(target);
        _channels = new int[target.Nodes.Length][];
        for (int i = 0; i < _channels.Length; i++)
        {
            _channels[i] = Channels(i);
        }

        _areFree = [.. target.Nodes.Select((node, i) => node is BatchNorm && IsFree(i))];
    }

    /// <summary>Finds out how two networks correspond; null where the target is not the source made wider.</summary>
    public static WiderChannels? Between(DenseGraph source, DenseGraph target)
    {
        if (target.Nodes.Any(node => node is LowBitConvolution and not BinaryConvolution))
        {
            return null;
        }

        Dictionary<string, int> indices = source.Nodes.Select((node, i) => (node.Name, i)).ToDictionary(pair => pair.Name, pair => pair.i, StringComparer.Ordinal);
        int[][] readers = Readers(target);
        List<(int Narrow, int Wide)> widths = [];
        for (int i = 0; i < target.Nodes.Length; i++)
        {
            if (indices.TryGetValue(target.Nodes[i].Name, out int same) && Parts(source.Nodes[same], target.Nodes[i]) is var parts and > 0 && !IsHeadOrGate(target, readers, i)
                && (source.Types[same].Channels, target.Types[i].Channels) is var (before, after) && before != after)
            {
                widths.Add((before / parts, after / parts));
            }
        }

        int block = CommonDivisor(widths.Select(pair => pair.Narrow)), wider = CommonDivisor(widths.Select(pair => pair.Wide));
        return widths.Count > 0 && widths.All(pair => pair.Wide > pair.Narrow && pair.Narrow / block == pair.Wide / wider) && block % 4 == 0 && wider % 4 == 0
            ? new(source, target, indices, block, wider)
            : null;

        // In how many parts a node has the channels of the network's width: heads of attention each have theirs. 0 for nodes that have no channels of their own.
        static int Parts(Node before, Node after) => (before, after) switch
        {
            (ReducedAttention one, ReducedAttention other) => one.Heads == other.Heads ? one.Heads : 0,
            (Convolution or BinaryConvolution, Convolution or BinaryConvolution) => 1,
            _ => 0,
        };

        static int CommonDivisor(IEnumerable<int> numbers) => (int)numbers.Aggregate(BigInteger.Zero, (divisor, number) => BigInteger.GreatestCommonDivisor(divisor, number));
    }

    /// <summary>Puts the source's values of a parameter into the wider one; false, and nothing is changed, where the source's channels are not all in it.</summary>
    /// <param name="index">The node of the target that owns it.</param>
    /// <param name="parameter">The parameter, with initial values.</param>
    /// <param name="values">The source's, narrower in one axis or more.</param>
    public bool TryWiden(int index, Parameter parameter, Parameter values)
    {
        if (Axes(index, parameter) is not { } axes || !Fits(axes, parameter, values))
        {
            return false;
        }

        Node node = _target.Nodes[index];
        int[] outer = axes[0], inner = axes.Length > 1 ? axes[1] : [0];
        int taps = parameter.Values.Length / (outer.Length * inner.Length), narrow = axes.Length > 1 ? values.Shape[1] : 1;
        bool newAreZero = node is BatchNorm norm && parameter == norm.Gamma && !_areFree[index], newAreIgnored = node is Convolution && _areFree[Maker(node.Inputs[0])];
        for (int o = 0; o < outer.Length; o++)
        {
            for (int i = 0; i < inner.Length; i++)
            {
                Span<float> place = parameter.Values.AsSpan((o * inner.Length + i) * taps, taps);
                if (outer[o] != New && inner[i] != New)
                {
                    values.Values.AsSpan((outer[o] * narrow + inner[i]) * taps, taps).CopyTo(place);
                }
                else if (newAreZero || (newAreIgnored && outer[o] != New))
                {
                    place.Clear();
                }
                else if ((node as Sign)?.Shift == parameter || (node as ActivationLevels)?.Shift == parameter)
                {
                    place[0] += Margin;
                }
            }

            if (node is BinaryConvolution)
            {
                Pair(parameter.Values.AsSpan(o * inner.Length * taps, inner.Length * taps), inner, taps);
            }
        }

        return true;
    }

    private static bool Fits(int[][] axes, Parameter parameter, Parameter values)
    {
        int mapped = axes.Length;
        return parameter.Shape.Length == values.Shape.Length
            && parameter.Shape.Take(mapped).SequenceEqual(axes.Select(axis => axis.Length))
            && parameter.Shape.Skip(mapped).SequenceEqual(values.Shape.Skip(mapped))
            && values.Shape.Take(mapped).SequenceEqual(axes.Select(axis => axis.Max() + 1));
    }

    /// <summary>Weights that read new channels, two and two of opposite signs: of signs that are all +1 nothing is left.</summary>
    private static void Pair(Span<float> weights, int[] inputs, int taps)
    {
        int[] anew = [.. Enumerable.Range(0, inputs.Length).Where(i => inputs[i] == New)];
        for (int i = 1; i < anew.Length; i += 2)
        {
            for (int tap = 0; tap < taps; tap++)
            {
                weights[anew[i] * taps + tap] = -weights[anew[i - 1] * taps + tap];
            }
        }
    }

    private static int[][] Readers(DenseGraph graph)
    {
        List<int>[] readers = [.. graph.Nodes.Select(_ => new List<int>())];
        for (int i = 0; i < graph.Nodes.Length; i++)
        {
            foreach (int input in graph.Nodes[i].Inputs.Distinct())
            {
                readers[input].Add(i);
            }
        }

        return [.. readers.Select(indices => indices.ToArray())];
    }

    /// <summary>Whether a convolution's channels are the classes of an output, or the gates of branches: their number is not a matter of width.</summary>
    private static bool IsHeadOrGate(DenseGraph graph, int[][] readers, int index) =>
        graph.Outputs.Any(output => Classifier.Find(graph, output.Node) == index)
        || readers[index].Any(reader => graph.Nodes[reader] is GateMap || (graph.Nodes[reader] is BatchNorm && readers[reader].Any(gate => graph.Nodes[gate] is GateMap)));

    // What made a map, activations aside.
    private int Maker(int index) => _target.Nodes[index] is RPReLU activation ? Maker(activation.Inputs[0]) : index;

    /// <summary>
    /// Whether new channels of a map need not be zeros: real-valued convolutions alone read it, or attention reads it as keys, beside queries that are zeros. (Were both, neither would learn.)
    /// </summary>
    private bool IsFree(int index) => _readers[index].Length > 0 && _target.Outputs.All(output => output.Node != index) && _readers[index].All(reader => _target.Nodes[reader] switch
    {
        Convolution => true,
        RPReLU => IsFree(reader),
        ReducedAttention attention => attention.Inputs[1] == index && attention.Inputs[0] != index,
        _ => false,
    });

    /// <summary>For each axis of a parameter that goes by channels, which of the source's every index is; null for a parameter that has no such axis.</summary>
    private int[][]? Axes(int index, Parameter parameter) => _target.Nodes[index] switch
    {
        Convolution { Groups: 1 } convolution when parameter == convolution.Weight => [_channels[index], _channels[convolution.Inputs[0]]],
        BinaryConvolution convolution => [_channels[index], _channels[convolution.Inputs[0]]],
        SqueezeExcitation squeeze when parameter == squeeze.Squeeze => [Hidden(squeeze), _channels[index]],
        SqueezeExcitation squeeze when parameter == squeeze.SqueezeBias => [Hidden(squeeze)],
        SqueezeExcitation squeeze when parameter == squeeze.Excite => [_channels[index], Hidden(squeeze)],
        _ when parameter.Shape[0] == _channels[index].Length => [_channels[index]],
        _ => null,
    };

    private int[] Hidden(SqueezeExcitation squeeze)
    {
        int before = _indices.TryGetValue(squeeze.Name, out int index) && _source.Nodes[index] is SqueezeExcitation same ? same.Hidden : 0;
        return [.. Enumerable.Range(0, squeeze.Hidden).Select(h => h < before ? h : New)];
    }

    private int[] Channels(int index)
    {
        Node node = _target.Nodes[index];
        int count = _target.Types[index].Channels;
        int[] first = node.Inputs.Length > 0 ? _channels[node.Inputs[0]] : [];
        return node switch
        {
            ImageInput => [.. Enumerable.Range(0, count)],
            Convolution { Groups: > 1 } when first.Length == count => first,
            Convolution or LowBitConvolution => Made(index, count),
            Concat => Joined(node),
            ChannelMean => first[..count],
            PixelShuffle shuffle => [.. Enumerable.Range(0, count).Select(c => Shuffled(first[c * shuffle.Factor * shuffle.Factor], shuffle.Factor))],
            Add => [.. Enumerable.Range(0, count).Select(c => node.Inputs.Max(input => _channels[input][c]))],
            ReducedAttention => _channels[node.Inputs[2]],
            _ => first,
        };

        static int Shuffled(int channel, int factor) => channel == New ? New : channel / (factor * factor);
    }

    /// <summary>The channels that a convolution makes: as many as before, or blocks of channels of which the first are the source's.</summary>
    private int[] Made(int index, int count)
    {
        int before = _indices.TryGetValue(_target.Nodes[index].Name, out int same) ? _source.Types[same].Channels : 0;
        if (before == count)
        {
            return [.. Enumerable.Range(0, count)];
        }

        // Of what goes to space, the channels that become one are of one kind.
        int phases = _readers[index].SelectMany(reader => _target.Nodes[reader] is BatchNorm ? _readers[reader] : [reader])
            .Select(reader => _target.Nodes[reader] is PixelShuffle shuffle ? shuffle.Factor * shuffle.Factor : 1).DefaultIfEmpty(1).Max();
        bool isWider = before > 0 && before % (_block * phases) == 0 && before / _block * _widerBlock == count && !IsHeadOrGate(_target, _readers, index);
        return [.. Enumerable.Range(0, count).Select(c => isWider && c / phases % _widerBlock < _block ? Old(c / phases) * phases + c % phases : New)];

        int Old(int channel) => channel / _widerBlock * _block + channel % _widerBlock;
    }

    private int[] Joined(Node concat)
    {
        List<int> channels = [];
        int offset = 0;
        foreach (int input in concat.Inputs)
        {
            channels.AddRange(_channels[input].Select(channel => channel == New ? New : offset + channel));
            offset += _indices.TryGetValue(_target.Nodes[input].Name, out int same) ? _source.Types[same].Channels : 0;
        }

        return [.. channels];
    }
}
