using System.Reflection;

namespace Microsoft.ML.Data;

/// <summary>How the fields and properties of a class map to columns; may be changed before use.</summary>
public sealed class SchemaDefinition : List<SchemaDefinition.Column>
{
    private SchemaDefinition()
    {
    }

    public Column this[string columnName]
    {
        get => Find(column => column.ColumnName == columnName);
        set
        {
            int index = FindIndex(column => column.ColumnName == columnName);
            if (index >= 0)
            {
                this[index] = value;
            }
            else
            {
                Add(value);
            }
        }
    }

    public static SchemaDefinition Create(Type userType, Direction direction = Direction.Both)
    {
        ArgumentNullException.ThrowIfNull(userType);
        var definition = new SchemaDefinition();
        foreach (MemberInfo member in ColumnMembers.Of(userType, direction))
        {
            string name = member.GetCustomAttribute<ColumnNameAttribute>()?.Name ?? member.Name;
            if (definition.Exists(column => column.ColumnName == name))
            {
                throw new ArgumentOutOfRangeException(nameof(userType), $"Duplicate column name '{name}' detected, this is disallowed");
            }

            definition.Add(new Column(member.Name, name, ColumnMembers.TypeOf(member)));
        }

        return definition;
    }

    internal static SchemaDefinition CreateOrCheck(Type userType, SchemaDefinition given, Direction direction)
    {
        if (given == null)
        {
            return Create(userType, direction);
        }

        foreach (Column column in given)
        {
            Type raw = ColumnMembers.RawTypeOf(ColumnMembers.ValueTypeOf(ColumnMembers.Find(userType, column.MemberName)));
            if (column.ColumnType.RawType != raw)
            {
                throw new ArgumentOutOfRangeException(nameof(given), $"Member '{column.MemberName}' of {userType} cannot hold a column of type {column.ColumnType}.");
            }
        }

        return given;
    }

    internal DataViewSchema.DetachedColumn[] ToColumns() =>
        [.. this.Select(column => new DataViewSchema.DetachedColumn(column.ColumnName, column.ColumnType, column.Annotations))];

    internal DataViewSchema ToSchema()
    {
        var builder = new DataViewSchema.Builder();
        builder.AddColumns(ToColumns());
        return builder.ToSchema();
    }

    [Flags]
    public enum Direction
    {
        Read = 1,
        Write = 2,
        Both = Read | Write,
    }

    public sealed class Column
    {
        private readonly DataViewSchema.Annotations.Builder _annotations = new();

        internal Column(string memberName, string columnName, DataViewType columnType)
        {
            MemberName = memberName;
            ColumnName = columnName;
            ColumnType = columnType;
        }

        public string MemberName { get; }

        public string ColumnName { get; set; }

        public DataViewType ColumnType { get; set; }

        public DataViewSchema.Annotations Annotations => _annotations.ToAnnotations();

        public void AddAnnotation<T>(string kind, T value, DataViewType annotationType) =>
            _annotations.Add(kind, annotationType, (ref T destination) => destination = value);
    }
}
