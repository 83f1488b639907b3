using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Kernels;

namespace Microsoft.ML.Binary.Inference;

/// <summary>The weights of a frozen graph's convolutions in the order in which the kernels read them; every plan shares them.</summary>
internal sealed class NetworkWeights
{
    private readonly Dictionary<Node, byte[]> _binary = [];
    private readonly Dictionary<Node, ushort[]> _six = [], _enlarged = [];
    private readonly Dictionary<Node, (float[] Weights, float[] Bias)> _real = [];

    /// <summary>Packs all weights.</summary>
    /// <param name="graph">The frozen graph.</param>
    /// <param name="fusion">Says which convolutions read planes of six channels, and which ones the small map in front of an enlargement.</param>
    public NetworkWeights(DenseGraph graph, FusionAnalysis fusion)
    {
        for (int i = 0; i < graph.Nodes.Length; i++)
        {
            switch (graph.Nodes[i])
            {
                case PackedBinaryConvolution node when fusion.ReadsEnlarged(node):
                    _enlarged.Add(node, PackEnlarged(node));
                    break;
                case PackedBinaryConvolution node when fusion.ChannelsPerPlane(node.Inputs[0]) == VbmiWeights.Channels:
                    _six.Add(node, PackSix(node));
                    break;
                case PackedBinaryConvolution node:
                    _binary.Add(node, Pack(node));
                    break;
                case Convolution node:
                    float[] bias = new float[NibbleWeights.Groups(graph.Types[i].Channels) * 4];
                    node.Bias?.Values.CopyTo(bias, 0);
                    _real.Add(node, (IsDepthwise(node) ? node.Weight.Values : FloatWeights.Pack(node.Weight.Values, node.Weight.Shape[0]), bias));
                    break;
            }
        }
    }

    /// <summary>Bytes of all weights as they are packed.</summary>
    public long Bytes =>
        _binary.Values.Sum(weights => (long)weights.Length) + _six.Values.Concat(_enlarged.Values).Sum(weights => (long)weights.Length * sizeof(ushort))
        + _real.Values.Sum(real => (long)(real.Weights.Length + real.Bias.Length) * sizeof(float));

    public byte[] this[PackedBinaryConvolution node] => _binary[node];

    /// <summary>The weights of a convolution that reads planes of six channels.</summary>
    public ushort[] OfSix(PackedBinaryConvolution node) => _six[node];

    /// <summary>The weights of a convolution that reads an enlarged map, for reading the small one.</summary>
    public ushort[] Enlarged(PackedBinaryConvolution node) => _enlarged[node];

    public (float[] Weights, float[] Bias) this[Convolution node] => _real[node];

    public static bool IsDepthwise(Convolution node) => node.Groups > 1;

    private static byte[] Pack(PackedBinaryConvolution node)
    {
        Check(node);
        SignTensor weight = node.Weight;
        int taps = weight.Kernel * weight.Kernel;
        byte[] packed = new byte[NibbleWeights.Length(weight.Outputs, weight.Inputs, taps)];
        NibbleWeights.PackBits(weight.Bits, weight.Outputs, weight.Inputs, taps, packed);
        return packed;
    }

    private static ushort[] PackSix(PackedBinaryConvolution node)
    {
        Check(node);
        SignTensor weight = node.Weight;
        int taps = weight.Kernel * weight.Kernel;
        ushort[] packed = new ushort[VbmiWeights.Length(weight.Outputs, weight.Inputs, taps)];
        VbmiWeights.PackBits(weight.Bits, weight.Outputs, weight.Inputs, taps, packed);
        return packed;
    }

    private static ushort[] PackEnlarged(PackedBinaryConvolution node)
    {
        Check(node);
        ushort[] packed = new ushort[EnlargedWeights.Length(node.Weight.Outputs, node.Weight.Inputs)];
        EnlargedWeights.PackBits(node.Weight.Bits, node.Weight.Outputs, node.Weight.Inputs, packed);
        return packed;
    }

    private static void Check(PackedBinaryConvolution node)
    {
        SignTensor weight = node.Weight;
        int taps = weight.Kernel * weight.Kernel;
        if ((long)weight.Inputs * taps > NibbleDot.MaxProducts)
        {
            throw new GraphException(
                node.Name, $"{weight.Inputs} channels times {taps} taps are more one-bit products than compiled inference counts ({NibbleDot.MaxProducts})");
        }
    }
}
