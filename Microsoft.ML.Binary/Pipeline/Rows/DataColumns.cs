using Microsoft.ML.Data;
using Microsoft.ML.Transforms.Image;

namespace Microsoft.ML.Binary;

/// <summary>Columns looked up by name, with messages that say what there is instead.</summary>
internal static class DataColumns
{
    public static DataViewSchema.Column Images(DataViewSchema schema, string name) =>
        Find(schema, name, "images (MLImage)", type => type is ImageDataViewType, DroppedByCache(schema));

    /// <summary>Masks or predicted labels.</summary>
    public static DataViewSchema.Column Bytes(DataViewSchema schema, string name) =>
        Find(schema, name, "a vector of bytes", type => type is VectorDataViewType vector && vector.ItemType == NumberDataViewType.Byte);

    public static DataViewSchema.Column Singles(DataViewSchema schema, string name) =>
        Find(schema, name, "a vector of single", type => type is VectorDataViewType vector && vector.ItemType == NumberDataViewType.Single);

    public static DataViewSchema.Column Int32(DataViewSchema schema, string name) =>
        Find(schema, name, "an Int32", type => type == NumberDataViewType.Int32);

    public static DataViewSchema.Column Int64(DataViewSchema schema, string name) =>
        Find(schema, name, "an Int64", type => type == NumberDataViewType.Int64);

    public static DataViewSchema.Column Any(DataViewSchema schema, string name) => Find(schema, name, "anything", _ => true);

    /// <summary>There is no column of images at all: ML.NET drops them where it buffers rows.</summary>
    private static string DroppedByCache(DataViewSchema schema) =>
        schema.Any(column => column.Type is ImageDataViewType) ? ""
        : " None of them holds images: ML.NET's Cache, AppendCacheCheckpoint and ShuffleRows drop such columns; leave them out, as trainers of this package keep what they decode and shuffle by themselves.";

    private static DataViewSchema.Column Find(DataViewSchema schema, string name, string expected, Func<DataViewType, bool> isRight, string hint = "")
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        DataViewSchema.Column column = schema.GetColumnOrNull(name)
            ?? throw new ArgumentException($"The data have no column '{name}'; they have {string.Join(", ", schema.Select(c => $"'{c.Name}'"))}.{hint}");
        return isRight(column.Type)
            ? column
            : throw new ArgumentException($"The column '{name}' holds {column.Type}; it must hold {expected}.");
    }
}
