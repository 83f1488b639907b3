using System.Collections.Immutable;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms.Image;

namespace Microsoft.ML.Binary;

/// <summary>The schema shapes that our estimators promise.</summary>
internal static class ScoringSchema
{
    /// <summary>
    /// The input's columns and ours.
    /// </summary>
    /// <exception cref="ArgumentException">The image column is missing or holds something else.</exception>
    public static SchemaShape Of(MLContext context, SchemaShape input, string imageColumn, ImmutableArray<ScoredColumn> columns)
    {
        CheckImage(input, imageColumn);
        foreach (ScoredColumn column in columns)
        {
            input = column.Value switch
            {
                ScoredValue.Labels => OutputShape.Append<VBuffer<byte>>(context, input, column.Name, column.Type),
                ScoredValue.Scores or ScoredValue.Map => OutputShape.Append<VBuffer<float>>(context, input, column.Name, column.Type),
                _ => OutputShape.Append<int>(context, input, column.Name, column.Type),
            };
        }

        return input;
    }

    public static void CheckImage(SchemaShape input, string imageColumn) =>
        Check(input, imageColumn, "images (MLImage)", column => column.ItemType is ImageDataViewType);

    /// <summary>A column of masks: vectors of bytes.</summary>
    public static void CheckLabel(SchemaShape input, string labelColumn) => Check(
        input, labelColumn, "a vector of bytes",
        column => column.ItemType == NumberDataViewType.Byte && !column.IsKey && column.Kind != SchemaShape.Column.VectorKind.Scalar);

    /// <summary>A column of maps: vectors of single.</summary>
    public static void CheckSingles(SchemaShape input, string column) => Check(
        input, column, "a vector of single",
        found => found.ItemType == NumberDataViewType.Single && found.Kind != SchemaShape.Column.VectorKind.Scalar);

    /// <summary>A column of sizes.</summary>
    public static void CheckInt32(SchemaShape input, string column) =>
        Check(input, column, "an Int32", found => found.ItemType == NumberDataViewType.Int32 && found.Kind == SchemaShape.Column.VectorKind.Scalar);

    private static void Check(SchemaShape input, string name, string expected, Func<SchemaShape.Column, bool> isRight)
    {
        foreach (SchemaShape.Column column in input)
        {
            if (column.Name == name)
            {
                // By type, not by reference: ML.NET makes a new image type for every loader.
                if (!isRight(column))
                {
                    throw new ArgumentException($"The column '{name}' holds {(column.IsKey ? $"Key<{column.ItemType}>" : column.ItemType)} ({column.Kind}); it must hold {expected}.", nameof(input));
                }

                return;
            }
        }

        throw new ArgumentException(
            $"The data have no column '{name}'; they have {string.Join(", ", input.Select(column => $"'{column.Name}'"))}.", nameof(input));
    }
}
