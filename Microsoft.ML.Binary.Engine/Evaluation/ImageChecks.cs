namespace Microsoft.ML.Binary;

/// <summary>The checks that every accumulator makes of an image before it counts anything.</summary>
internal static class ImageChecks
{
    public static void Size(
        string name, int width, int height, int firstLength, string firstName, int secondLength, string secondName)
    {
        ArgumentNullException.ThrowIfNull(name);
        if (width < 1 || height < 1)
        {
            throw new ArgumentException($"Image '{name}': the size is {width}x{height}; both sides must be at least 1.", nameof(width));
        }

        Length(name, width, height, firstLength, firstName);
        Length(name, width, height, secondLength, secondName);
    }

    private static void Length(string name, int width, int height, int length, string what)
    {
        if (length != (long)width * height)
        {
            throw new ArgumentException(
                $"Image '{name}': {what} has {length} pixels, but the image is {width}x{height} = {(long)width * height} pixels.", what);
        }
    }
}
