using System.Collections.Immutable;

namespace Microsoft.ML.Binary.Graph;

/// <summary>One operation of a <see cref="DenseGraph"/>: data only, which the readers of the graph give a meaning to.</summary>
/// <param name="Name">Unique in the graph.</param>
/// <param name="Inputs">Indices of the nodes whose outputs it reads; all are smaller than its own.</param>
/// <example>
/// <code>
/// foreach ((string kind, int count) in network.Graph.Nodes.CountBy(node => node.GetType().Name))
/// {
///     Console.WriteLine($"{count} x {kind}");
/// }
///
/// Node classifier = network.Graph.Nodes[network.Graph.Logits];
/// Console.WriteLine($"{classifier.Name} reads {string.Join(", ", classifier.Inputs.Select(input => network.Graph.Nodes[input].Name))}");
/// </code>
/// </example>
public abstract record Node(string Name, ImmutableArray<int> Inputs)
{
    /// <summary>The parameters that the node owns, in a fixed order.</summary>
    public virtual ImmutableArray<Parameter> Parameters => [];

    /// <summary>The same node with what the map gives for each of its parameters, in their order.</summary>
    internal virtual Node WithParameters(Func<Parameter, Parameter> map) =>
        Parameters.IsEmpty ? this : throw new GraphException(Name, $"the parameters of a {GetType().Name} cannot be replaced");

    /// <summary>Multiply-accumulates of an output pixel that the node's weights take part in.</summary>
    internal virtual MacCount MacsPerPixel => default;

    /// <summary>The type of the output, from those of the inputs.</summary>
    /// <exception cref="GraphException">The inputs do not fit.</exception>
    internal abstract FeatureType Infer(ReadOnlySpan<FeatureType> inputs);

    private protected FeatureType Single(ReadOnlySpan<FeatureType> inputs)
    {
        Expect(inputs.Length == 1, $"takes one input, and has {inputs.Length}");
        return inputs[0];
    }

    private protected void Expect(bool condition, string problem)
    {
        if (!condition)
        {
            throw new GraphException(Name, problem);
        }
    }

    /// <summary>The only input of a node whose parameters have one value for each of its channels.</summary>
    private protected FeatureType SingleByChannel(ReadOnlySpan<FeatureType> inputs)
    {
        FeatureType input = Single(inputs);
        foreach (Parameter parameter in Parameters)
        {
            ExpectChannels(parameter, input.Channels);
        }

        return input;
    }

    private protected void ExpectChannels(Parameter parameter, int channels)
    {
        ExpectVector(parameter);
        Expect(parameter.Values.Length == channels, $"'{parameter.Name}' has {parameter.Values.Length} values, and the input has {channels} channels");
    }

    private protected void ExpectVector(Parameter parameter) =>
        Expect(parameter.Shape.Length == 1, $"'{parameter.Name}' is [{string.Join(", ", parameter.Shape)}]; it must have one side, [{parameter.Values.Length}]");
}

/// <summary>The image: red, green, blue planes with values 0..255, at stride 1.</summary>
/// <example>
/// <code>
/// Affine unit = new(
///     "unit", [0],
///     Scale: new("unit.scale", ParameterRole.Constant, [3], [1 / 256f, 1 / 256f, 1 / 256f]), Offset: new("unit.offset", ParameterRole.Constant, [3], [0, 0, 0]));
/// DenseGraph graph = new([new ImageInput("image"), unit], [new(DenseGraph.LogitsOutput, Node: 1)]);
/// FeatureMap pixel = ReferenceInterpreter.Run(graph, new(3, 1, 1, [128, 64, 0]))[graph.Logits];                // 0.5, 0.25, 0
/// </code>
/// </example>
public sealed record ImageInput(string Name) : Node(Name, [])
{
    internal override FeatureType Infer(ReadOnlySpan<FeatureType> inputs) => new(3, 1);
}
