namespace Microsoft.ML.Binary.Imaging;

/// <summary>
/// Pixels of images that nobody needs any more, for the next images of the same size. Arrays of more than 85,000 bytes are collected only with the whole heap, which a folder of pictures
/// would make happen every few images.
/// </summary>
/// <param name="capacity">Arrays that are kept.</param>
internal sealed class PixelArrayPool(int capacity)
{
    // Beside the work on a larger image, its memory costs nothing.
    private const int MostBytes = 1 << 24;

    private readonly List<byte[]> _free = new(capacity);

    /// <summary>Zeros, so many.</summary>
    public byte[] Take(int length)
    {
        byte[] pixels;
        lock (_free)
        {
            int at = _free.FindIndex(free => free.Length == length);
            if (at < 0)
            {
                return new byte[length];
            }

            pixels = _free[at];
            _free.RemoveAt(at);
        }

        Array.Clear(pixels);
        return pixels;
    }

    /// <summary>Nobody reads or writes them any more.</summary>
    public void Return(byte[] pixels)
    {
        if (pixels.Length > MostBytes)
        {
            return;
        }

        lock (_free)
        {
            if (_free.Count == capacity)
            {
                _free.RemoveAt(0);
            }

            _free.Add(pixels);
        }
    }
}
