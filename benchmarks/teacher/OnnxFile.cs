using System.Runtime.InteropServices;
using System.Text;

namespace Microsoft.ML.Binary.Teacher;

/// <summary>A convolution of an ONNX file with the batch normalization after it folded in: what it computes is x * <paramref name="Weights"/> + <paramref name="Bias"/>.</summary>
/// <param name="Weights">[output, input, row, column].</param>
/// <param name="Sides">The four sides of <paramref name="Weights"/>.</param>
/// <param name="Bias">One value an output.</param>
internal sealed record FoldedConvolution(float[] Weights, long[] Sides, float[] Bias);

/// <summary>
/// What is needed of an ONNX file (onnx.proto, ModelProto): its convolutions, each followed by a batch normalization. A message is fields of a key, number times 8 plus
/// wire type, and a value (protobuf.dev, "Encoding").
/// </summary>
internal static class OnnxFile
{
    private const int Graph = 7, Node = 1, Initializer = 5, NodeInput = 1, NodeOperator = 4, TensorSides = 1, TensorFloats = 4, TensorName = 8;
    private const double Epsilon = 1e-5;

    /// <summary>The convolutions in the order of the file's nodes.</summary>
    public static IReadOnlyList<FoldedConvolution> ReadConvolutions(string path)
    {
        ReadOnlyMemory<byte> graph = Fields(File.ReadAllBytes(path)).Single(field => field.Number == Graph).Bytes;
        Dictionary<string, (long[] Sides, float[] Values)> tensors = [];
        List<string[]> convolutions = [], normalizations = [];
        foreach (Field field in Fields(graph))
        {
            Field[] inside = field.Number is Node or Initializer ? [.. Fields(field.Bytes)] : [];
            if (field.Number == Initializer)
            {
                tensors[TextOf(inside.Single(part => part.Number == TensorName))] = (
                    [.. inside.Where(part => part.Number == TensorSides).Select(part => (long)part.Value)],
                    MemoryMarshal.Cast<byte, float>(inside.Single(part => part.Number == TensorFloats).Bytes.Span).ToArray());
            }
            else if (field.Number == Node && TextOf(inside.Single(part => part.Number == NodeOperator)) is "Conv" or "BatchNormalization")
            {
                string[] inputs = [.. inside.Where(part => part.Number == NodeInput).Select(TextOf)];
                (inputs.Length == 2 ? convolutions : normalizations).Add(inputs);
            }
        }

        return [.. convolutions.Zip(normalizations, (convolution, normalization) =>
            Fold(tensors[convolution[1]].Values, tensors[convolution[1]].Sides, [.. normalization[1..].Select(name => tensors[name].Values)]))];
    }

    // Batch normalization is (x - mean) scale / sqrt(variance + epsilon) + shift.
    private static FoldedConvolution Fold(float[] weights, long[] sides, float[][] normalization)
    {
        (float[] scale, float[] shift, float[] mean, float[] variance) = (normalization[0], normalization[1], normalization[2], normalization[3]);
        float[] folded = new float[weights.Length], bias = new float[scale.Length];
        int length = weights.Length / bias.Length;
        for (int output = 0; output < bias.Length; output++)
        {
            double factor = scale[output] / Math.Sqrt(variance[output] + Epsilon);
            bias[output] = (float)(shift[output] - mean[output] * factor);
            for (int i = output * length; i < (output + 1) * length; i++)
            {
                folded[i] = (float)(weights[i] * factor);
            }
        }

        return new FoldedConvolution(folded, sides, bias);
    }

    private static string TextOf(Field field) => Encoding.UTF8.GetString(field.Bytes.Span);

    private static IEnumerable<Field> Fields(ReadOnlyMemory<byte> message)
    {
        for (int at = 0; at < message.Length;)
        {
            ulong key = Varint(message, ref at);
            (ulong value, int length) = (key & 7) switch
            {
                0 => (Varint(message, ref at), 0),
                1 => (0UL, 8),
                2 => (0UL, (int)Varint(message, ref at)),
                5 => (0UL, 4),
                _ => throw new InvalidDataException($"The ONNX file has a field of wire type {key & 7} at byte {at}; 0, 1, 2 and 5 exist."),
            };
            yield return new Field((int)(key >> 3), value, message.Slice(at, length));
            at += length;
        }
    }

    private static ulong Varint(ReadOnlyMemory<byte> message, ref int at)
    {
        ulong value = 0;
        for (int shift = 0; ; shift += 7)
        {
            byte part = message.Span[at++];
            value |= (ulong)(part & 127) << shift;
            if (part < 128)
            {
                return value;
            }
        }
    }

    private readonly record struct Field(int Number, ulong Value, ReadOnlyMemory<byte> Bytes);
}
