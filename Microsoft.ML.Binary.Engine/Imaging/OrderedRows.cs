namespace Microsoft.ML.Binary.Imaging;

/// <summary>Passes rows on from the top, each once, in whatever order they come: those that come too early wait.</summary>
internal sealed class OrderedRows(DecodedRow take)
{
    private readonly Dictionary<int, byte[]> _early = [];
    private int _next;

    public void Set(int y, ReadOnlySpan<byte> rgb)
    {
        if (y > _next)
        {
            _early[y] = rgb.ToArray();
        }
        else if (y == _next)
        {
            take(rgb);
            for (_next++; _early.Remove(_next, out byte[]? waiting); _next++)
            {
                take(waiting);
            }
        }
    }
}
