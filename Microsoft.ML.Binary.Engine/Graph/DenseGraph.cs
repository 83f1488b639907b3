using System.Collections.Immutable;

namespace Microsoft.ML.Binary.Graph;

/// <summary>A named result of a graph.</summary>
/// <param name="Name">For example <c>logits</c>.</param>
/// <param name="Node">Index of the node.</param>
/// <example>
/// <code>
/// // A network that gives what its classifier reads as well as the logits.
/// DenseGraph graph = network.Graph;
/// int features = graph.Nodes[graph.Logits].Inputs[0];
/// DenseGraph both = new(graph.Nodes, [.. graph.Outputs, new GraphOutput("features", features)]);
/// FeatureMap map = ReferenceInterpreter.Run(both, new(channels: 3, height: 64, width: 64))[both.Output("features")];
/// </code>
/// </example>
public readonly record struct GraphOutput(string Name, int Node);

/// <summary>
/// A network as data: typed nodes in an order in which every node comes after its inputs. The trainer, the compiler, the network file
/// and the reference interpreter read it; none of them is part of it.
/// </summary>
/// <example>
/// <code>
/// DenseGraph graph = DenseNetworkBuilder.Build(NetworkConfiguration.For(NetworkPreset.Tiny, outputs: 3));
/// foreach ((Node node, FeatureType type) in graph.Nodes.Zip(graph.Types))
/// {
///     Console.WriteLine($"{node.Name}: {node.GetType().Name}, {type.Channels} channels");
/// }
/// </code>
/// </example>
public sealed class DenseGraph
{
    /// <summary>The name of the output that every network of this package has: per-pixel logits at stride 1.</summary>
    public const string LogitsOutput = "logits";

    // Far above any network of this package; they keep a network file from asking for absurd amounts of memory.
    internal const int MaxNodes = 4096, MaxInputs = 64, MaxParameters = 16, MaxChannels = 16384, MaxOutputs = 64, MaxNameLength = 256;

    // What readers of a graph work through: the inputs of all nodes, and the channels of all nodes and of all their inputs.
    internal const int MaxEdges = 16384, MaxPlanes = 1 << 20;

    /// <summary>Validates the nodes and infers their types.</summary>
    /// <exception cref="GraphException">A node does not fit its inputs, or a name occurs twice.</exception>
    public DenseGraph(ImmutableArray<Node> nodes, ImmutableArray<GraphOutput> outputs)
    {
        if (nodes.Length > MaxNodes)
        {
            throw new GraphException("(graph)", $"it has {nodes.Length} nodes; at most {MaxNodes} are possible");
        }

        var types = ImmutableArray.CreateBuilder<FeatureType>(nodes.Length);
        HashSet<string> names = [];
        long edges = 0, planes = 0;
        for (int i = 0; i < nodes.Length; i++)
        {
            Node node = nodes[i];
            CheckName(node.Name);
            if (!names.Add(node.Name))
            {
                throw new GraphException(node.Name, "another node has this name");
            }

            if (node.Inputs.Length > MaxInputs)
            {
                throw new GraphException(node.Name, $"it has {node.Inputs.Length} inputs; at most {MaxInputs} are possible");
            }

            FeatureType[] inputs = new FeatureType[node.Inputs.Length];
            for (int j = 0; j < inputs.Length; j++)
            {
                int input = node.Inputs[j];
                if (input < 0 || input >= i)
                {
                    throw new GraphException(node.Name, $"input {input} does not come before it (it is node {i})");
                }

                inputs[j] = types[input];
            }

            foreach (Parameter parameter in node.Parameters)
            {
                CheckName(parameter.Name);
                if (!names.Add(parameter.Name))
                {
                    throw new GraphException(parameter.Name, "another parameter or node has this name");
                }
            }

            FeatureType type = node.Infer(inputs);
            if (type.Channels is < 1 or > MaxChannels)
            {
                throw new GraphException(node.Name, $"{type.Channels} channels are not in 1..{MaxChannels}");
            }

            if (type.Stride is not (1 or 2 or 4 or 8 or 16 or 32))
            {
                throw new GraphException(node.Name, $"stride {type.Stride} is not 1, 2, 4, 8, 16 or 32");
            }

            edges += inputs.Length;
            planes += type.Channels + inputs.Sum(input => (long)input.Channels);
            if (edges > MaxEdges || planes > MaxPlanes)
            {
                throw new GraphException(
                    node.Name, $"up to it the graph has {edges} inputs of nodes and {planes} channels of nodes and inputs; at most {MaxEdges} and {MaxPlanes} are possible");
            }

            types.Add(type);
        }

        if (outputs.IsEmpty)
        {
            throw new GraphException("(graph)", "it has no output");
        }

        if (outputs.Length > MaxOutputs)
        {
            throw new GraphException("(graph)", $"it has {outputs.Length} outputs; at most {MaxOutputs} are possible");
        }

        foreach (SearchConvolution tied in nodes.OfType<SearchConvolution>().Where(node => node.TiedTo is not null))
        {
            if (nodes.FirstOrDefault(node => node.Name == tied.TiedTo) is not SearchConvolution { TiedTo: null } leader
                || !leader.GateLogits.Shape.SequenceEqual(tied.GateLogits.Shape) || !leader.Precisions.SequenceEqual(tied.Precisions))
            {
                throw new GraphException(tied.Name, $"its gates follow those of '{tied.TiedTo}', which is no search convolution of as many channels and the same precisions");
            }
        }

        HashSet<string> outputNames = [];
        foreach (GraphOutput output in outputs)
        {
            CheckName(output.Name);
            if (!outputNames.Add(output.Name))
            {
                throw new GraphException(output.Name, "another output has this name");
            }

            if (output.Node < 0 || output.Node >= nodes.Length)
            {
                throw new GraphException(output.Name, $"the output names node {output.Node}, and there are {nodes.Length} nodes");
            }
        }

        (Nodes, Types, Outputs) = (nodes, types.MoveToImmutable(), outputs);
    }

