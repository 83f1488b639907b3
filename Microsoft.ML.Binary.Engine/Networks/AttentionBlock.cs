using Microsoft.ML.Binary.Graph;

namespace Microsoft.ML.Binary.Networks;

/// <summary>
/// Two-part reduced attention, our reading of arXiv 2405.17776: (1) keys and values on a token grid reduced by f along each axis by
/// nearest-exact sampling (ToDo, arXiv 2402.13573), (2) queries and keys of one bit. All four projections are binary 1x1 convolutions;
/// a real-valued shortcut goes around the whole.
/// </summary>
internal static class AttentionBlock
{
    public static int Append(GraphBuilder builder, int input, string name, int heads, int reduction) =>
        builder.Scope(name, () =>
        {
            int channels = builder.TypeOf(input).Channels;
            ConvolutionGeometry pointwise = new(Kernel: 1);
            int signs = builder.SignIfBinary(input, "sign");
            int tokens = builder.TokenSample(signs, "tokens", reduction);
            int queries = builder.SignIfBinary(builder.BinaryOrFloatConvolution(signs, "query", channels, pointwise), "query.sign");
            int keys = builder.SignIfBinary(builder.BinaryOrFloatConvolution(tokens, "key", channels, pointwise), "key.sign");
            int values = builder.BinaryOrFloatConvolution(tokens, "value", channels, pointwise);
            int attended = builder.ReducedAttention(queries, keys, values, "attend", heads);
            int projected = builder.BinaryOrFloatConvolution(attended, "project", channels, pointwise);
            return builder.RPReLU(builder.Add("merge", projected, input), "activation");
        });
}
