namespace Microsoft.ML.Binary.Imaging;

/// <summary>Takes the next row of an image.</summary>
/// <param name="rgb">Red, green, blue of each pixel. Valid during the call only.</param>
/// <example>
/// <code>
/// double sum = 0;
/// int width = 0, height = 0;
/// DecodedRow add = row => sum += row.ToArray().Sum(value => value);
/// ImageReader.ReadRows("huge.tif", info =>
/// {
///     (width, height) = (info.Width, info.Height);
///     return add;                                                         // called with one row after the other, from the top
/// });
/// Console.WriteLine($"mean value {sum / (3.0 * width * height):F1}");
/// </code>
/// </example>
public delegate void DecodedRow(ReadOnlySpan<byte> rgb);

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