    /// <summary>The nodes, inputs first.</summary>
    public ImmutableArray<Node> Nodes { get; }

    /// <summary>The type of each node's output.</summary>
    public ImmutableArray<FeatureType> Types { get; }

    /// <summary>The results.</summary>
    public ImmutableArray<GraphOutput> Outputs { get; }

    /// <summary>All parameters in the order of the nodes.</summary>
    public IEnumerable<Parameter> Parameters => Nodes.SelectMany(node => node.Parameters);

    /// <summary>The index of the node of <see cref="LogitsOutput"/>.</summary>
    public int Logits => Output(LogitsOutput);

    /// <summary>Channels of the logits: classes for segmentation, 1 for saliency.</summary>
    public int LogitChannels => Types[Logits].Channels;

    /// <summary>Sides of the image are padded to a multiple of this: the largest stride.</summary>
    public int Alignment
    {
        get
        {
            int alignment = 1;
            foreach (FeatureType type in Types)
            {
                alignment = Math.Max(alignment, type.Stride);
            }

            return alignment;
        }
    }

    /// <summary>Whether any convolution reads signs or levels. Such a graph is executed with exactly defined arithmetic.</summary>
    public bool IsBinary => Nodes.Any(node => node is LowBitConvolution);

    /// <summary>Whether only frozen nodes occur: no batch norm, gate or latent weight.</summary>
    public bool IsFrozen => !Nodes.Any(node => node is BatchNorm or Gate or BinaryConvolution or MixedConvolution or SearchConvolution or Bottleneck);

    /// <summary>The index of the node of a named output.</summary>
    /// <exception cref="ArgumentException">There is none of that name.</exception>
    public int Output(string name)
    {
        foreach (GraphOutput output in Outputs)
        {
            if (output.Name == name)
            {
                return output.Node;
            }
        }

        throw new ArgumentException($"The graph has no output '{name}'; it has {string.Join(", ", Outputs.Select(o => $"'{o.Name}'"))}.", nameof(name));
    }

    /// <summary>The same graph with every token grid reduced by <paramref name="factor"/> (1..64; 1 is full attention); it needs no training (ToDo, arXiv 2402.13573).</summary>
    public DenseGraph WithAttentionReduction(int factor) => WithAttentionReduction(_ => factor);

    internal DenseGraph WithAttentionReduction(Func<TokenSample, int> factor) =>
        new([.. Nodes.Select(node => node is TokenSample sample ? sample with { Factor = factor(sample) } : node)], Outputs);

    /// <summary>The size an image of the given size is padded to.</summary>
    public (int Height, int Width) PaddedSize(int height, int width)
    {
        int alignment = Alignment;
        return ((height + alignment - 1) / alignment * alignment, (width + alignment - 1) / alignment * alignment);
    }

    // A leading dot is how the network file abbreviates a parameter's name.
    private static void CheckName(string name)
    {
        if (name is not { Length: > 0 and <= MaxNameLength } || name[0] == '.' || name.Any(char.IsControl) || name.Any(char.IsSurrogate))
        {
            throw new GraphException(name ?? "", $"a name has 1 to {MaxNameLength} printable characters and does not begin with a dot");
        }
    }

    /// <summary>The nodes that some nodes depend on, themselves included, in their order.</summary>
    internal IEnumerable<int> NodesOf(params ReadOnlySpan<int> nodes)
    {
        bool[] needed = new bool[Nodes.Length];
        foreach (int node in nodes)
        {
            needed[node] = true;
        }

        for (int i = needed.Length - 1; i >= 0; i--)
        {
            foreach (int input in needed[i] ? Nodes[i].Inputs : [])
            {
                needed[input] = true;
            }
        }

        return Enumerable.Range(0, needed.Length).Where(i => needed[i]);
    }

    /// <summary>The graph with other outputs, without what none of them depends on. Parameters are shared.</summary>
    internal DenseGraph WithOutputs(ImmutableArray<GraphOutput> outputs)
    {
        int[] kept = [.. NodesOf([.. outputs.Select(output => output.Node)])], moved = new int[Nodes.Length];
        for (int i = 0; i < kept.Length; i++)
        {
            moved[kept[i]] = i;
        }

        return new(
            [.. kept.Select(i => Nodes[i] with { Inputs = [.. Nodes[i].Inputs.Select(input => moved[input])] })],
            [.. outputs.Select(output => output with { Node = moved[output.Node] })]);
    }

    /// <summary>How many nodes read each node; an output counts as a reader.</summary>
    internal int[] CountReaders()
    {
        int[] readers = new int[Nodes.Length];
        foreach (Node node in Nodes)
        {
            foreach (int input in node.Inputs)
            {
                readers[input]++;
            }
        }

        foreach (GraphOutput output in Outputs)
        {
            readers[output.Node]++;
        }

        return readers;
    }
}
