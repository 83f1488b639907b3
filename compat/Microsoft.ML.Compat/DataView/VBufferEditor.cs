namespace Microsoft.ML.Data;

public static class VBufferEditor
{
    /// <summary>Edits the values of <paramref name="destination"/> where they are.</summary>
    public static VBufferEditor<T> CreateFromBuffer<T>(ref VBuffer<T> destination)
    {
        destination.GetArrays(out T[] values, out int[] indices);
        return new VBufferEditor<T>(destination.Length, destination.GetValues().Length, values, indices, false, false);
    }

    /// <summary>Reuses the arrays of <paramref name="destination"/> when they are long enough, whatever they hold.</summary>
    public static VBufferEditor<T> Create<T>(
        ref VBuffer<T> destination,
        int newLogicalLength,
        int? valuesCount = null,
        int? maxValuesCapacity = null,
        bool keepOldOnResize = false,
        bool requireIndicesOnDense = false)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(newLogicalLength);
        int count = valuesCount ?? newLogicalLength;
        ArgumentOutOfRangeException.ThrowIfNegative(count, nameof(valuesCount));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, newLogicalLength, nameof(valuesCount));
        int capacity = Math.Max(count, maxValuesCapacity ?? 0);
        destination.GetArrays(out T[] values, out int[] indices);
        bool newValues = Ensure(ref values, capacity, keepOldOnResize);
        bool newIndices = (count < newLogicalLength || requireIndicesOnDense) && Ensure(ref indices, capacity, keepOldOnResize);
        return new VBufferEditor<T>(newLogicalLength, count, values, indices, newValues, newIndices);
    }

    private static bool Ensure<TItem>(ref TItem[] array, int capacity, bool keepOld)
    {
        if ((array?.Length ?? 0) >= capacity)
        {
            return false;
        }

        var grown = new TItem[capacity];
        if (keepOld)
        {
            array?.CopyTo(grown, 0);
        }

        array = grown;
        return true;
    }
}

public readonly ref struct VBufferEditor<T>
{
    private readonly int _length;
    private readonly T[] _values;
    private readonly int[] _indices;

    public readonly Span<T> Values;
    public readonly Span<int> Indices;

    internal VBufferEditor(int length, int count, T[] values, int[] indices, bool createdNewValues, bool createdNewIndices)
    {
        _length = length;
        _values = values;
        _indices = indices;
        Values = values.AsSpan(0, count);
        Indices = count < length ? indices.AsSpan(0, count) : default;
        CreatedNewValues = createdNewValues;
        CreatedNewIndices = createdNewIndices;
    }

    public bool CreatedNewValues { get; }

    public bool CreatedNewIndices { get; }

    public VBuffer<T> Commit() => VBuffer<T>.CreateUnchecked(_length, Values.Length, _values, _indices);
}
