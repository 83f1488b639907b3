using System.Collections.Immutable;
using Microsoft.ML.Binary.Imaging;

namespace Microsoft.ML.Binary;

/// <summary>Which pixels are neighbours.</summary>
/// <example>
/// <code>
/// int apart = MaskRegions.Find(mask, label: 1, PixelConnectivity.Four).Regions.Length;         // pixels that touch at a corner are two regions
/// int together = MaskRegions.Find(mask, label: 1, PixelConnectivity.Eight).Regions.Length;
/// </code>
/// </example>
public enum PixelConnectivity
{
    /// <summary>The pixels above, below, left and right.</summary>
    Four,

    /// <summary>Those and the four on the diagonals.</summary>
    Eight,
}

/// <summary>A connected region of one class.</summary>
/// <param name="Id">1, 2, ... in the order of first pixels, row-major; of objects of inside and contour, of the first pixels of their insides.</param>
/// <param name="Label">The class.</param>
/// <param name="Area">Pixels.</param>
/// <param name="Left">First column of the box around it.</param>
/// <param name="Top">First row of the box around it.</param>
/// <param name="Width">Columns of the box.</param>
/// <param name="Height">Rows of the box.</param>
/// <param name="CentroidX">Mean column of its pixels; a pixel's middle is at its whole-numbered column.</param>
/// <param name="CentroidY">Mean row of its pixels.</param>
/// <example>
/// <code>
/// MaskRegion largest = MaskRegions.Find(mask, inside: 1, contour: 2).Regions.MaxBy(region =&gt; region.Area)!;
/// Console.WriteLine($"{largest.Area} pixels in {largest.Width}x{largest.Height} at {largest.Left}, {largest.Top}");
/// </code>
/// </example>
public sealed record MaskRegion(int Id, byte Label, int Area, int Left, int Top, int Width, int Height, double CentroidX, double CentroidY);

/// <summary>The connected regions of classes in a mask: things to count, such as cell nuclei.</summary>
/// <example>
/// <code>
/// MaskRegions nuclei = MaskRegions.Find(mask, inside: 1, contour: 2, minArea: 16);
/// Console.WriteLine($"{nuclei.Regions.Length} nuclei, {nuclei.Regions.Average(n => n.Area)} pixels each");
/// </code>
/// </example>
public sealed class MaskRegions
{
    /// <param name="mask">Class indices.</param>
    /// <param name="ids">The number of each pixel's region, 0 for none.</param>
    /// <param name="label">The class of all regions; null where each is of the class of its pixels.</param>
    private MaskRegions(SegmentationMask mask, int[] ids, byte? label = null)
    {
        (Width, Height, Ids, Regions) = (mask.Width, mask.Height, ids, Measure(mask, ids, label));
    }

    /// <summary>Pixels in a row of the mask.</summary>
    public int Width { get; }

    /// <summary>Rows of the mask.</summary>
    public int Height { get; }

    /// <summary>For every pixel, row-major, the <see cref="MaskRegion.Id"/> of its region; 0 where there is none.</summary>
    public ReadOnlyMemory<int> Ids { get; }

    /// <summary>The regions, in the order of their numbers.</summary>
    public ImmutableArray<MaskRegion> Regions { get; }

    /// <summary>Finds the regions of a class.</summary>
    /// <param name="mask">Class indices.</param>
    /// <param name="label">The class.</param>
    /// <param name="connectivity">Which pixels are neighbours.</param>
    /// <param name="minArea">Smaller regions, in pixels, are left out; at least 1.</param>
    public static MaskRegions Find(
        SegmentationMask mask, byte label, PixelConnectivity connectivity = PixelConnectivity.Eight, int minArea = 1) =>
        Find(mask, [label], connectivity, minArea);

    /// <summary>Finds the regions of several classes; pixels of different classes are never of one region.</summary>
    /// <param name="mask">Class indices.</param>
    /// <param name="labels">The classes; others, such as a background or ignored pixels, have no regions.</param>
    /// <param name="connectivity">Which pixels are neighbours.</param>
    /// <param name="minArea">Smaller regions, in pixels, are left out; at least 1.</param>
    public static MaskRegions Find(
        SegmentationMask mask, IEnumerable<byte> labels, PixelConnectivity connectivity = PixelConnectivity.Eight, int minArea = 1)
    {
        ArgumentNullException.ThrowIfNull(mask);
        ArgumentNullException.ThrowIfNull(labels);
        ArgumentOutOfRangeException.ThrowIfLessThan(minArea, 1);
        return new(mask, RegionLabelling.Run(mask, labels, connectivity, minArea));
    }

