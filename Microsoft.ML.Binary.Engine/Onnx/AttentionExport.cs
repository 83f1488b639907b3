using Microsoft.ML.Binary.Graph;

namespace Microsoft.ML.Binary.Onnx;

/// <summary>
/// <see cref="ReducedAttention"/> in standard operators: softmax(temperature * Q K^T + slope * distance) V with heads as a second batch axis.
/// The temperature stays after the product, so that one-bit queries and keys still multiply to integers.
/// </summary>
internal static class AttentionExport
{
    public static void Add(OnnxGraph onnx, GridArithmetic grid, ReducedAttention node, FeatureType[] types, string result, string[] inputs)
    {
        string queries = Transposed(Heads(0, "queries"), "queries"), keys = Heads(1, "keys"), values = Transposed(Heads(2, "values"), "values");
        string products = Named("products", "MatMul", queries, keys);
        string tempered = Named("tempered", "Mul", products, PerHead(node.Temperature));

        // [H, 1, h, 1] + [1, W, 1, w], flattened to [H W, h w].
        string distance = Named("distance", "Add", grid.Distances(0, types[1]), grid.Distances(1, types[1]));
        string flat = onnx.Add(node.Name + "/flat_distance", "Flatten", [distance], new OnnxAttribute("axis", 2));
        string logits = Named("logits", "Add", tempered, Named("bias", "Mul", flat, PerHead(node.Slope)));
        string weights = onnx.Add(node.Name + "/weights", "Softmax", [logits], new OnnxAttribute("axis", -1));
        string attended = Transposed(Named("attended", "MatMul", weights, values), "attended");
        onnx.AddAs(result, "Reshape", [attended, grid.Shape(types[0] with { Channels = types[2].Channels })]);

        string Named(string name, string operation, string a, string b) => onnx.Add($"{node.Name}/{name}", operation, [a, b]);

        // [1, heads, channels a head, tokens]
        string Heads(int input, string name) => Named(
            name, "Reshape", inputs[input], onnx.Indices(1, node.Heads, types[input].Channels / node.Heads, -1));

        string Transposed(string x, string name) => onnx.Add(
            $"{node.Name}/{name}_transposed", "Transpose", [x], new OnnxAttribute("perm", [0, 1, 3, 2]));

        string PerHead(Parameter parameter) => onnx.Constant(parameter.Name, parameter.Values, node.Heads, 1, 1);
    }
}
