namespace Microsoft.ML.Binary.Reporting.Notebooks;

/// <summary>Lists the formatters of this library's types; created and called by .NET Interactive, which knows the member by its name.</summary>
internal sealed class NotebookFormatters
{
    public IEnumerable<object> CreateTypeFormatters() => [new NotebookFormatter()];
}
