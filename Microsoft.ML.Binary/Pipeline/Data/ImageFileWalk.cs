namespace Microsoft.ML.Binary;

/// <summary>Walks over every so many of the rows of a view of image files. The image of the next can be decoded on another thread while the current row is worked on.</summary>
/// <param name="view">The view.</param>
/// <param name="rows">Its rows in their order.</param>
/// <param name="first">At which of them the walk starts.</param>
/// <param name="step">How far it goes each time.</param>
internal sealed class ImageFileWalk(ImageFileDataView view, IEnumerator<(int Id, ImageFileRow Row)> rows, int first, int step) : IDisposable
{
    private readonly CancellationTokenSource _ended = new();
    private Task<ImageFileRowContent?>? _next;
    private long _passed = -1;
    private bool _atEnd, _isDisposed;

    /// <summary>The number of the row in the view; -1 before the first.</summary>
    public long Rank { get; private set; } = -1;

    public int Id { get; private set; }

    /// <summary>The row; null where the walk stands on none.</summary>
    public ImageFileRowContent? Content { get; private set; }

    public bool MoveNext()
    {
        ImageFileRowContent? content;
        Content = null;
        do
        {
            Task<ImageFileRowContent?>? next = _next;
            _next = null;
            if (next is null && !Advance())
            {
                return false;
            }

            content = next is null ? view.Content(rows.Current.Id, rows.Current.Row, _ended.Token) : next.GetAwaiter().GetResult();
        }
        while (content is null);
        (Rank, Id, Content) = (_passed, rows.Current.Id, content);
        return true;
    }

    /// <summary>Begins to decode the image of the next row, unless that is under way. That there can be none is an error where the walk goes on to it.</summary>
    public void ReadAhead()
    {
        try
        {
            if (_next is null && Advance())
            {
                (int id, ImageFileRow row) = rows.Current;
                _next = Task.Run(() => Read(id, row));
            }
        }
        catch (Exception e)
        {
            _next = Task.FromException<ImageFileRowContent?>(e);
        }
    }

    public void Dispose()
    {
        // Rows that are mapped dispose of the row that they stand on, as ML.NET's do, and so does who made that.
        if (_isDisposed)
        {
            return;
        }

        _isDisposed = true;

        // An open file could not be deleted everywhere.
        _ended.Cancel();
        _next?.ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default).Wait();
        _ended.Dispose();
        rows.Dispose();
    }

    private ImageFileRowContent? Read(int id, ImageFileRow row)
    {
        ImageFileRowContent? content = view.Content(id, row, _ended.Token);
        try
        {
            _ = content?.Picture;
        }
        catch (Exception)
        {
            // It is read again where it is asked for, and is an error there.
        }

        return content;
    }

    private bool Advance()
    {
        for (int count = _passed < 0 ? first + 1 : step; count > 0 && !_atEnd; count--)
        {
            _atEnd = !rows.MoveNext();
            _passed++;
        }

        return !_atEnd;
    }
}
