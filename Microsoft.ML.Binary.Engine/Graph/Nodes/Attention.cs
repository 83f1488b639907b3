using System.Collections.Immutable;

namespace Microsoft.ML.Binary.Graph;

/// <summary>
/// Multi-head attention with one-bit queries and keys (in the full-precision twin, real-valued ones), keys and values on a reduced token grid. For query token q, key token t, head m:
/// logit = temperature[m] * dot(q, t) + slope[m] * distance(q, t), where dot is the dot product in the head, an integer for signs, and
/// distance the sum of the row and column distance between q and the token that t was sampled from, in tokens of the full grid.
/// The output is sum_t exp(logit - max) * v_t / sum_t exp(logit - max), both sums in the order of t (row-major), products and sums
/// rounded separately, exp as in <c>Kernels.Exponential</c>.
/// </summary>
/// <param name="Name">Unique in the graph.</param>
/// <param name="Inputs">Queries (full grid), keys (reduced grid), both signs or both real; values (reduced grid).</param>
/// <param name="Temperature">[heads], learned.</param>
/// <param name="Slope">[heads], learned: the bias of a logit for each token of distance.</param>
/// <example>
/// <code>
/// GraphBuilder builder = new(Precision.Binary, seed: 1);
/// int image = builder.NormalizedImage(mean: [124, 116, 104], deviation: [58, 57, 57]);
/// int tokens = builder.Convolution(image, "tokens", outputs: 16, new(Kernel: 3, Stride: 2));
/// int reduced = builder.TokenSample(tokens, "reduced", factor: 2);
/// int queries = builder.Sign(tokens, "queries"), keys = builder.Sign(reduced, "keys");
/// int attention = builder.ReducedAttention(queries, keys, values: reduced, "attention", heads: 2);
/// DenseGraph graph = builder.Build(new GraphOutput(DenseGraph.LogitsOutput, attention));
/// FeatureMap map = ReferenceInterpreter.Run(graph, new(channels: 3, height: 16, width: 16))[attention];        // 8 x 8 tokens have looked at 4 x 4
/// </code>
/// </example>
public sealed record ReducedAttention(string Name, ImmutableArray<int> Inputs, Parameter Temperature, Parameter Slope) : Node(Name, Inputs)
{
    /// <summary>Number of heads.</summary>
    public int Heads => Temperature.Values.Length;

    /// <inheritdoc/>
    public override ImmutableArray<Parameter> Parameters => [Temperature, Slope];

    internal override Node WithParameters(Func<Parameter, Parameter> map) => this with { Temperature = map(Temperature), Slope = map(Slope) };

    internal override FeatureType Infer(ReadOnlySpan<FeatureType> inputs)
    {
        Expect(inputs.Length == 3, $"takes queries, keys and values, and has {inputs.Length} inputs");
        (FeatureType queries, FeatureType keys, FeatureType values) = (inputs[0], inputs[1], inputs[2]);
        Expect((queries.IsSign && keys.IsSign) || (queries.IsReal && keys.IsReal), "queries and keys must both be signs or both be real");
        Expect(queries.Channels == keys.Channels, $"queries have {queries.Channels} channels and keys {keys.Channels}");
        Expect(
            (keys.Stride, keys.Reduction) == (values.Stride, values.Reduction) && keys.Stride == queries.Stride && queries.Reduction == 1,
            $"queries {queries}, keys {keys} and values {values} are not of one grid");
        ExpectVector(Temperature);
        ExpectVector(Slope);
        Expect(Slope.Values.Length == Heads, $"{Heads} temperatures and {Slope.Values.Length} slopes");
        Expect(
            queries.Channels % Heads == 0 && values.Channels % Heads == 0,
            $"{queries.Channels} query and {values.Channels} value channels do not divide into {Heads} heads");
        return queries with { Channels = values.Channels, Bits = FeatureType.RealBits };
    }
}
