using Microsoft.ML.Binary.Cli.Options;
using Microsoft.ML.Binary.Files;
using Microsoft.ML.Binary.Graph;

namespace Microsoft.ML.Binary.Cli;

/// <summary>The file that <c>--table</c> names: CSV or Parquet, by its ending.</summary>
internal sealed class ResultTableFile
{
    private const string Csv = ".csv", Parquet = ".parquet";

    private readonly string _path;
    private readonly ResultTable _table;

    private ResultTableFile(string path, ResultTable table) => (_path, _table) = (path, table);

    public static OutputFile Option()
    {
        OutputFile option = new("--table", $"Also write a table with a row for each image: size, mask, and pixels of each class or mean saliency. {Csv} or {Parquet}.");
        option.Validators.Add(result =>
        {
            if (result.Tokens is [{ Value: var path }] && !IsCsv(path) && !Has(path, Parquet))
            {
                result.AddError($"--table is '{path}'; it must end in {Csv} or {Parquet}.");
            }
        });
        return option;
    }

    /// <param name="path">What was given; null for no table.</param>
    /// <param name="network">Whose results it holds.</param>
    public static ResultTableFile? Of(string? path, DenseNetwork network) => path is null ? null : new(path, new ResultTable(network));

    /// <summary>Writes the table as results come; whole or not at all.</summary>
    public void Write(IEnumerable<BatchResult> results)
    {
        if (IsCsv(_path))
        {
            _table.SaveCsv(_path, results);
            return;
        }

        AtomicFile.Write(_path, results, (stream, all) => ParquetTable.WriteAsync(stream, _table, all).GetAwaiter().GetResult());
    }

    private static bool IsCsv(string path) => Has(path, Csv);

    private static bool Has(string path, string ending) => Path.GetExtension(path).Equals(ending, StringComparison.OrdinalIgnoreCase);
}
