using Microsoft.ML.Binary.Kernels;

namespace Microsoft.ML.Binary.Inference;

/// <summary>
/// What a plan may ask for. Channels, padding and image size come from files; everything after these checks computes places in memory
/// with <see cref="int"/>, so each size is computed here in <see cref="long"/> first.
/// </summary>
internal static class PlanLimits
{
    /// <summary>Pixels along a side: positions of enlarged rows are exact in <see cref="float"/> up to twice as many.</summary>
    public const int MaxSide = 1 << 22;

    /// <summary>Elements of one plane with its borders: eight times as many can still be counted.</summary>
    public const long MaxPlaneElements = 1 << 28;

    /// <summary>Bytes of the arena, or of the scratch memory of one thread: one array.</summary>
    public static readonly long MaxArrayBytes = Array.MaxLength - RunState.Surplus;

    /// <summary>The layout of a map.</summary>
    /// <exception cref="ImageTooLargeException">It is too large.</exception>
    public static PlaneLayout Layout(int height, int width, int border)
    {
        if (height > MaxSide || width > MaxSide)
        {
            throw new ImageTooLargeException($"a map in it has {width}x{height} pixels, and a side may have {MaxSide}");
        }

        long pitch = (long)width + border, elements = height * pitch + 2 * border * (pitch + 1) + 3 * PlaneLayout.Tile;
        CheckPlane(elements);
        return new PlaneLayout(height, width, border);
    }

    /// <summary>A layout of elements in a row.</summary>
    /// <exception cref="ImageTooLargeException">They are too many.</exception>
    public static PlaneLayout Row(long elements)
    {
        CheckPlane(elements);
        return new PlaneLayout(1, (int)elements, 0);
    }

    /// <summary>Checks a number of bytes.</summary>
    /// <exception cref="ImageTooLargeException">They are more than there may be.</exception>
    public static void Check(long bytes, long most)
    {
        if (bytes > most)
        {
            throw new ImageTooLargeException($"it needs {bytes >> 20} MiB of working memory or more, and may take {most >> 20} MiB");
        }
    }

    /// <summary>Checks the size of an image, or of a result, that is resized.</summary>
    /// <exception cref="ImageTooLargeException">A side is too long.</exception>
    public static void CheckSides(int width, int height)
    {
        if (Math.Max(width, height) > ResizedRow.MaxSide)
        {
            throw new ImageTooLargeException($"{width}x{height} pixels are resized, and a side may have {ResizedRow.MaxSide}");
        }
    }

    private static void CheckPlane(long elements)
    {
        if (elements > MaxPlaneElements)
        {
            throw new ImageTooLargeException($"a plane of it has {elements} values with its padding, and may have {MaxPlaneElements}");
        }
    }
}

/// <summary>A network needs more memory for an image than it may take (<see cref="InferenceOptions.MaxRunBytes"/>), or than can be addressed.</summary>
/// <example>
/// <code>
/// try
/// {
///     compiled.Prepare(40_000, 30_000);
/// }
/// catch (ImageTooLargeException e)
/// {
///     Console.WriteLine(e.Message);                                       // what it would take, and that it works in tiles (ViewOptions.InTiles)
/// }
/// </code>
/// </example>
public sealed class ImageTooLargeException : InvalidOperationException
{
    internal ImageTooLargeException(string problem)
        : base($"The image is too large for this network: {problem}. Scale the image down, or look at it in tiles (ViewOptions.Tiles, --tile).")
    {
    }
}
