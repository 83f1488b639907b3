using Microsoft.ML.Binary.Messages;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Binary;

/// <summary>The two columns that an evaluator compares, and where it finds the size of both.</summary>
internal sealed record EvaluationColumns(string Label, string Prediction, string Height, string Width)
{
    /// <exception cref="ArgumentException">A prediction would be measured against itself.</exception>
    public static void CheckDiffer(string label, string prediction)
    {
        if (label == prediction)
        {
            throw new ArgumentException($"The true masks and the prediction are both to be in the column '{label}', which would be measured against itself; they must be two columns.");
        }
    }
}

/// <summary>Takes the labels and predictions of an image.</summary>
internal delegate void AddImage<T>(string name, ReadOnlySpan<byte> labels, ReadOnlySpan<T> predictions, int width, int height);

/// <summary>What evaluators need of each row beside the two columns they compare: its name and its size.</summary>
internal sealed class EvaluationRow
{
    private readonly DataViewRow _row;
    private readonly RowNames _names;
    private readonly Func<int> _height, _width;

    private EvaluationRow(DataViewRow row, string height, string width)
    {
        (_row, _names) = (row, RowNames.OfMasks(row));
        _height = Getters.Reader<int>(row, DataColumns.Int32(row.Schema, height));
        _width = Getters.Reader<int>(row, DataColumns.Int32(row.Schema, width));
    }

    /// <summary>Walks over labels and predictions, row by row.</summary>
    /// <exception cref="ArgumentException">A column is missing or of another type.</exception>
    /// <exception cref="InvalidDataException">A row does not fit; the message names it.</exception>
    public static void ForEach<T>(IDataView data, EvaluationColumns columns, DataViewSchema.Column prediction, AddImage<T> add)
    {
        DataViewSchema.Column label = DataColumns.Bytes(data.Schema, columns.Label);
        ForEach(data, columns.Height, columns.Width, [label, prediction], row => Adding(row, label, prediction, add));
    }

    /// <summary>Walks over the rows.</summary>
    /// <param name="data">The rows.</param>
    /// <param name="height">The column of heights.</param>
    /// <param name="width">The column of widths.</param>
    /// <param name="needed">The other columns that are read.</param>
    /// <param name="adding">Gets the cursor once; what it gives is called for each row, with its name, width and height.</param>
    public static void ForEach(
        IDataView data, string height, string width, IEnumerable<DataViewSchema.Column> needed, Func<DataViewRow, Action<string, int, int>> adding)
    {
        DataViewSchema schema = data.Schema;
        using DataViewRowCursor cursor = data.GetRowCursor([.. needed, DataColumns.Int32(schema, height), DataColumns.Int32(schema, width), .. RowNames.Columns(schema)]);
        EvaluationRow row = new(cursor, height, width);
        Action<string, int, int> add = adding(cursor);
        while (cursor.MoveNext())
        {
            row.Add(add);
        }
    }

    /// <summary>Reads labels and predictions of the row that a cursor stands on, and adds them.</summary>
    /// <exception cref="ArgumentException">Both are one column.</exception>
    public static Action<string, int, int> Adding<T>(DataViewRow row, DataViewSchema.Column label, DataViewSchema.Column prediction, AddImage<T> add)
    {
        EvaluationColumns.CheckDiffer(label.Name, prediction.Name);
        ValueGetter<VBuffer<byte>> getLabels = row.GetGetter<VBuffer<byte>>(label);
        ValueGetter<VBuffer<T>> getPredictions = row.GetGetter<VBuffer<T>>(prediction);
        VBuffer<byte> labels = default;
        VBuffer<T> predictions = default;
        return (name, width, height) =>
        {
            getLabels(ref labels);
            getPredictions(ref predictions);
            add(name, Dense(ref labels), Dense(ref predictions), width, height);
        };
    }

    public static InvalidDataException NoRows() => new("There is nothing to evaluate: the data have no rows.");

    public static void Warn(IEnumerable<string> warnings, Action<string>? warn)
    {
        foreach (string warning in warnings)
        {
            warn?.Invoke(warning);
        }
    }

    private static ReadOnlySpan<T> Dense<T>(ref VBuffer<T> values)
    {
        if (!values.IsDense)
        {
            VBuffer<T> dense = default;
            values.CopyToDense(ref dense);
            values = dense;
        }

        return values.GetValues();
    }

    /// <summary>Adds the row to an accumulator, whose complaints get the row's number.</summary>
    /// <param name="add">Gets the row's name, width and height.</param>
    private void Add(Action<string, int, int> add)
    {
        int height = _height(), width = _width();
        try
        {
            add(_names.Current, width, height);
        }
        catch (ArgumentException exception)
        {
            throw new InvalidDataException($"Row {_row.Position}: {ErrorText.Of(exception)}", exception);
        }
    }
}

/// <summary>Where evaluators say what is likely to be wrong with their data: ML.NET's log.</summary>
internal static class EvaluationLog
{
    public static Action<string> Of(MLContext context) => warning =>
    {
        using IChannel channel = ((IHostEnvironment)context).Register("DenseEvaluation").Start("Evaluation");
        channel.Warning(MessageSensitivity.None, warning);
    };
}
