using Microsoft.ML.Binary.Messages;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Binary;

/// <summary>The two columns that an evaluator compares, and where it finds the size of both.</summary>
internal sealed record EvaluationColumns(string Label, string Prediction, string Height, string Width);

/// <summary>Takes the labels and predictions of an image.</summary>
internal delegate void AddImage<T>(string name, ReadOnlySpan<byte> labels, ReadOnlySpan<T> predictions, int width, int height);

/// <summary>What evaluators need of each row beside the two columns they compare: its name and its size.</summary>
internal sealed class EvaluationRow
{
    private readonly DataViewRow _row;
    private readonly RowNames _names;
    private readonly ValueGetter<int> _getHeight;
    private readonly ValueGetter<int> _getWidth;

    private EvaluationRow(DataViewRow row, EvaluationColumns columns)
    {
        (_row, _names) = (row, new RowNames(row));
        _getHeight = row.GetGetter<int>(DataColumns.Int32(row.Schema, columns.Height));
        _getWidth = row.GetGetter<int>(DataColumns.Int32(row.Schema, columns.Width));
    }

    /// <summary>Walks over labels and predictions, row by row.</summary>
    /// <exception cref="ArgumentException">A column is missing or of another type.</exception>
    /// <exception cref="InvalidDataException">A row does not fit; the message names it.</exception>
    public static void ForEach<T>(IDataView data, EvaluationColumns columns, DataViewSchema.Column prediction, AddImage<T> add)
    {
        DataViewSchema.Column label = DataColumns.Bytes(data.Schema, columns.Label);
        DataViewSchema.Column height = DataColumns.Int32(data.Schema, columns.Height), width = DataColumns.Int32(data.Schema, columns.Width);
        using DataViewRowCursor cursor = data.GetRowCursor([label, prediction, height, width, .. RowNames.Columns(data.Schema)]);
        EvaluationRow row = new(cursor, columns);
        ValueGetter<VBuffer<byte>> getLabels = cursor.GetGetter<VBuffer<byte>>(label);
        ValueGetter<VBuffer<T>> getPredictions = cursor.GetGetter<VBuffer<T>>(prediction);
        VBuffer<byte> labels = default;
        VBuffer<T> predictions = default;
        while (cursor.MoveNext())
        {
            getLabels(ref labels);
            getPredictions(ref predictions);
            row.Add((name, w, h) => add(name, Dense(ref labels), Dense(ref predictions), w, h));
        }
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
        int height = 0, width = 0;
        _getHeight(ref height);
        _getWidth(ref width);
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
