using Parquet;
using Parquet.Schema;

namespace Microsoft.ML.Binary.Cli;

/// <summary>Writes a table of results as a Parquet file, a group of rows at a time.</summary>
internal static class ParquetTable
{
    // Some hundred bytes a row: groups of a few megabytes, which is all of the table that is in memory.
    private const int RowsOfGroup = 10_000;

    public static async Task WriteAsync(Stream stream, ResultTable table, IEnumerable<BatchResult> results)
    {
        DataField[] fields = [.. table.Columns.Select(column => new DataField(column.Name, column.Type, isNullable: true))];
        await using ParquetWriter writer = await ParquetWriter.CreateAsync(new ParquetSchema(fields), stream).ConfigureAwait(false);
        foreach (BatchResult[] group in results.Chunk(RowsOfGroup))
        {
            object?[][] rows = [.. group.Select(table.Row)];
            using ParquetRowGroupWriter target = writer.CreateRowGroup();
            for (int i = 0; i < fields.Length; i++)
            {
                object?[] values = [.. rows.Select(row => row[i])];
                Type type = table.Columns[i].Type;
                await (type == typeof(string) ? target.WriteAsync(fields[i], [.. values.Cast<string?>()!])
                    : type == typeof(int) ? Numbers<int>(target, fields[i], values)
                    : type == typeof(long) ? Numbers<long>(target, fields[i], values)
                    : Numbers<double>(target, fields[i], values)).ConfigureAwait(false);
            }

            target.CompleteValidate();
        }
    }

    private static Task Numbers<T>(ParquetRowGroupWriter target, DataField field, object?[] values)
        where T : struct => target.WriteAsync<T>(field, values.Select(value => (T?)value).ToArray().AsMemory());
}
