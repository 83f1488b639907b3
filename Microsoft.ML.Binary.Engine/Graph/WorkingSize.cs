using System.Globalization;

namespace Microsoft.ML.Binary.Graph;

/// <summary>
/// The size that images are brought to before a network sees them: their longest side in pixels, the other one in proportion. A network
/// finds things of the size that it learned them at, so this is a part of it as its weights are. The default value,
/// <see cref="Own"/>, leaves images as they are.
/// </summary>
/// <example>
/// <code>
/// (int width, int height) = WorkingSize.Of(480).Fit(4000, 3000);          // 480 x 360
/// </code>
/// </example>
public readonly record struct WorkingSize
{
    /// <summary>The largest longest side.</summary>
    public const int MaxSide = 16384;

    private WorkingSize(int longestSide) => LongestSide = longestSide;

    /// <summary>Images as they are.</summary>
    public static WorkingSize Own => default;

    /// <summary>Whether images stay as they are.</summary>
    public bool IsOwn => LongestSide == 0;

    /// <summary>The longest side in pixels; 0 for <see cref="Own"/>.</summary>
    public int LongestSide { get; }

    /// <summary>A size of so many pixels along the longest side.</summary>
    /// <param name="longestSide">From 1 to <see cref="MaxSide"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException">It is out of range.</exception>
    public static WorkingSize Of(int longestSide)
    {
        if (longestSide is < 1 or > MaxSide)
        {
            throw new ArgumentOutOfRangeException(
                nameof(longestSide), longestSide, $"A working size has a longest side of 1 to {MaxSide} pixels, not of {longestSide}.");
        }

        return new(longestSide);
    }

    /// <summary>
    /// The size that an image is brought to, larger or smaller than it is: the longest side becomes <see cref="LongestSide"/>, the other side s
    /// of an image with longest side l becomes s * LongestSide / l, rounded to the nearest integer, halves up, at least 1.
    /// </summary>
    /// <param name="width">The image's width, at least 1.</param>
    /// <param name="height">The image's height, at least 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">A side is below 1.</exception>
    public (int Width, int Height) Fit(int width, int height)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(height, 1);
        return IsOwn ? (width, height) : Fit(width, height, LongestSide);
    }

    /// <summary>The same for any longest side.</summary>
    internal static (int Width, int Height) Fit(int width, int height, int longestSide)
    {
        long longest = Math.Max(width, height);
        return (Side(width), Side(height));

        int Side(int side) => (int)Math.Max(1, (2L * side * longestSide + longest) / (2 * longest));
    }

    /// <summary><c>own</c>, or the longest side.</summary>
    public override string ToString() => IsOwn ? "own" : LongestSide.ToString(CultureInfo.InvariantCulture);
}
