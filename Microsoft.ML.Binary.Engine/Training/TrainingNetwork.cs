using System.Collections.Immutable;
using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Kernels;
using Microsoft.ML.Binary.Training.Operations;

namespace Microsoft.ML.Binary.Training;

/// <summary>
/// A trainable graph made executable for batches of one size: a value and an operation for each node, and a gradient for each parameter.
/// </summary>
internal sealed class TrainingNetwork
{
    // Keeps the indices of padded copies within an int, too.
    private const long MaxValues = 1L << 29;

    private readonly TrainingValue[] _values;
    private readonly TrainingOperation?[] _operations;

    /// <summary>Prepares for batches of images whose sides are multiples of the graph's alignment.</summary>
    /// <exception cref="GraphException">The trainer has no case for a node (a frozen one, for example).</exception>
    /// <exception cref="ArgumentException">A batch would be too large, or its maps alone do not fit into the memory that there is.</exception>
    public TrainingNetwork(DenseGraph graph, int images, int height, int width, int threads)
    {
        Graph = graph;
        Trained = [.. graph.Parameters.Where(p => p.Role is not (ParameterRole.Statistic or ParameterRole.Constant))];
        Gradients = Trained.ToDictionary(p => p, p => new float[p.Values.Length]);
        Pass = new TrainingPass(threads, Gradients);
        _values = new TrainingValue[graph.Nodes.Length];
        _operations = new TrainingOperation?[graph.Nodes.Length];
        bool[] onlyConvolved = FindOnlyConvolved(graph);
        CheckSize(graph, images, height, width);
        long bytes = MapBytes(graph, images, height, width), available = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;
        if (bytes > available)
        {
            throw new ArgumentException(
                $"A batch of {images} crops of {width}x{height} needs more than {bytes >> 20} MiB of memory, and there are {available >> 20}. Take fewer or smaller crops.");
        }

        for (int i = 0; i < graph.Nodes.Length; i++)
        {
            Node node = graph.Nodes[i];
            (int rows, int columns) = graph.Types[i].SizeAt(height, width);
            TrainingValue[] inputs = [.. node.Inputs.Select(input => _values[input])];
            bool needsGradient = inputs.Any(input => input.NeedsGradient) || node.Parameters.Any(Gradients.ContainsKey);
            _values[i] = node is Sign sign && onlyConvolved[i]
                ? TrainingValue.SignsOf(inputs[0], sign.Shift, needsGradient)
                : new TrainingValue(images, graph.Types[i].Channels, rows, columns, needsGradient);
            _operations[i] = node is ImageInput ? null : Operation(node, inputs, _values[i]);
            if (_operations[i] is BatchNormOperation norm)
            {
                norm.Searched = _operations[node.Inputs[0]] as SearchConvolutionOperation;
            }
        }
    }

    /// <summary>Bytes of the maps that are kept from the way forward to the way back. A step takes more, for gradients.</summary>
    internal static long MapBytes(DenseGraph graph, int images, int height, int width)
    {
        bool[] onlyConvolved = FindOnlyConvolved(graph);
        long bytes = 0;
        for (int i = 0; i < graph.Nodes.Length; i++)
        {
            (int rows, int columns) = graph.Types[i].SizeAt(height, width);
            bytes += graph.Nodes[i] is Sign && onlyConvolved[i] ? 0 : sizeof(float) * (long)images * graph.Types[i].Channels * rows * columns;
        }

        return bytes;
    }

    private static void CheckSize(DenseGraph graph, int images, int height, int width)
    {
        for (int i = 0; i < graph.Nodes.Length; i++)
        {
            Node node = graph.Nodes[i];
            (int rows, int columns) = graph.Types[i].SizeAt(height, width);
            long count = Math.Max(
                (long)images * graph.Types[i].Channels * rows * columns, Math.Max(PaddedValues(graph, i, rows, columns), AttentionWeights(graph, i, images, height, width)));
            if (count > MaxValues)
            {
                throw new ArgumentException(
                    $"A batch of {images} crops of {width}x{height} gives '{node.Name}' {count} values; at most {MaxValues} are possible. Take fewer or smaller crops.");
            }
        }
    }

    /// <summary>Values that a convolution of one image works on, padding included: a file chooses dilation and channels.</summary>
    private static long PaddedValues(DenseGraph graph, int index, long rows, long columns)
    {
        ConvolutionGeometry? geometry = graph.Nodes[index] switch
        {
            Convolution n => n.Geometry,
            LowBitConvolution n => n.Geometry,
            _ => null,
        };
        if (geometry is not { } g)
        {
            return 0;
        }

        long channels = Math.Max(graph.Types[index].Channels, g.Stride * g.Stride * graph.Types[graph.Nodes[index].Inputs[0]].Channels);
        return channels * ((rows + 2 * g.Padding + 1) * (columns + g.Padding + 1) + PlaneLayout.Tile);
    }

    // For the way back an attention keeps one weight for each query and token of a head. (Each of the two maps has few enough values for a long to hold their product.)
    private static long AttentionWeights(DenseGraph graph, int index, int images, int height, int width)
    {
        return graph.Nodes[index] is ReducedAttention attention ? (long)images * attention.Heads * Pixels(attention.Inputs[0]) * Pixels(attention.Inputs[1]) : 0;

        long Pixels(int node)
        {
            (int rows, int columns) = graph.Types[node].SizeAt(height, width);
            return (long)rows * columns;
        }
    }

