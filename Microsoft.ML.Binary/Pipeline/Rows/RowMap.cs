using Microsoft.ML.Data;

namespace Microsoft.ML.Binary;

/// <summary>An immutable mapping that adds columns to rows one by one: what each of our transformers consists of.</summary>
internal abstract class RowMap
{
    /// <summary>The columns that are added.</summary>
    /// <exception cref="ArgumentException">A column that is needed is missing or of another type.</exception>
    public abstract IEnumerable<OutputColumn> OutputsOf(DataViewSchema input);

    /// <summary>The columns that they are made of.</summary>
    /// <exception cref="ArgumentException">One is missing or of another type.</exception>
    public abstract IEnumerable<DataViewSchema.Column> InputsOf(DataViewSchema input);

    /// <summary>The getters of the added values of whatever row the input stands on, one a column; null for those that are not active.</summary>
    /// <param name="input">The row, which moves on.</param>
    /// <param name="active">The added columns that will be read; the others cost nothing.</param>
    public abstract Delegate?[] GettersOf(DataViewRow input, IReadOnlyList<DataViewSchema.Column> active);

    /// <summary>The input's columns followed by ours; one of ours hides an earlier one of its name.</summary>
    public DataViewSchema GetOutputSchema(DataViewSchema input)
    {
        ArgumentNullException.ThrowIfNull(input);
        DataViewSchema.Builder builder = new();
        builder.AddColumns(input);
        foreach (OutputColumn column in OutputsOf(input))
        {
            builder.AddColumn(column.Name, column.Type, column.Annotations);
        }

        return builder.ToSchema();
    }

    /// <summary>The input columns that are needed for some output columns.</summary>
    public IEnumerable<DataViewSchema.Column> InputsOf(IEnumerable<DataViewSchema.Column> outputs, DataViewSchema input)
    {
        SortedSet<int> needed = [];
        foreach (DataViewSchema.Column output in outputs)
        {
            needed.UnionWith(output.Index < input.Count ? [output.Index] : InputsOf(input).Select(column => column.Index));
        }

        return needed.Select(index => input[index]);
    }
}

/// <summary>An added column.</summary>
internal sealed record OutputColumn(string Name, DataViewType Type, DataViewSchema.Annotations? Annotations = null);

/// <summary>The names that a user gave to output columns.</summary>
internal static class OutputNames
{
    /// <exception cref="ArgumentException">One is empty, or two are equal.</exception>
    public static void Check(IEnumerable<string> names)
    {
        HashSet<string> known = new(StringComparer.Ordinal);
        if (!names.All(name => !string.IsNullOrEmpty(name) && known.Add(name)))
        {
            throw new ArgumentException($"The output columns are named {string.Join(", ", names.Select(name => $"'{name}'"))}; names must differ and not be empty.");
        }
    }
}
