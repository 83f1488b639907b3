using Microsoft.ML.Data;

namespace Microsoft.ML.Binary;

/// <summary>What a column of masks says of its classes; ML.NET does not save it with a model.</summary>
internal static class MaskAnnotations
{
    /// <summary>The names of the classes, null where the column has none.</summary>
    public static string[]? ClassNames(DataViewSchema.Column column) => Texts(column, SegmentationTransformer.ClassNamesAnnotation);

    /// <summary>The colours of the classes as <c>#RRGGBB</c>, null where the column has none.</summary>
    public static string[]? Palette(DataViewSchema.Column column) => Texts(column, SegmentationTransformer.PaletteAnnotation);

    /// <summary>Adds a vector of text.</summary>
    public static void AddTexts(this DataViewSchema.Annotations.Builder annotations, string kind, IReadOnlyCollection<string> texts)
    {
        ReadOnlyMemory<char>[] values = [.. texts.Select(text => text.AsMemory())];
        annotations.Add(
            kind,
            new VectorDataViewType(TextDataViewType.Instance, values.Length),
            (ref VBuffer<ReadOnlyMemory<char>> destination) => Getters.Copy<ReadOnlyMemory<char>>(values, ref destination));
    }

    private static string[]? Texts(DataViewSchema.Column column, string kind)
    {
        if (column.Annotations.Schema.GetColumnOrNull(kind) is null)
        {
            return null;
        }

        VBuffer<ReadOnlyMemory<char>> names = default;
        column.Annotations.GetValue(kind, ref names);
        return [.. names.DenseValues().Select(name => name.ToString())];
    }
}
