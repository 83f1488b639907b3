using Microsoft.ML.Binary.Messages;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Binary;

/// <summary>The two columns that an evaluator compares, and where it finds the size of both.</summary>
internal sealed record EvaluationColumns(string Label, string Prediction, string Height, string Width);

/// <summary>What evaluators need of each row beside the two columns they compare: its name and its size.</summary>
internal sealed class EvaluationRow
{
    private readonly DataViewRow _row;
    private readonly RowNames _names;
    private readonly ValueGetter<int> _getHeight;
    private readonly ValueGetter<int> _getWidth;

    public EvaluationRow(DataViewRow row, EvaluationColumns columns)
    {
        (_row, _names) = (row, new RowNames(row));
        _getHeight = row.GetGetter<int>(DataColumns.Int32(row.Schema, columns.Height));
        _getWidth = row.GetGetter<int>(DataColumns.Int32(row.Schema, columns.Width));
    }

    public static IEnumerable<DataViewSchema.Column> Columns(DataViewSchema schema, EvaluationColumns columns) =>
        [DataColumns.Int32(schema, columns.Height), DataColumns.Int32(schema, columns.Width), .. RowNames.Columns(schema)];

    public static InvalidDataException NoRows() => new("There is nothing to evaluate: the data have no rows.");

    public static void Warn(IEnumerable<string> warnings, Action<string>? warn)
    {
        foreach (string warning in warnings)
        {
            warn?.Invoke(warning);
        }
    }

    public static ReadOnlySpan<T> Dense<T>(ref VBuffer<T> values)
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
    public void Add(Action<string, int, int> add)
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