    /// <summary>
    /// Finds objects that are labelled as inside and contour, so that those which touch stay apart: the regions of the inside, each grown into the
    /// pixels of the contour that it reaches through pixels of the contour above, below, left and right, all at the same pace; where two arrive at
    /// once, that of the lower number takes the pixel. Contour that no inside reaches belongs to no object.
    /// <para>A predicted contour has gaps, through which insides run into each other. So a region of the inside is taken apart at its necks first: where it is narrower than both parts
    /// beyond, by a pixel in half its width and by a tenth. A contour without gaps, as masks to learn from have it, wants it left whole.</para>
    /// </summary>
    /// <param name="mask">Class indices.</param>
    /// <param name="inside">The class of the inside.</param>
    /// <param name="contour">The class of the contour.</param>
    /// <param name="connectivity">Which pixels of the inside are neighbours.</param>
    /// <param name="minArea">Regions of the inside, or parts of them, with fewer pixels are left out; at least 1.</param>
    /// <param name="splitAtNecks">Whether insides are taken apart where they are narrow; false finds connected regions as they are.</param>
    /// <exception cref="ArgumentException">Inside and contour are one class.</exception>
    public static MaskRegions Find(
        SegmentationMask mask, byte inside, byte contour, PixelConnectivity connectivity = PixelConnectivity.Eight, int minArea = 1, bool splitAtNecks = true)
    {
        ArgumentNullException.ThrowIfNull(mask);
        ArgumentOutOfRangeException.ThrowIfLessThan(minArea, 1);
        if (inside == contour)
        {
            throw new ArgumentException($"Class {inside} is inside and contour; a contour is a class of its own.", nameof(contour));
        }

        int[] ids = splitAtNecks ? NeckSplitting.Run(mask, inside, connectivity, minArea) : RegionLabelling.Run(mask, [inside], connectivity, minArea);
        Queue<int> front = new(Enumerable.Range(0, ids.Length).Where(i => ids[i] > 0).OrderBy(i => ids[i]));
        while (front.TryDequeue(out int pixel))
        {
            int x = pixel % mask.Width;
            Grow(pixel - mask.Width, pixel >= mask.Width);
            Grow(pixel - 1, x > 0);
            Grow(pixel + 1, x < mask.Width - 1);
            Grow(pixel + mask.Width, pixel < ids.Length - mask.Width);

            void Grow(int neighbour, bool exists)
            {
                if (exists && ids[neighbour] == 0 && mask.Labels[neighbour] == contour)
                {
                    ids[neighbour] = ids[pixel];
                    front.Enqueue(neighbour);
                }
            }
        }

        return new(mask, ids, inside);
    }

    private static ImmutableArray<MaskRegion> Measure(SegmentationMask mask, int[] ids, byte? label)
    {
        int count = ids.Max();
        int[] area = new int[count + 1], left = Filled(int.MaxValue), top = Filled(int.MaxValue), right = Filled(-1), bottom = Filled(-1);
        byte[] labels = new byte[count + 1];
        long[] columns = new long[count + 1], rows = new long[count + 1];
        for (int y = 0, i = 0; y < mask.Height; y++)
        {
            for (int x = 0; x < mask.Width; x++, i++)
            {
                int id = ids[i];
                area[id]++;
                labels[id] = label ?? mask.Labels[i];
                (columns[id], rows[id]) = (columns[id] + x, rows[id] + y);
                (left[id], right[id]) = (Math.Min(left[id], x), Math.Max(right[id], x));
                (top[id], bottom[id]) = (Math.Min(top[id], y), Math.Max(bottom[id], y));
            }
        }

        return [.. Enumerable.Range(1, count).Select(id => new MaskRegion(
            id, labels[id], area[id], left[id], top[id], right[id] - left[id] + 1, bottom[id] - top[id] + 1,
            (double)columns[id] / area[id], (double)rows[id] / area[id]))];

        int[] Filled(int value)
        {
            int[] values = new int[count + 1];
            Array.Fill(values, value);
            return values;
        }
    }
}
