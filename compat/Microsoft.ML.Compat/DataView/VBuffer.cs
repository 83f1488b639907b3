using System.Collections;

namespace Microsoft.ML.Data;

/// <summary>A vector of <see cref="Length"/> items. Dense, or sparse: values at ascending indices, default elsewhere. The arrays may be longer than what they hold.</summary>
public readonly struct VBuffer<T> : IEnumerable
{
    private readonly T[] _values;
    private readonly int[] _indices;
    private readonly int _count;

    public readonly int Length;

    public VBuffer(int length, T[] values, int[] indices = null)
        : this(length, length, values, indices, true)
    {
    }

    public VBuffer(int length, int count, T[] values, int[] indices)
        : this(length, count, values, indices, true)
    {
        if (count < length && (indices?.Length ?? 0) < count)
        {
            throw new ArgumentException($"A sparse vector of {count} values needs as many indices.", nameof(indices));
        }
    }

    private VBuffer(int length, int count, T[] values, int[] indices, bool check)
    {
        if (check && (length < 0 || (uint)count > (uint)length))
        {
            throw new ArgumentOutOfRangeException(nameof(count), $"A vector of length {length} cannot hold {count} values.");
        }

        if (check && (values?.Length ?? 0) < count)
        {
            throw new ArgumentException($"{values?.Length ?? 0} values given, {count} needed.", nameof(values));
        }

        Length = length;
        _count = count;
        _values = values;
        _indices = indices;
    }

    public bool IsDense => _count == Length;

    public ReadOnlySpan<T> GetValues() => _values.AsSpan(0, _count);

    public ReadOnlySpan<int> GetIndices() => IsDense ? default : _indices.AsSpan(0, _count);

    public void CopyToDense(ref VBuffer<T> destination)
    {
        VBufferEditor<T> editor = VBufferEditor.Create(ref destination, Length);
        CopyTo(editor.Values);
        destination = editor.Commit();
    }

    public void CopyTo(ref VBuffer<T> destination)
    {
        VBufferEditor<T> editor = VBufferEditor.Create(ref destination, Length, _count);
        GetValues().CopyTo(editor.Values);
        GetIndices().CopyTo(editor.Indices);
        destination = editor.Commit();
    }

    public void CopyTo(Span<T> destination) => CopyTo(destination, 0);

    public void CopyTo(Span<T> destination, int destinationIndex, T defaultValue = default)
    {
        Span<T> target = destination.Slice(destinationIndex, Length);
        if (IsDense)
        {
            GetValues().CopyTo(target);
            return;
        }

        target.Fill(defaultValue);
        for (int i = 0; i < _count; i++)
        {
            target[_indices[i]] = _values[i];
        }
    }

    public IEnumerable<T> DenseValues()
    {
        var values = new T[Length];
        CopyTo(values);
        return values;
    }

    public T GetItemOrDefault(int index)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, Length);
        int at = IsDense ? index : Array.BinarySearch(_indices, 0, _count, index);
        return at >= 0 ? _values[at] : default;
    }

    public override string ToString() => IsDense ? $"Dense vector of size {Length}" : $"Sparse vector of size {Length}, {_count} explicit values";

    public IEnumerator GetEnumerator() => DenseValues().GetEnumerator();

    internal static VBuffer<T> CreateUnchecked(int length, int count, T[] values, int[] indices) => new(length, count, values, indices, false);

    internal void GetArrays(out T[] values, out int[] indices)
    {
        values = _values;
        indices = _indices;
    }
}
