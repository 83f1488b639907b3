using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Microsoft.ML.Binary.Imaging;

namespace Microsoft.ML.Binary;

/// <summary>
/// One of several parts of a set of images, for workers that share nothing but a disk. Which part an image is in depends on its name alone: on
/// every machine, in any order, and whatever other images there are. Parts are of about the same size, not exactly.
/// </summary>
/// <remarks>
/// The part is 1 + (h mod count), where h is the first 8 bytes of the SHA-256 of the name in UTF-8, as a number, the highest byte first.
/// </remarks>
/// <example>
/// <code>
/// Shard third = new(3, 16);                                               // or Shard.Parse("3/16")
/// IEnumerable&lt;NamedFile&gt; mine = ImageManifest.Open("images.csv").Where(third.Contains);
/// </code>
/// </example>
public readonly record struct Shard
{
    /// <summary>The most parts.</summary>
    public const int MaxCount = 1_000_000;

    /// <summary>Makes a part.</summary>
    /// <param name="index">Which, from 1 to <paramref name="count"/>.</param>
    /// <param name="count">Of how many, at least 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">One is out of range.</exception>
    public Shard(int index, int count)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, MaxCount);
        ArgumentOutOfRangeException.ThrowIfLessThan(index, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(index, count);
        (Index, Count) = (index, count);
    }

    /// <summary>Which part, from 1; 0 of the default value, which holds everything.</summary>
    public int Index { get; }

    /// <summary>How many parts there are; 0 of the default value.</summary>
    public int Count { get; }

    /// <summary>Reads <c>3/16</c>.</summary>
    /// <param name="text">The part and how many there are, from <c>1/n</c> to <c>n/n</c>.</param>
    /// <returns>Null where the text says something else.</returns>
    public static Shard? Parse(string text) =>
        text.Split('/') is [var first, var second]
        && int.TryParse(first, NumberStyles.None, CultureInfo.InvariantCulture, out int index)
        && int.TryParse(second, NumberStyles.None, CultureInfo.InvariantCulture, out int count)
        && count is >= 1 and <= MaxCount && index >= 1 && index <= count ? new Shard(index, count) : null;

    /// <summary>Whether an image belongs to this part.</summary>
    /// <param name="image">The image; its name decides.</param>
    public bool Contains(NamedFile image)
    {
        ArgumentNullException.ThrowIfNull(image);
        return Count <= 1 || Contains(Encoding.UTF8.GetBytes(image.Name));
    }

    /// <summary>Whether an image of this name, in UTF-8, belongs to this part.</summary>
    internal bool Contains(ReadOnlySpan<byte> name)
    {
        if (Count <= 1)
        {
            return true;
        }

        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(name, hash);
        return 1 + (int)(BinaryPrimitives.ReadUInt64BigEndian(hash) % (uint)Count) == Index;
    }

    /// <summary>The images that belong to this part.</summary>
    internal IEnumerable<NamedFile> Of(IEnumerable<NamedFile> images) => images is ImageManifest manifest ? manifest.Of(this) : images.Where(Contains);

    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Index}/{Count}");
}
