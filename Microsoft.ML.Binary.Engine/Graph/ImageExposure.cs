using System.Globalization;

namespace Microsoft.ML.Binary.Graph;

/// <summary>
/// How bright images are made before a network sees them: the mean of their pixel values. A network that has one sees a street at dusk about as bright as one at
/// noon, so this is a part of it as its weights are. The default value, <see cref="AsIs"/>, leaves images as they are.
/// </summary>
/// <example>
/// <code>
/// network.WithExposure(ImageExposure.Of(102)).Save("bright.mlbn");        // the same weights; sees every image so
/// </code>
/// </example>
public readonly record struct ImageExposure
{
    /// <summary>The highest mean.</summary>
    public const int Brightest = 254;

    private ImageExposure(int mean) => Mean = mean;

    /// <summary>Images as they are.</summary>
    public static ImageExposure AsIs => default;

    /// <summary>Whether images stay as they are.</summary>
    public bool IsAsIs => Mean == 0;

    /// <summary>The mean of the values of all pixels and channels; 0 for <see cref="AsIs"/>.</summary>
    public int Mean { get; }

    /// <summary>Images of so bright a mean.</summary>
    /// <param name="mean">From 1 to <see cref="Brightest"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException">It is out of range.</exception>
    public static ImageExposure Of(int mean) => mean is >= 1 and <= Brightest
        ? new(mean)
        : throw new ArgumentOutOfRangeException(nameof(mean), mean, $"An exposure is a mean of pixel values from 1 to {Brightest}, not {mean}.");

    /// <summary><c>as-is</c>, or the mean.</summary>
    public override string ToString() => IsAsIs ? "as-is" : Mean.ToString(CultureInfo.InvariantCulture);
}
