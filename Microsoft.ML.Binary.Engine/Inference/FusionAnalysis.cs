using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Inference.Steps;
using Microsoft.ML.Binary.Kernels;

namespace Microsoft.ML.Binary.Inference;

/// <summary>
/// Decides which nodes disappear into the one that reads them, and in which form (real values, packed signs) the others are kept. A chain
/// is an operation that makes a map, then at most one affine map, one pixel gate, sums, and one RPReLU: what <see cref="Epilogue"/> does in one pass.
/// </summary>
internal sealed class FusionAnalysis
{
    private readonly DenseGraph _graph;
    private readonly bool _fuses;
    private readonly bool _hasPlanesOfSix;
    private readonly List<int>[] _readers;
    private readonly bool[] _live, _absorbed, _heavy, _needsReal;
    private readonly Dictionary<Node, Stem> _stems = [];
    private readonly HashSet<int> _inStem = [];

    /// <summary>Analyses a frozen graph; the same for every image size.</summary>
    public FusionAnalysis(DenseGraph graph, InferenceOptions options)
    {
        int count = graph.Nodes.Length;
        bool fuses = !options.KeepsNodeOutputs;
        (_graph, _fuses, _hasPlanesOfSix) = (graph, fuses, options.Kernels.HasPlanesOfSix);
        (Result, ResultFactor) = graph.Nodes[graph.Logits] is Upsample { Mode: UpsampleMode.Bilinear } enlargement && fuses
            ? (enlargement.Inputs[0], enlargement.Factor)
            : (graph.Logits, 1);
        (_live, _absorbed, _heavy, _needsReal) = (new bool[count], new bool[count], new bool[count], new bool[count]);
        _readers = [.. Enumerable.Range(0, count).Select(_ => new List<int>())];
        _live[Result] = true;
        for (int i = count - 1; i >= 0; i--)
        {
            _live[i] |= !fuses;
            if (_live[i])
            {
                foreach (int input in graph.Nodes[i].Inputs)
                {
                    _live[input] = true;
                    _readers[input].Add(i);
                }
            }
        }

        for (int i = 0; i < count; i++)
        {
            Absorb(i);
        }

        for (int i = 0; i < count; i++)
        {
            _needsReal[i] = _live[i] && !_absorbed[i] && (i == Result || !fuses || _readers[i].Any(reader => ReadsReal(i, reader)));
            if (_live[i] && _graph.Nodes[i] is Convolution { Geometry: { Kernel: 1, Stride: 1 }, Groups: 1 } pointwise)
            {
                FindStem(pointwise);
            }
        }
    }

    /// <summary>The convolutions that are done together with a pointwise one, if there are any.</summary>
    public Stem? StemOf(Convolution pointwise) => _stems.GetValueOrDefault(pointwise);

    /// <summary>Whether a node is done by the step of the stem that it belongs to.</summary>
    public bool IsInStem(int node) => _inStem.Contains(node);

    /// <summary>The node of which the result is made.</summary>
    public int Result { get; }

    /// <summary>How many times it is enlarged for that: row by row, together with what is made of the logits.</summary>
    public int ResultFactor { get; }

    /// <summary>Whether the result depends on a node.</summary>
    public bool IsLive(int node) => _live[node];

    /// <summary>Whether a node is done by the step of its only reader.</summary>
    public bool IsAbsorbed(int node) => _absorbed[node];

    /// <summary>Whether a step reads the real values of a node (which for a map of signs are +1 and -1).</summary>
    public bool NeedsReal(int node) => _needsReal[node];

    /// <summary>
    /// The mean over channel groups that is made together with a node's map, so that the map itself need not be stored: only its signs and
    /// that mean are read. Otherwise -1.
    /// </summary>
    public int MeanOf(int node)
    {
        if (!_fuses || !_live[node] || _absorbed[node] || _graph.Nodes[node] is not Upsample || _graph.Types[node].IsSign)
        {
            return -1;
        }

        int[] others = [.. _readers[node].Where(reader => _graph.Nodes[reader] is not Sign)];
        return others is [var mean] && _graph.Nodes[mean] is ChannelMean && !_absorbed[mean] && _graph.Types[mean].Channels % 4 == 0 ? mean : -1;
    }

    /// <summary>
    /// Channels in a plane of a map of signs: six where the look-up for that exists and only convolutions read the map, else four.
    /// </summary>
    public int ChannelsPerPlane(int node)
    {
        bool isRead = _hasPlanesOfSix && _graph.Nodes[node] is Sign && !_needsReal[node]
            && _readers[node].TrueForAll(reader => _graph.Nodes[reader] is PackedBinaryConvolution);
        return isRead && (MeanOf(_graph.Nodes[node].Inputs[0]) is not (>= 0 and int mean) || _graph.Types[mean].Channels % VbmiWeights.Channels == 0)
            ? VbmiWeights.Channels
            : 4;
    }

    /// <summary>Whether a node's map is the normalised image, read by one strided convolution only: it is made as phases at once.</summary>
    public bool IsImageInPhases(int node) =>
        _fuses && _graph.Nodes[node] is Affine affine && _absorbed[affine.Inputs[0]] && _graph.Nodes[affine.Inputs[0]] is ImageInput
        && _readers[node] is [var reader] && _graph.Nodes[reader] is Convolution { Geometry.Stride: 2 };

