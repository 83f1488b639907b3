using Microsoft.ML.Data;

namespace Microsoft.ML.Binary;

/// <summary>Which fold each row is in: groups of rows stay whole, and folds are as equal in rows as groups allow.</summary>
internal static class Folds
{
    /// <exception cref="ArgumentException">The key column is missing or has no values that can be told apart, or there are too few groups.</exception>
    public static int[] Of(IDataView data, int numberOfFolds, string? keyColumn, int seed)
    {
        int[] groups = keyColumn is null ? [.. Enumerable.Range(0, Count(data))] : Groups(data, keyColumn);
        int[] sizes = new int[groups.Length == 0 ? 0 : groups.Max() + 1];
        foreach (int group in groups)
        {
            sizes[group]++;
        }

        if (sizes.Length < numberOfFolds)
        {
            throw new ArgumentException(keyColumn is null
                ? $"The data have {groups.Length} rows, too few for {numberOfFolds} folds."
                : $"The column '{keyColumn}' has {sizes.Length} different values in {groups.Length} rows, too few for {numberOfFolds} folds.");
        }

        // The largest groups first, each into the fold with the fewest rows; groups of one size in random order.
        int[] order = [.. Enumerable.Range(0, sizes.Length)];
        new Random(seed).Shuffle(order);
        int[] rows = new int[numberOfFolds], foldOf = new int[sizes.Length];
        foreach (int group in order.OrderByDescending(group => sizes[group]))
        {
            int fold = Array.IndexOf(rows, rows.Min());
            (foldOf[group], rows[fold]) = (fold, rows[fold] + sizes[group]);
        }

        return [.. groups.Select(group => foldOf[group])];
    }

    private static int Count(IDataView data)
    {
        if (data.GetRowCount() is { } known)
        {
            return checked((int)known);
        }

        using DataViewRowCursor cursor = data.GetRowCursor([]);
        int count = 0;
        while (cursor.MoveNext())
        {
            count++;
        }

        return count;
    }

    private static int[] Groups(IDataView data, string keyColumn)
    {
        DataViewSchema.Column column = DataColumns.Any(data.Schema, keyColumn);
        if (column.Type is not PrimitiveDataViewType)
        {
            throw new ArgumentException($"The column '{keyColumn}' holds {column.Type}; a sampling key must be a single value: text, a number, a key.");
        }

        using DataViewRowCursor cursor = data.GetRowCursor([column]);
        Func<object> read = KeyReader.Of(cursor, column);
        Dictionary<object, int> known = [];
        List<int> groups = [];
        while (cursor.MoveNext())
        {
            object key = read();
            if (!known.TryGetValue(key, out int group))
            {
                known[key] = group = known.Count;
            }

            groups.Add(group);
        }

        return [.. groups];
    }

    private static class KeyReader
    {
        public static Func<object> Of(DataViewRow row, DataViewSchema.Column column) =>
            (Func<object>)typeof(KeyReader).GetMethod(nameof(Reader))!.MakeGenericMethod(column.Type.RawType).Invoke(null, [row, column])!;

        public static Func<object> Reader<T>(DataViewRow row, DataViewSchema.Column column)
        {
            Func<T> read = Getters.Reader<T>(row, column);

            // Memory is equal where it is the same, text where it reads the same.
            return () => read() switch { ReadOnlyMemory<char> text => text.ToString(), var value => value! };
        }
    }
}
