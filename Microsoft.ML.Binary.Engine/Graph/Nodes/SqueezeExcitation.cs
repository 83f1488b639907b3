using System.Collections.Immutable;

namespace Microsoft.ML.Binary.Graph;

/// <summary>
/// Channel scaling computed from the map itself (squeeze-and-excitation, arXiv 1709.01507; for binary networks Real-to-Binary Net, arXiv 2003.11535):
/// m_c is the mean of channel c; h = relu(W1 m + b1); the output is x_c * s_c with s = 2 sigmoid(W2 h + b2). With W2 and b2 zero it changes nothing.
/// Exact arithmetic: sums start from the bias and add weight * value in the order of the values, products and sums rounded separately; sigmoid as in
/// <c>Kernels.Exponential</c>. The mean of a channel: the columns x of a row are added, from left to right, to sum x mod 16 of sixteen that start
/// from 0; then sums j and j + 8 are added, j and j + 4, j and j + 2, and the last two; what the rows give is added in double precision from top to
/// bottom, divided by the number of pixels and rounded.
/// </summary>
/// <param name="Name">Unique in the graph.</param>
/// <param name="Inputs">The feature map.</param>
/// <param name="Squeeze">W1, [hidden, channels].</param>
/// <param name="SqueezeBias">b1, [hidden].</param>
/// <param name="Excite">W2, [channels, hidden].</param>
/// <param name="ExciteBias">b2, [channels].</param>
/// <example>
/// <code>
/// GraphBuilder builder = new(Precision.Binary, seed: 1);
/// int image = builder.NormalizedImage(mean: [124, 116, 104], deviation: [58, 57, 57]);
/// int stem = builder.Convolution(image, "stem", outputs: 16, new(Kernel: 3));
/// int scaled = builder.SqueezeExcitation(stem, "scaling", reduction: 4);
/// DenseGraph graph = builder.Build(new GraphOutput(DenseGraph.LogitsOutput, scaled));
/// FeatureMap[] maps = ReferenceInterpreter.Run(graph, new(channels: 3, height: 8, width: 8));
/// bool same = maps[scaled].Values.SequenceEqual(maps[stem].Values);       // true: it starts as the identity, and is trained from there
/// </code>
/// </example>
public sealed record SqueezeExcitation(
    string Name, ImmutableArray<int> Inputs, Parameter Squeeze, Parameter SqueezeBias, Parameter Excite, Parameter ExciteBias) : Node(Name, Inputs)
{
    /// <summary>Values between the two products.</summary>
    public int Hidden => SqueezeBias.Values.Length;

    /// <inheritdoc/>
    public override ImmutableArray<Parameter> Parameters => [Squeeze, SqueezeBias, Excite, ExciteBias];

    internal override Node WithParameters(Func<Parameter, Parameter> map) =>
        this with { Squeeze = map(Squeeze), SqueezeBias = map(SqueezeBias), Excite = map(Excite), ExciteBias = map(ExciteBias) };

    internal override FeatureType Infer(ReadOnlySpan<FeatureType> inputs)
    {
        FeatureType input = Single(inputs);
        ExpectChannels(ExciteBias, input.Channels);
        ExpectVector(SqueezeBias);
        ExpectShape(Squeeze, Hidden, input.Channels);
        ExpectShape(Excite, input.Channels, Hidden);
        return input.Real;
    }

    private void ExpectShape(Parameter parameter, int rows, int columns) => Expect(
        parameter.Shape.AsSpan().SequenceEqual([rows, columns]),
        $"'{parameter.Name}' is [{string.Join(", ", parameter.Shape)}]; for {ExciteBias.Values.Length} channels and {Hidden} hidden values it must be [{rows}, {columns}]");
}
