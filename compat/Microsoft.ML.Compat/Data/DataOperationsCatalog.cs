using Microsoft.ML.Data;

namespace Microsoft.ML;

public sealed class DataOperationsCatalog
{
    private readonly MLContext _context;

    internal DataOperationsCatalog(MLContext context) => _context = context;

    public IDataView LoadFromEnumerable<TRow>(IEnumerable<TRow> data, SchemaDefinition schemaDefinition = null)
        where TRow : class
    {
        ArgumentNullException.ThrowIfNull(data);
        return new EnumerableDataView<TRow>(data, SchemaDefinition.CreateOrCheck(typeof(TRow), schemaDefinition, SchemaDefinition.Direction.Read));
    }

    public IEnumerable<TRow> CreateEnumerable<TRow>(
        IDataView data, bool reuseRowObject, bool ignoreMissingColumns = false, SchemaDefinition schemaDefinition = null)
        where TRow : class, new()
    {
        ArgumentNullException.ThrowIfNull(data);
        SchemaDefinition definition = SchemaDefinition.CreateOrCheck(typeof(TRow), schemaDefinition, SchemaDefinition.Direction.Write);
        var columns = RowFiller<TRow>.Bind(data.Schema, definition, ignoreMissingColumns);
        return Rows();

        IEnumerable<TRow> Rows()
        {
            using DataViewRowCursor cursor = data.GetRowCursor(columns.Select(column => column.Column));
            Action<TRow> fill = RowFiller<TRow>.Create(cursor, columns);
            TRow row = reuseRowObject ? new TRow() : null;
            while (cursor.MoveNext())
            {
                row = reuseRowObject ? row : new TRow();
                fill(row);
                yield return row;
            }
        }
    }

    public IDataView SkipRows(IDataView input, long count)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(count);
        return new SkipTakeDataView(input, count, long.MaxValue);
    }

    public IDataView TakeRows(IDataView input, long count)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(count);
        return new SkipTakeDataView(input, 0, count);
    }

    /// <summary>Each row falls into one of the two sets at random, and always into the same one for the same seed. A sampling key is not supported here.</summary>
    public TrainTestData TrainTestSplit(IDataView data, double testFraction = 0.1, string samplingKeyColumnName = null, int? seed = null)
    {
        if (testFraction is not (> 0 and < 1))
        {
            throw new ArgumentOutOfRangeException(nameof(testFraction), testFraction, "The fraction must be between 0 and 1, exclusive.");
        }

        if (samplingKeyColumnName != null)
        {
            throw new NotSupportedException("The stand-in for ML.NET does not split by a sampling key.");
        }

        int splitSeed = seed ?? ((Runtime.IHostEnvironment)_context).Register(nameof(TrainTestSplit)).Rand.Next();
        return new TrainTestData(
            new SampledDataView(data, splitSeed, draw => draw >= testFraction),
            new SampledDataView(data, splitSeed, draw => draw < testFraction));
    }

    public readonly struct TrainTestData
    {
        public readonly IDataView TrainSet;
        public readonly IDataView TestSet;

        internal TrainTestData(IDataView trainSet, IDataView testSet)
        {
            TrainSet = trainSet;
            TestSet = testSet;
        }
    }
}
