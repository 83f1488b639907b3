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
        CheckSides(width, height);
        if ((long)width * height * channels != length)
        {
            throw new ArgumentException(
                $"{width}x{height} pixels with {channels} values each need {(long)width * height * channels} values, {length} were given.", argument);
        }
    }

    /// <summary>How many values there are.</summary>
    /// <exception cref="ArgumentException">The size is empty, or no array has so many values.</exception>
    public static int LengthOf(int width, int height, int channels)
    {
        CheckSides(width, height);
        return (long)width * height <= Array.MaxLength / channels
            ? width * height * channels
            : throw new ArgumentException($"The size is {width}x{height}; there may be at most {Array.MaxLength / channels} pixels.");
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

    private static void CheckSides(int width, int height)
    {
        if (width < 1 || height < 1)
        {
            throw new ArgumentException($"The size is {width}x{height}; both sides must be at least 1.");
        }
    }
}
