using System.Collections;
using Microsoft.ML.Data;

namespace Microsoft.ML;

/// <summary>What an estimator knows of a schema before any data: names, kinds and item types.</summary>
public sealed class SchemaShape : IReadOnlyList<SchemaShape.Column>
{
    private readonly Column[] _columns;

    public SchemaShape(IEnumerable<Column> columns) => _columns = [.. columns];

    public int Count => _columns.Length;

    public Column this[int index] => _columns[index];

    public IEnumerator<Column> GetEnumerator() => ((IEnumerable<Column>)_columns).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    internal static SchemaShape Create(DataViewSchema schema) =>
        new(schema.Where(column => !column.IsHidden).Select(column => ColumnOf(column.Name, column.Type, column.Annotations)));

    internal static Column ColumnOf(string name, DataViewType type, DataViewSchema.Annotations annotations)
    {
        var vector = type as VectorDataViewType;
        Column.VectorKind kind = vector == null ? Column.VectorKind.Scalar : vector.IsKnownSize ? Column.VectorKind.Vector : Column.VectorKind.VariableVector;
        return new Column(name, kind, vector?.ItemType ?? type, Create(annotations.Schema));
    }

    internal Column? FindOrNull(string name) => Array.FindIndex(_columns, column => column.Name == name) is >= 0 and int index ? _columns[index] : null;

    internal Column Find(string name) => FindOrNull(name) ?? throw Mismatch.NotFound(name);

    /// <summary>These columns with <paramref name="added"/> after them, or in the place of those with the same names.</summary>
    internal SchemaShape With(IEnumerable<Column> added)
    {
        var columns = new List<Column>(_columns);
        foreach (Column column in added)
        {
            int index = columns.FindIndex(old => old.Name == column.Name);
            if (index >= 0)
            {
                columns[index] = column;
            }
            else
            {
                columns.Add(column);
            }
        }

        return new SchemaShape(columns);
    }

    public readonly struct Column
    {
        public enum VectorKind
        {
            Scalar,
            Vector,
            VariableVector,
        }

        public readonly string Name;
        public readonly VectorKind Kind;
        public readonly DataViewType ItemType;
        public readonly bool IsKey;
        public readonly SchemaShape Annotations;

        internal Column(string name, VectorKind kind, DataViewType itemType, SchemaShape annotations)
        {
            Name = name;
            Kind = kind;
            ItemType = itemType;
            IsKey = false;
            Annotations = annotations;
        }

        internal Column Renamed(string name) => new(name, Kind, ItemType, Annotations);

        internal string Describe() => Kind switch
        {
            VectorKind.Scalar => $"{ItemType}",
            VectorKind.Vector => $"Vector<{ItemType}>",
            _ => $"VarVector<{ItemType}>",
        };
    }
}
