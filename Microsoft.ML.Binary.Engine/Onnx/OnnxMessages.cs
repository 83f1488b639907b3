namespace Microsoft.ML.Binary.Onnx;

/// <summary>Element types, with the numbers of <c>TensorProto.DataType</c> in onnx.proto.</summary>
internal enum OnnxType
{
    Float = 1,
    UInt8 = 2,
    Int8 = 3,
    Int32 = 6,
    Int64 = 7,
}

/// <summary>A constant of the graph.</summary>
/// <param name="Name">Unique in the graph.</param>
/// <param name="Type">Element type.</param>
/// <param name="Sides">The shape; none for a scalar.</param>
/// <param name="Data">The elements, row-major, little-endian.</param>
internal sealed record OnnxTensor(string Name, OnnxType Type, long[] Sides, byte[] Data);

/// <summary>One side of an input or output: a number, a symbol, or neither where it is not known.</summary>
internal readonly record struct OnnxSide(long? Value, string? Symbol = null)
{
    public static implicit operator OnnxSide(long value) => new(value);
}

/// <summary>An input or output of the graph.</summary>
internal sealed record OnnxValue(string Name, OnnxType Type, OnnxSide[] Sides, string Description);

/// <summary>A constant property of an operator: integers or a text.</summary>
internal sealed record OnnxAttribute
{
    public OnnxAttribute(string name, string text) => (Name, Text) = (name, text);

    public OnnxAttribute(string name, long number) => (Name, Numbers, IsList) = (name, [number], false);

    public OnnxAttribute(string name, long[] numbers) => (Name, Numbers, IsList) = (name, numbers, true);

    public string Name { get; }

    public string? Text { get; }

    public long[] Numbers { get; } = [];

    public bool IsList { get; }
}

/// <summary>An operator of the default domain, named like its first output.</summary>
internal sealed record OnnxNode(string Operator, string[] Inputs, string[] Outputs, OnnxAttribute[] Attributes);