    public DenseGraph Graph { get; }

    /// <summary>The parameters that an optimiser changes.</summary>
    public ImmutableArray<Parameter> Trained { get; }

    /// <summary>The gradient of each trained parameter.</summary>
    public IReadOnlyDictionary<Parameter, float[]> Gradients { get; }

    public TrainingPass Pass { get; }

    /// <summary>Called after each node's operation, with true on the way forward and false on the way back: for profiles.</summary>
    public Action<Node, bool>? OperationDone { get; set; }

    /// <summary>The images, values 0..255, to be filled before <see cref="Forward"/>.</summary>
    public TrainingValue Image => _values[Array.FindIndex(_operations, operation => operation is null)];

    public TrainingValue Logits => _values[Graph.Logits];

    /// <summary>The convolutions whose widths are searched for, in the order of the graph.</summary>
    public IEnumerable<SearchConvolutionOperation> Searched => _operations.OfType<SearchConvolutionOperation>();

    public TrainingValue Value(int node) => _values[node];

    /// <summary>Computes every node's value for the batch.</summary>
    public void Forward(bool usesBatchStatistics)
    {
        Pass.UsesBatchStatistics = usesBatchStatistics;
        Pass.Penalty = 0;
        for (int i = 0; i < _operations.Length; i++)
        {
            _operations[i]?.Forward(Pass);
            OperationDone?.Invoke(Graph.Nodes[i], true);
        }
    }

    /// <summary>Fills <see cref="Gradients"/> from the gradients of the outputs that a loss has set, or adds to them.</summary>
    public void Backward(bool adds = false)
    {
        if (!adds)
        {
            Pass.For(Trained.Length, i => Array.Clear(Gradients[Trained[i]]));
        }

        for (int i = _operations.Length - 1; i >= 0; i--)
        {
            if (_operations[i] is { } operation && _values[i].Gradient is not null)
            {
                operation.Backward(Pass);
                OperationDone?.Invoke(Graph.Nodes[i], false);
            }

            Pass.EndGradient(_values[i]);
        }
    }

    /// <summary>Which nodes are read by nothing but convolutions of signs.</summary>
    private static bool[] FindOnlyConvolved(DenseGraph graph)
    {
        bool[] result = [.. Enumerable.Repeat(true, graph.Nodes.Length)];
        foreach (int read in graph.Nodes.Where(node => node is not LowBitConvolution).SelectMany(node => node.Inputs).Concat(graph.Outputs.Select(o => o.Node)))
        {
            result[read] = false;
        }

        return result;
    }

    /// <summary>What executes a node.</summary>
    internal static TrainingOperation Operation(Node node, TrainingValue[] inputs, TrainingValue output) => node switch
    {
        Convolution { Groups: 1 } n => new RealConvolutionOperation(n) { Inputs = inputs, Output = output },
        Convolution n => new DepthwiseOperation(n) { Inputs = inputs, Output = output },
        BinaryConvolution { ActivationBits: 1 } n => new BinaryConvolutionOperation(n) { Inputs = inputs, Output = output },
        BinaryConvolution n => new MixedConvolutionOperation(n, n.Weight) { Inputs = inputs, Output = output },
        MixedConvolution n => new MixedConvolutionOperation(n, n.Weight) { Inputs = inputs, Output = output },
        SearchConvolution n => new SearchConvolutionOperation(n) { Inputs = inputs, Output = output },
        Affine n => new AffineOperation(n) { Inputs = inputs, Output = output },
        BatchNorm n => new BatchNormOperation(n) { Inputs = inputs, Output = output },
        Gate n => new GateOperation(n) { Inputs = inputs, Output = output },
        Sign n => new SignOperation(n) { Inputs = inputs, Output = output },
        ActivationLevels n => new ActivationLevelsOperation(n) { Inputs = inputs, Output = output },
        RPReLU n => new RPReLUOperation(n) { Inputs = inputs, Output = output },
        Add => new AddOperation { Inputs = inputs, Output = output },
        Concat => new ConcatOperation { Inputs = inputs, Output = output },
        ChannelMean n => new ChannelMeanOperation(n.Groups) { Inputs = inputs, Output = output },
        Upsample { Mode: UpsampleMode.Nearest } n => GatherOperation.Nearest(n.Factor, inputs[0], output),
        Upsample n => new BilinearOperation(n.Factor) { Inputs = inputs, Output = output },
        PixelShuffle n => GatherOperation.PixelShuffle(n.Factor, inputs[0], output),
        TokenSample => GatherOperation.TokenSample(inputs[0], output),
        AveragePool => new AveragePoolOperation { Inputs = inputs, Output = output },
        ReducedAttention n => new AttentionOperation(n) { Inputs = inputs, Output = output },
        AdaptiveShift n => new AdaptiveShiftOperation(n) { Inputs = inputs, Output = output },
        SqueezeExcitation n => new SqueezeExcitationOperation(n) { Inputs = inputs, Output = output },
        Bottleneck n => new BottleneckOperation(n) { Inputs = inputs, Output = output },
        GateMap => new GateMapOperation { Inputs = inputs, Output = output },
        PixelGate n => new PixelGateOperation(n) { Inputs = inputs, Output = output },
        _ => throw new GraphException(node.Name, $"a {node.GetType().Name} cannot be trained; training takes a graph that is not frozen"),
    };
}
