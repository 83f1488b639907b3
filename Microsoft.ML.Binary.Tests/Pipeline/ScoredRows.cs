using Microsoft.ML.Data;

namespace Microsoft.ML.Binary.Tests.Pipeline;

/// <summary>Reads columns of views for comparison.</summary>
internal static class ScoredRows
{
    public static List<T[]> Vectors<T>(this IDataView view, string column)
    {
        List<T[]> rows = [];
        using DataViewRowCursor cursor = view.GetRowCursor([view.Schema[column]]);
        ValueGetter<VBuffer<T>> getter = cursor.GetGetter<VBuffer<T>>(view.Schema[column]);
        VBuffer<T> value = default;
        while (cursor.MoveNext())
        {
            getter(ref value);
            rows.Add([.. value.DenseValues()]);
        }

        return rows;
    }

    public static List<T> Values<T>(this IDataView view, string column)
    {
        List<T> rows = [];
        using DataViewRowCursor cursor = view.GetRowCursor([view.Schema[column]]);
        ValueGetter<T> getter = cursor.GetGetter<T>(view.Schema[column]);
        T value = default!;
        while (cursor.MoveNext())
        {
            getter(ref value);
            rows.Add(value);
        }

        return rows;
    }

    public static void AreEqual<T>(List<T[]> expected, List<T[]> actual)
    {
        Assert.HasCount(expected.Count, actual);
        for (int row = 0; row < expected.Count; row++)
        {
            CollectionAssert.AreEqual(expected[row], actual[row], $"row {row}");
        }
    }

    public static string[] Names(this DataViewSchema schema) => [.. schema.Where(column => !column.IsHidden).Select(column => column.Name)];
}