    /// <summary>Whether a convolution can read the small map in front of the enlargement that it reads.</summary>
    public static bool ReadsEnlarged(DenseGraph graph, PackedBinaryConvolution node) =>
        node.Geometry == new ConvolutionGeometry(Kernel: 3) && graph.Nodes[node.Inputs[0]] is Upsample { Factor: 2, Mode: UpsampleMode.Nearest };

    /// <summary>The same, where nodes are fused.</summary>
    public bool ReadsEnlarged(PackedBinaryConvolution node) => _fuses && ReadsEnlarged(_graph, node);

    /// <summary>Whether nobody reads an enlarged map of signs itself.</summary>
    public bool IsSkipped(int enlarged) => _fuses && enlarged != Result && _readers[enlarged].TrueForAll(
        reader => _graph.Nodes[reader] is PackedBinaryConvolution convolution && ReadsEnlarged(convolution));

    /// <summary>The sign nodes that read a node.</summary>
    public IEnumerable<int> SignReaders(int node) => _readers[node].Where(reader => _graph.Nodes[reader] is Sign).Distinct();

    /// <summary>Whether the step that makes a node's map ends in an <see cref="Epilogue"/>, which can pack signs of it.</summary>
    public bool HasEpilogue(int node) =>
        !_graph.Types[node].IsSign && _graph.Nodes[node] is not (Concat or ReducedAttention);

    /// <summary>Whether a joined map of signs consists of whole nibbles, so that the packed planes can be used as they are.</summary>
    public bool JoinsNibbles(int node) =>
        _graph.Types[node].IsSign && _graph.Nodes[node] is Concat concat && concat.Inputs.SkipLast(1).All(input => _graph.Types[input].Channels % 4 == 0);

    /// <summary>Whether attention reads its queries and keys packed.</summary>
    public bool PacksKeys(ReducedAttention node)
    {
        FeatureType queries = _graph.Types[node.Inputs[0]];
        return queries.IsSign && AttentionShape.CanPack(node, queries.Channels);
    }

    private void FindStem(Convolution pointwise)
    {
        List<int> nodes = [];
        if (StageOf(pointwise.Inputs[0], nodes) is { } depthwise && NetworkWeights.IsDepthwise(depthwise.Convolution) && depthwise.Convolution.Groups == _graph.Types[nodes[^1]].Channels
            && StageOf(depthwise.Convolution.Inputs[0], nodes) is { Convolution: { Groups: 1 } first } stage && IsImageInPhases(first.Inputs[0]))
        {
            _stems.Add(pointwise, new Stem((Affine)_graph.Nodes[first.Inputs[0]], stage, depthwise));
            _inStem.UnionWith(nodes);
            _inStem.Add(first.Inputs[0]);
        }
    }

    /// <summary>A strided 3x3 convolution that a node ends, if nothing else reads what is in it; its nodes are noted, the convolution last.</summary>
    private Stem.Stage? StageOf(int node, List<int> nodes)
    {
        Affine? affine = null;
        RPReLU? activation = null;
        while (_fuses && node != Result && _readers[node].Count == 1)
        {
            nodes.Add(node);
            switch (_graph.Nodes[node])
            {
                case RPReLU n when activation is null && affine is null:
                    activation = n;
                    break;
                case Affine n when affine is null:
                    affine = n;
                    break;
                case Convolution n when n.Geometry == new ConvolutionGeometry(Kernel: 3, Stride: 2):
                    return new(n, affine, activation);
                default:
                    return null;
            }

            node = _graph.Nodes[node].Inputs[0];
        }

        return null;
    }

    private void Absorb(int reader)
    {
        if (!_live[reader] || !_fuses)
        {
            return;
        }

        switch (_graph.Nodes[reader])
        {
            case Affine node when CanGo(node.Inputs[0]) && IsSource(node.Inputs[0]):
                Take(node.Inputs[0]);
                break;
            case PixelGate node when CanGo(node.Inputs[0]) && IsSourceOrAffine(node.Inputs[0]):
                Take(node.Inputs[0]);
                break;
            case RPReLU node when CanGo(node.Inputs[0]) && _graph.Nodes[node.Inputs[0]] is not RPReLU:
                Take(node.Inputs[0]);
                break;
            case Add node:
                int[] terms = [.. node.Inputs.Where(i => CanGo(i) && (IsSourceOrAffine(i) || _graph.Nodes[i] is PixelGate))];
                foreach (int term in terms.Any(i => _heavy[i]) ? terms.Where(i => _heavy[i]) : terms.Take(1))
                {
                    Take(term);
                }

                break;
        }

        _heavy[reader] = _graph.Nodes[reader] is Convolution or PackedBinaryConvolution
            || (_graph.Nodes[reader] is Affine or PixelGate && _absorbed[_graph.Nodes[reader].Inputs[0]] && _heavy[_graph.Nodes[reader].Inputs[0]]);

        bool CanGo(int node) => node != Result && _readers[node].Count == 1 && HasEpilogue(node);

        void Take(int node) => _absorbed[node] = true;
    }

    private bool IsSource(int node) => HasEpilogue(node) && _graph.Nodes[node] is not (Affine or PixelGate or Add or RPReLU);

    private bool IsSourceOrAffine(int node) => IsSource(node) || _graph.Nodes[node] is Affine;

    private bool ReadsReal(int node, int reader) => _graph.Nodes[reader] switch
    {
        Sign => !HasEpilogue(node),
        PackedBinaryConvolution => false,
        Upsample or TokenSample => !_graph.Types[reader].IsSign,
        Concat => !JoinsNibbles(reader),
        ReducedAttention attention => attention.Inputs[2] == node || !PacksKeys(attention),
        _ => true,
    };
}
