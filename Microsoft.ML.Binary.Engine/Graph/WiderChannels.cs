using System.Numerics;

namespace Microsoft.ML.Binary.Graph;

/// <summary>
/// Which channels of a network are those of a narrower one that its weights come from. All layers are wider by one factor: of every block of channels the first
/// are the source's, in their order, and the others are new; so it is in concatenations, means of channel groups and shuffled pixels too.
/// </summary>
/// <remarks>
/// The wider network computes what the narrower one does: new channels whose signs are read are zeros, because the batch norm that makes them has a scale of 0 there; so
/// their signs are +1 in every pixel, and the one-bit weights that read them come in pairs of opposite sign. New channels that real-valued convolutions alone
/// read need not be zeros: those weights are. (Net2WiderNet, arXiv 1511.05641, doubles channels and halves weights, which one bit cannot.)
/// </remarks>
internal sealed class WiderChannels
{
    private const int New = -1;

    private readonly DenseGraph _source, _target;
    private readonly Dictionary<string, int> _indices;
    private readonly int _block, _widerBlock;
    private readonly int[][] _channels;
    private readonly bool[] _areFree;

    private WiderChannels(DenseGraph source, DenseGraph target, Dictionary<string, int> indices, int block, int widerBlock)
    {
        (_source, _target, _indices, _block, _widerBlock) = (source, target, indices, block, widerBlock);
        _channels = new int[target.Nodes.Length][];
        for (int i = 0; i < _channels.Length; i++)
        {
            _channels[i] = Channels(i);
        }

        _areFree = [.. target.Nodes.Select((node, i) => node is BatchNorm && AreReadByConvolutionsAlone(i))];
    }

    /// <summary>Finds out how two networks correspond; null where the target is not the source made wider.</summary>
    public static WiderChannels? Between(DenseGraph source, DenseGraph target)
    {
        Dictionary<string, int> indices = source.Nodes.Select((node, i) => (node.Name, i)).ToDictionary(pair => pair.Name, pair => pair.i, StringComparer.Ordinal);
        (int Narrow, int Wide)[] widths =
        [
            .. from i in Enumerable.Range(0, target.Nodes.Length)
               let node = target.Nodes[i]
               where node is BinaryConvolution or Convolution { Bias: null } or ReducedAttention && indices.ContainsKey(node.Name)
               let parts = node is ReducedAttention attention ? attention.Heads : 1
               let pair = (Narrow: source.Types[indices[node.Name]].Channels / parts, Wide: target.Types[i].Channels / parts)
               where pair.Narrow != pair.Wide
               select pair,
        ];
        int block = Common(widths.Select(pair => pair.Narrow)), wider = Common(widths.Select(pair => pair.Wide));
        return widths.Length > 0 && widths.All(pair => pair.Wide > pair.Narrow && pair.Narrow / block == pair.Wide / wider) && block % 4 == 0 && wider % 4 == 0
            ? new(source, target, indices, block, wider)
            : null;

        static int Common(IEnumerable<int> numbers) => (int)numbers.Aggregate(BigInteger.Zero, (divisor, number) => BigInteger.GreatestCommonDivisor(divisor, number));
    }

