using System.Globalization;

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

    /// <summary>Probabilities are numbers from 0 to 1.</summary>
    /// <param name="name">The image.</param>
    /// <param name="values">What is checked, row-major.</param>
    /// <param name="width">Width in pixels.</param>
    /// <param name="what">What a value is called.</param>
    /// <param name="parameter">The caller's parameter.</param>
    /// <exception cref="ArgumentException">A value is not finite or not in 0..1; the message names image, pixel and value.</exception>
    public static void Probabilities(string name, ReadOnlySpan<float> values, int width, string what, string parameter)
    {
        for (int i = 0; i < values.Length; i++)
        {
            if (!(values[i] is >= 0 and <= 1))
            {
                throw new ArgumentException(
                    $"Image '{name}': the {what} at pixel x={i % width}, y={i / width} is {values[i].ToString(CultureInfo.InvariantCulture)}; it must be a number from 0 to 1.", parameter);
            }
        }
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
