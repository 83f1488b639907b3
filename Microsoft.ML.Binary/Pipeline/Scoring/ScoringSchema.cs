using System.Collections.Immutable;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms.Image;

namespace Microsoft.ML.Binary;

/// <summary>The schema shapes that our estimators promise.</summary>
internal static class ScoringSchema
{
    /// <summary>
    /// The input's columns and ours. ML.NET lets nobody else make a column of a shape, so an estimator of its own that would add the same
    /// columns is asked for its shape.
    /// </summary>
    /// <exception cref="ArgumentException">The image column is missing or holds something else.</exception>
    public static SchemaShape Of(MLContext context, SchemaShape input, string imageColumn, ImmutableArray<ScoredColumn> columns)
    {
        ArgumentNullException.ThrowIfNull(input);
        CheckImage(input, imageColumn);
        foreach (ScoredColumn column in columns)
        {
            input = column.Value switch
            {
                ScoredValue.Labels => Append<VBuffer<byte>>(column),
                ScoredValue.Scores or ScoredValue.Saliency => Append<VBuffer<float>>(column),
                _ => Append<int>(column),
            };
        }

        return input;

        SchemaShape Append<T>(ScoredColumn column)
        {
            SchemaDefinition definition = SchemaDefinition.Create(typeof(Column<T>));
            SchemaDefinition.Column added = definition[nameof(Column<>.Value)];
            (added.ColumnName, added.ColumnType) = (column.Name, column.Type);
            return context.Transforms.CustomMapping<SavedNothing, Column<T>>((_, _) => { }, null, null, definition).GetOutputSchema(input);
        }
    }

    public static void CheckImage(SchemaShape input, string imageColumn) =>
        Check(input, imageColumn, "images (MLImage)", column => column.ItemType is ImageDataViewType);

    /// <summary>A column of masks: vectors of bytes.</summary>
    public static void CheckLabel(SchemaShape input, string labelColumn) => Check(
        input, labelColumn, "a vector of bytes",
        column => column.ItemType == NumberDataViewType.Byte && column.Kind != SchemaShape.Column.VectorKind.Scalar);

    private static void Check(SchemaShape input, string name, string expected, Func<SchemaShape.Column, bool> isRight)
    {
        foreach (SchemaShape.Column column in input)
        {
            if (column.Name == name)
            {
                // By type, not by reference: ML.NET makes a new image type for every loader.
                if (!isRight(column))
                {
                    throw new ArgumentException($"The column '{name}' holds {column.ItemType} ({column.Kind}); it must hold {expected}.", nameof(input));
                }

                return;
            }
        }

        throw new ArgumentException(
            $"The data have no column '{name}'; they have {string.Join(", ", input.Select(column => $"'{column.Name}'"))}.", nameof(input));
    }

    private sealed class Column<T>
    {
        public T? Value { get; set; }
    }
}
