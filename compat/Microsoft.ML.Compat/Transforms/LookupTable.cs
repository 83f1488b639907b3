using System.Reflection;
using Microsoft.ML.Data;

namespace Microsoft.ML.Transforms;

/// <summary>Values by key, whatever their types.</summary>
internal abstract class LookupTable(DataViewType keyType, DataViewType valueType)
{
    public DataViewType KeyType => keyType;

    public DataViewType ValueType => valueType;

    public static LookupTable Read(IDataView data, DataViewSchema.Column key, DataViewSchema.Column value)
    {
        if (key.Type is not PrimitiveDataViewType)
        {
            throw new InvalidOperationException($"The key column '{key.Name}' is of type {key.Type}; a key must be a scalar.");
        }

        LookupTable table = Create(key.Type, value.Type);
        table.Fill(data, key, value);
        return table;
    }

    public static LookupTable Load(ModelReader reader)
    {
        DataViewType keyType = DataViewTypeFormat.Read(reader);
        LookupTable table = Create(keyType, DataViewTypeFormat.Read(reader));
        table.LoadRows(reader);
        return table;
    }

    public void Save(ModelSaveContext ctx)
    {
        DataViewTypeFormat.Write(ctx.Writer, KeyType);
        DataViewTypeFormat.Write(ctx.Writer, ValueType);
        SaveRows(ctx.Writer);
    }

    /// <summary>Gives the value of the row's key, or the default of the type (an empty vector) when the table lacks it.</summary>
    public abstract Delegate CreateGetter(DataViewRow row, DataViewSchema.Column key);

    private protected abstract void Fill(IDataView data, DataViewSchema.Column key, DataViewSchema.Column value);

    private protected abstract void SaveRows(BinaryWriter writer);

    private protected abstract void LoadRows(ModelReader reader);

    private static LookupTable Create(DataViewType keyType, DataViewType valueType) =>
        (LookupTable)typeof(LookupTable).GetMethod(nameof(CreateTyped), BindingFlags.NonPublic | BindingFlags.Static)
            .MakeGenericMethod(keyType.RawType, valueType.RawType)
            .Invoke(null, BindingFlags.DoNotWrapExceptions, null, [keyType, valueType], null);

    private static LookupTable CreateTyped<TKey, TValue>(DataViewType keyType, DataViewType valueType) => new LookupTable<TKey, TValue>(keyType, valueType);
}

internal sealed class LookupTable<TKey, TValue>(DataViewType keyType, DataViewType valueType) : LookupTable(keyType, valueType)
{
    private readonly Dictionary<TKey, TValue> _values = new(
        typeof(TKey) == typeof(ReadOnlyMemory<char>) ? (IEqualityComparer<TKey>)(object)new TextComparer() : EqualityComparer<TKey>.Default);

    private readonly ValueFormat<TKey> _keyFormat = ValueFormat.Of<TKey>();
    private readonly ValueFormat<TValue> _valueFormat = ValueFormat.Of<TValue>();

    public override Delegate CreateGetter(DataViewRow row, DataViewSchema.Column key)
    {
        ValueGetter<TKey> getKey = row.GetGetter<TKey>(key);
        return (ValueGetter<TValue>)((ref TValue value) =>
        {
            TKey wanted = default;
            getKey(ref wanted);
            if (_values.TryGetValue(wanted, out TValue found))
            {
                _valueFormat.Copy(found, ref value);
            }
            else
            {
                value = default;
            }
        });
    }

    private protected override void Fill(IDataView data, DataViewSchema.Column key, DataViewSchema.Column value)
    {
        using DataViewRowCursor cursor = data.GetRowCursor([key, value]);
        ValueGetter<TKey> getKey = cursor.GetGetter<TKey>(key);
        ValueGetter<TValue> getValue = cursor.GetGetter<TValue>(value);
        while (cursor.MoveNext())
        {
            TKey rowKey = default;
            TValue rowValue = default;
            getKey(ref rowKey);
            getValue(ref rowValue);
            Add(rowKey, rowValue);
        }
    }

    private protected override void SaveRows(BinaryWriter writer)
    {
        writer.Write(_values.Count);
        foreach ((TKey key, TValue value) in _values)
        {
            _keyFormat.Write(writer, key);
            _valueFormat.Write(writer, value);
        }
    }

    private protected override void LoadRows(ModelReader reader)
    {
        for (int rows = reader.ReadInt32(); rows > 0; rows--)
        {
            Add(_keyFormat.Read(reader), _valueFormat.Read(reader));
        }
    }

    private void Add(TKey key, TValue value)
    {
        if (!_values.TryAdd(key, value))
        {
            throw new InvalidOperationException($"Duplicate keys in data: '{key}'.");
        }
    }

    private sealed class TextComparer : IEqualityComparer<ReadOnlyMemory<char>>
    {
        public bool Equals(ReadOnlyMemory<char> x, ReadOnlyMemory<char> y) => x.Span.SequenceEqual(y.Span);

        public int GetHashCode(ReadOnlyMemory<char> text) => string.GetHashCode(text.Span);
    }
}
