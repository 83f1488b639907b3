using Microsoft.ML.Data;

namespace Microsoft.ML.Binary;

/// <summary>The rows of a view that are in a fold, or those that are not, in the view's order.</summary>
internal sealed class FoldDataView(IDataView source, int[] folds, int fold, bool isHeldOut) : IDataView
{
    public DataViewSchema Schema => source.Schema;

    public bool CanShuffle => false;

    public long? GetRowCount() => folds.Count(f => f == fold == isHeldOut);

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null) =>
        new Cursor(source.GetRowCursor(columnsNeeded), folds, fold, isHeldOut);

    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null) => [GetRowCursor(columnsNeeded)];

    private sealed class Cursor(DataViewRowCursor source, int[] folds, int fold, bool isHeldOut) : DataViewRowCursor
    {
        private int _next;
        private long _position = -1;

        public override DataViewSchema Schema => source.Schema;

        public override long Position => _position;

        public override long Batch => 0;

        public override bool MoveNext()
        {
            while (source.MoveNext())
            {
                if (_next >= folds.Length)
                {
                    throw new InvalidDataException($"The data have more than the {folds.Length} rows that they had when they were divided into folds.");
                }

                if (folds[_next++] == fold == isHeldOut)
                {
                    _position++;
                    return true;
                }
            }

            _position = -1;
            return false;
        }

        public override bool IsColumnActive(DataViewSchema.Column column) => source.IsColumnActive(column);

        public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column) => source.GetGetter<TValue>(column);

        public override ValueGetter<DataViewRowId> GetIdGetter() => source.GetIdGetter();

        protected override void Dispose(bool disposing)
        {
            if (disposing)
            {
                source.Dispose();
            }

            base.Dispose(disposing);
        }
    }
}