    /// <summary>Puts the source's values of a parameter into the wider one; false, and nothing is changed, where none of its channels are the source's.</summary>
    /// <param name="index">The node of the target that owns it.</param>
    /// <param name="parameter">The parameter, with initial values.</param>
    /// <param name="values">The source's, narrower in one axis or more.</param>
    public bool TryWiden(int index, Parameter parameter, Parameter values)
    {
        if (Axes(index, parameter) is not { } axes || parameter.Shape.Length != values.Shape.Length || !axes.Select(axis => axis.Length).SequenceEqual(parameter.Shape.Take(axes.Length))
            || !parameter.Shape.Skip(axes.Length).SequenceEqual(values.Shape.Skip(axes.Length))
            || axes.Zip(values.Shape).Any(pair => pair.First.Max() is var last && (last == New || last >= pair.Second)))
        {
            return false;
        }

        int[] outer = axes[0], inner = axes.Length > 1 ? axes[1] : [0];
        int taps = parameter.Values.Length / (outer.Length * inner.Length), narrow = axes.Length > 1 ? values.Shape[1] : 1;
        for (int o = 0; o < outer.Length; o++)
        {
            for (int i = 0; i < inner.Length; i++)
            {
                Span<float> place = parameter.Values.AsSpan((o * inner.Length + i) * taps, taps);
                if (outer[o] != New && inner[i] != New)
                {
                    values.Values.AsSpan((outer[o] * narrow + inner[i]) * taps, taps).CopyTo(place);
                }
                else if (MustBeZero(index, parameter, outer[o], inner[i]))
                {
                    place.Clear();
                }
            }

            if (_target.Nodes[index] is BinaryConvolution)
            {
                Pair(parameter.Values.AsSpan(o * inner.Length * taps, inner.Length * taps), inner, taps);
            }
        }

        return true;
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

    private bool MustBeZero(int index, Parameter parameter, int output, int input) => _target.Nodes[index] switch
    {
        BatchNorm norm => parameter == norm.Gamma && !_areFree[index],
        Convolution { Groups: 1 } convolution => output != New && input == New && Norm(convolution.Inputs[0]) is var norm && _areFree[norm],
        _ => false,
    };

    // What made a map, activations aside.
    private int Norm(int index) => _target.Nodes[index] is RPReLU activation ? Norm(activation.Inputs[0]) : index;

    private bool AreReadByConvolutionsAlone(int index) => Readers(index).All(i => _target.Nodes[i] is Convolution || (_target.Nodes[i] is RPReLU && AreReadByConvolutionsAlone(i)));

    /// <summary>The channels of the source along each axis of a parameter that has as many as channels; null for one that does not.</summary>
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
        int before = _indices.TryGetValue(squeeze.Name, out int index) ? ((SqueezeExcitation)_source.Nodes[index]).Hidden : 0;
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
            Convolution { Groups: > 1 } => first,
            Convolution or LowBitConvolution => Made(index, count),
            Concat => [.. node.Inputs.SelectMany(Joined(node))],
            ChannelMean => first[..count],
            PixelShuffle shuffle => [.. Enumerable.Range(0, count).Select(c => first[c * shuffle.Factor * shuffle.Factor] is var channel && channel == New ? New : channel / (shuffle.Factor * shuffle.Factor))],
            Add => [.. Enumerable.Range(0, count).Select(c => node.Inputs.Max(input => _channels[input][c]))],
            ReducedAttention => _channels[node.Inputs[2]],
            _ => first,
        };
    }

    /// <summary>The channels that a convolution makes: as many as before, or blocks of channels of which the first are the source's.</summary>
    private int[] Made(int index, int count)
    {
        Node node = _target.Nodes[index];
        int before = _indices.TryGetValue(node.Name, out int same) ? _source.Types[same].Channels : 0;

        // Of what goes to space, channels that become one are of one kind.
        int phases = Readers(index).SelectMany(reader => _target.Nodes[reader] is BatchNorm ? Readers(reader) : [reader])
            .Select(reader => _target.Nodes[reader] is PixelShuffle shuffle ? shuffle.Factor * shuffle.Factor : 1).DefaultIfEmpty(1).Max();
        return before == count ? [.. Enumerable.Range(0, count)]
            : node is not Convolution { Bias: not null } && before > 0 && before % (_block * phases) == 0 && before / _block * _widerBlock == count
                ? [.. Enumerable.Range(0, count).Select(c => Block(c / phases) is var channel && channel == New ? New : channel * phases + c % phases)]
                : [.. Enumerable.Repeat(New, count)];
    }

    private int Block(int channel) => channel % _widerBlock < _block ? channel / _widerBlock * _block + channel % _widerBlock : New;

    private IEnumerable<int> Readers(int index) => Enumerable.Range(0, _target.Nodes.Length).Where(i => _target.Nodes[i].Inputs.Contains(index));

    private Func<int, IEnumerable<int>> Joined(Node concat)
    {
        int start = 0;
        return input =>
        {
            int offset = start;
            start += _indices.TryGetValue(_target.Nodes[input].Name, out int index) ? _source.Types[index].Channels : 0;
            return _channels[input].Select(channel => channel == New ? New : offset + channel);
        };
    }
}
