namespace Microsoft.ML.Binary.Tests.Pipeline;

/// <summary>A view that counts its passes, and fails in one of them.</summary>
internal sealed class WatchedView(IDataView inner) : IDataView
{
    public int Passes { get; private set; }

    /// <summary>The pass that fails, from 1; 0 for none.</summary>
    public int FailsIn { get; init; }

    public DataViewSchema Schema => inner.Schema;

    public bool CanShuffle => inner.CanShuffle;

    public long? GetRowCount() => inner.GetRowCount();

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null)
    {
        Begin();
        return inner.GetRowCursor(columnsNeeded, rand);
    }

    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null)
    {
        Begin();
        return inner.GetRowCursorSet(columnsNeeded, n, rand);
    }

    private void Begin()
    {
        if (++Passes == FailsIn)
        {
            throw new IOException("The disk is gone.");
        }
    }
}
