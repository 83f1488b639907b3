namespace Microsoft.ML.Binary.Onnx;

/// <summary>
/// Puts a graph into the bytes of an ONNX file. Field numbers are those of onnx/onnx.proto (github.com/onnx/onnx); each method writes the
/// message that it is named after.
/// </summary>
internal static class OnnxModelWriter
{
    /// <summary>Operator set of the default domain: the first in which every operator in use has its present form.</summary>
    public const int OperatorSet = 13;

    // The version of the file format that came with operator set 13 (ONNX 1.8).
    private const int FormatVersion = 7;

    public static byte[] Model(OnnxGraph graph, string name, IEnumerable<KeyValuePair<string, string>> metadata)
    {
        ProtobufWriter model = new();
        model.Integer(1, FormatVersion);
        model.Text(2, "Microsoft.ML.Binary");
        model.Text(3, typeof(OnnxModelWriter).Assembly.GetName().Version!.ToString(3));
        model.Message(7, m => Graph(m, graph, name));
        model.Message(8, m => m.Integer(2, OperatorSet));
        foreach ((string key, string value) in metadata)
        {
            model.Message(14, m =>
            {
                m.Text(1, key);
                m.Text(2, value);
            });
        }

        return model.Written.ToArray();
    }

    private static void Graph(ProtobufWriter m, OnnxGraph graph, string name)
    {
        graph.Nodes.ForEach(node => m.Message(1, inner => Node(inner, node)));
        m.Text(2, name);
        graph.Constants.ForEach(tensor => m.Message(5, inner => Tensor(inner, tensor)));
        graph.Inputs.ForEach(value => m.Message(11, inner => ValueInfo(inner, value)));
        graph.Outputs.ForEach(value => m.Message(12, inner => ValueInfo(inner, value)));
    }

    private static void Node(ProtobufWriter m, OnnxNode node)
    {
        Array.ForEach(node.Inputs, input => m.Text(1, input));
        Array.ForEach(node.Outputs, output => m.Text(2, output));
        m.Text(3, node.Outputs[0]);
        m.Text(4, node.Operator);
        Array.ForEach(node.Attributes, attribute => m.Message(5, inner => Attribute(inner, attribute)));
    }

    private static void Attribute(ProtobufWriter m, OnnxAttribute attribute)
    {
        const int type = 20, integer = 2, text = 3, integers = 7;
        m.Text(1, attribute.Name);
        if (attribute.Text is not null)
        {
            m.Text(4, attribute.Text);
            m.Integer(type, text);
            return;
        }

        foreach (long number in attribute.Numbers)
        {
            m.Integer(attribute.IsList ? 8 : 3, number);
        }

        m.Integer(type, attribute.IsList ? integers : integer);
    }

    private static void Tensor(ProtobufWriter m, OnnxTensor tensor)
    {
        Array.ForEach(tensor.Sides, side => m.Integer(1, side));
        m.Integer(2, (long)tensor.Type);
        m.Text(8, tensor.Name);
        m.Bytes(9, tensor.Data);
    }

    private static void ValueInfo(ProtobufWriter m, OnnxValue value)
    {
        m.Text(1, value.Name);
        m.Message(2, type => type.Message(1, tensor =>
        {
            tensor.Integer(1, (long)value.Type);
            tensor.Message(2, shape => Array.ForEach(value.Sides, side => shape.Message(1, dimension => Dimension(dimension, side))));
        }));
        m.Text(3, value.Description);
    }

    private static void Dimension(ProtobufWriter m, OnnxSide side)
    {
        if (side.Value is { } number)
        {
            m.Integer(1, number);
        }
        else if (side.Symbol is not null)
        {
            m.Text(2, side.Symbol);
        }
    }
}
