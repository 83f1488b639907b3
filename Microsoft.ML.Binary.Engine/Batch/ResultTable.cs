using System.Collections.Immutable;
using System.Text;
using Microsoft.ML.Binary.Files;
using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Messages;

namespace Microsoft.ML.Binary;

/// <summary>A column of a <see cref="ResultTable"/>.</summary>
/// <param name="Name">Its name, different from those of the others.</param>
/// <param name="Type"><see cref="string"/>, <see cref="int"/>, <see cref="long"/> or <see cref="double"/>; any value may be missing.</param>
/// <example>
/// <code>
/// foreach (ResultColumn column in new ResultTable(network).Columns)
/// {
///     Console.WriteLine($"{column.Name}: {column.Type.Name}");            // the schema of a table in a database, say
/// }
/// </code>
/// </example>
public sealed record ResultColumn(string Name, Type Type);

/// <summary>
/// The results of a batch as a table, a row for each image: <c>name</c>, <c>image</c>, <c>status</c> (<c>scored</c> or <c>failed</c>), <c>reason</c>, <c>width</c>,
/// <c>height</c>, <c>mask</c> (from the folder of results on), and <c>pixels: CLASS</c> for each class, or <c>mean</c> (0..1) where there are no classes. Of several heads, each has
/// its own <c>HEAD: mask</c> and so on. A table holds what the files hold: it is the same after one run and after many that were ended.
/// </summary>
/// <example>
/// <code>
/// using BatchScorer scorer = new(network, new() { OutputFolder = "results", Measure = true });
/// new ResultTable(network).SaveCsv("results.csv", scorer.Prepare(ImageManifest.Open("images.csv")).Run());
/// </code>
/// </example>
public sealed class ResultTable
{
    private const string Scored = "scored", Failed = "failed";

    private readonly ImmutableArray<TaskHead> _heads;

    /// <summary>The table of a network.</summary>
    /// <param name="network">The network whose results it holds.</param>
    public ResultTable(DenseNetwork network)
    {
        ArgumentNullException.ThrowIfNull(network);
        _heads = network.Heads;
        Columns =
        [
            new("name", typeof(string)), new("image", typeof(string)), new("status", typeof(string)), new("reason", typeof(string)), new("width", typeof(int)), new("height", typeof(int)),
            .. _heads.SelectMany(ColumnsOf),
        ];
    }

    /// <summary>The columns.</summary>
    public ImmutableArray<ResultColumn> Columns { get; }

    /// <summary>The row of an image, a value for each column; null where it is missing.</summary>
    /// <param name="result">What became of the image, with figures (<see cref="BatchOptions.Measure"/>).</param>
    /// <exception cref="ArgumentException">The result has no figures.</exception>
    public object?[] Row(BatchResult result)
    {
        ArgumentNullException.ThrowIfNull(result);
        bool isThere = result.State != BatchState.Failed;
        if (isThere && result.Masks.Length != _heads.Length)
        {
            throw new ArgumentException($"{result.Image.Name}: the result has no figures; set {nameof(BatchOptions)}.{nameof(BatchOptions.Measure)}.", nameof(result));
        }

        object?[] row = new object?[Columns.Length];
        (row[0], row[1], row[2], row[3]) = (result.Image.Name, result.Image.Path, isThere ? Scored : Failed, result.Reason);
        int at = 4;
        if (isThere)
        {
            (row[at++], row[at++]) = (result.Masks[0].Width, result.Masks[0].Height);
            foreach (BatchMask mask in result.Masks)
            {
                row[at++] = mask.Path;
                foreach (long pixels in mask.ClassPixels)
                {
                    row[at++] = pixels;
                }

                if (mask.ClassPixels.IsEmpty)
                {
                    row[at++] = mask.Mean;
                }
            }
        }

        return row;
    }

    /// <summary>Writes a CSV file, as results come. Whole or not at all.</summary>
    /// <param name="path">The file, replaced if it exists.</param>
    /// <param name="results">The results, one after the other.</param>
    /// <exception cref="IOException">The file cannot be written. What the results themselves throw is passed on as it is.</exception>
    public void SaveCsv(string path, IEnumerable<BatchResult> results) => AtomicFile.Write(path, results, WriteCsv);

    /// <summary>Writes CSV: UTF-8, commas, decimal points, a line of names first.</summary>
    /// <param name="stream">Gets the table, as results come.</param>
    /// <param name="results">The results, one after the other.</param>
    public void WriteCsv(Stream stream, IEnumerable<BatchResult> results)
    {
        ArgumentNullException.ThrowIfNull(results);
        using StreamWriter writer = new(stream, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false), leaveOpen: true);
        writer.Write(CsvRow.Of([.. Columns.Select(column => column.Name)]));
        foreach (BatchResult result in results)
        {
            writer.Write(CsvRow.Of(Row(result)));
        }
    }

    private IEnumerable<ResultColumn> ColumnsOf(TaskHead head)
    {
        string prefix = _heads.Length == 1 ? "" : head.Name + ": ";
        return
        [
            new(prefix + "mask", typeof(string)),
            .. head.Task.HasClasses
                ? head.ClassNames.Select(name => new ResultColumn($"{prefix}pixels: {name}", typeof(long)))
                : [new ResultColumn(prefix + "mean", typeof(double))],
        ];
    }
}
