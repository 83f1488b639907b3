namespace Microsoft.ML.Binary.Imaging;

/// <summary>Checks that the image types share.</summary>
internal static class ImageSize
{
    public static void Check(int width, int height, int channels, byte[] values, string argument)
    {
        ArgumentNullException.ThrowIfNull(values, argument);
        CheckLength(width, height, channels, values.Length, argument);
    }

    public static void CheckLength(int width, int height, int channels, int length, string argument)
    {
        if (width < 1 || height < 1)
        {
            throw new ArgumentException($"The size is {width}x{height}; both sides must be at least 1.");
        }

        if ((long)width * height * channels != length)
        {
            throw new ArgumentException(
                $"{width}x{height} pixels with {channels} values each need {(long)width * height * channels} values, {length} were given.", argument);
        }
    }

    /// <exception cref="ArgumentException">The two sizes differ.</exception>
    public static void CheckSame(int width, int height, int otherWidth, int otherHeight, string what)
    {
        if (width != otherWidth || height != otherHeight)
        {
            throw new ArgumentException($"{what}: the sizes differ: {width}x{height} and {otherWidth}x{otherHeight}.");
        }
    }

    public static int Index(int x, int y, int width, int height)
        => (uint)x < (uint)width && (uint)y < (uint)height
            ? (y * width) + x
            : throw new ArgumentOutOfRangeException(nameof(x), $"Pixel x={x}, y={y} lies outside of {width}x{height}.");
}
