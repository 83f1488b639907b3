namespace Microsoft.ML.Data;

/// <summary>Writes and reads the types of columns that a model file can hold: scalars and vectors, not images.</summary>
internal static class DataViewTypeFormat
{
    // A type's place in this list is its number in the file.
    private static readonly PrimitiveDataViewType[] Primitives =
    [
        TextDataViewType.Instance, BooleanDataViewType.Instance,
        NumberDataViewType.SByte, NumberDataViewType.Byte, NumberDataViewType.Int16, NumberDataViewType.UInt16, NumberDataViewType.Int32,
        NumberDataViewType.UInt32, NumberDataViewType.Int64, NumberDataViewType.UInt64, NumberDataViewType.Single, NumberDataViewType.Double,
    ];

    public static bool CanWrite(DataViewType type) => Array.IndexOf(Primitives, (type as VectorDataViewType)?.ItemType ?? type) >= 0;

    public static void Write(BinaryWriter writer, DataViewType type)
    {
        var vector = type as VectorDataViewType;
        int number = Array.IndexOf(Primitives, vector?.ItemType ?? type);
        if (number < 0)
        {
            throw new InvalidOperationException($"A model file cannot hold values of type {type}.");
        }

        writer.Write((byte)number);
        writer.Write((byte)(vector?.Dimensions.Length ?? 0));
        foreach (int dimension in vector?.Dimensions ?? [])
        {
            writer.Write(dimension);
        }
    }

    public static DataViewType Read(ModelReader reader)
    {
        int number = reader.ReadByte();
        if (number >= Primitives.Length)
        {
            throw reader.Corrupt($"column type {number}");
        }

        var dimensions = new int[reader.ReadByte()];
        for (int i = 0; i < dimensions.Length; i++)
        {
            dimensions[i] = reader.ReadInt32();
        }

        return dimensions.Length == 0 ? Primitives[number] : new VectorDataViewType(Primitives[number], dimensions);
    }
}
