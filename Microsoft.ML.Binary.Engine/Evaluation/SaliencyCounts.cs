using System.Runtime.Intrinsics;

namespace Microsoft.ML.Binary;

/// <summary>
/// One saliency map and its mask reduced to histograms: pixels per (quadrant, object or background, level).
/// Every saliency measure but the weighted F-measure is a function of these 2,048 counts.
/// </summary>
/// <remarks>
/// The quadrants meet at the object's centroid, as the S-measure wants them; callers that do not need them ask for a
/// single one. Levels are normalised as PySODMetrics does, in the same order of operations: /255, min-max, *255, truncate.
/// </remarks>
internal sealed class SaliencyCounts
{
    public const int Levels = 256;
    public const int Quadrants = 4;

    /// <summary>A mask pixel above this level is object.</summary>
    public const byte ObjectAbove = 128;

    private readonly int[][] _quadrants = [new int[2 * Levels], new int[2 * Levels], new int[2 * Levels], new int[2 * Levels]];
    private readonly double[] _values = new double[Levels];
    private readonly byte[] _thresholdLevels = new byte[Levels];
    private readonly int[] _object = new int[Levels];
    private readonly int[] _background = new int[Levels];

    public int Width { get; private set; }

    public int Height { get; private set; }

    public int PixelCount => Width * Height;

    public int ObjectPixelCount { get; private set; }

    /// <summary>First column right of the centroid's column.</summary>
    public int SplitX { get; private set; }

    /// <summary>First row below the centroid's row.</summary>
    public int SplitY { get; private set; }

    /// <summary>Normalised saliency (0..1) of each level.</summary>
    public ReadOnlySpan<double> Values => _values;

    /// <summary>The byte a level becomes after normalisation; level k counts as salient at thresholds up to this one.</summary>
    public ReadOnlySpan<byte> ThresholdLevels => _thresholdLevels;

    /// <summary>Object pixels per level.</summary>
    public ReadOnlySpan<int> Object => _object;

    /// <summary>Background pixels per level.</summary>
    public ReadOnlySpan<int> Background => _background;

    /// <summary>Background pixels per level of a quadrant (left top, right top, left bottom, right bottom).</summary>
    public ReadOnlySpan<int> QuadrantBackground(int quadrant) => _quadrants[quadrant].AsSpan(0, Levels);

    /// <summary>Object pixels per level of a quadrant.</summary>
    public ReadOnlySpan<int> QuadrantObject(int quadrant) => _quadrants[quadrant].AsSpan(Levels, Levels);

    /// <summary>Counts an image.</summary>
    /// <param name="saliency">Level per pixel, row-major.</param>
    /// <param name="mask">Gray mask per pixel, same order.</param>
    /// <param name="width">Width in pixels.</param>
    /// <param name="height">Height in pixels.</param>
    /// <param name="quadrants">Whether to split at the centroid; otherwise all is left top.</param>
    public void Count(ReadOnlySpan<byte> saliency, ReadOnlySpan<byte> mask, int width, int height, bool quadrants)
    {
        Width = width;
        Height = height;
        (SplitX, SplitY) = quadrants ? Centroid(mask, width, height) : (width, height);
        for (int quadrant = 0; quadrant < Quadrants; quadrant++)
        {
            Array.Clear(_quadrants[quadrant]);
        }

        for (int y = 0; y < height; y++)
        {
            int quadrant = y < SplitY ? 0 : 2;
            ReadOnlySpan<byte> saliencyRow = saliency.Slice(y * width, width);
            ReadOnlySpan<byte> maskRow = mask.Slice(y * width, width);
            CountRun(saliencyRow[..SplitX], maskRow[..SplitX], _quadrants[quadrant]);
            CountRun(saliencyRow[SplitX..], maskRow[SplitX..], _quadrants[quadrant + 1]);
        }

        SumQuadrants();
        Normalise();
    }

    private static (int X, int Y) Centroid(ReadOnlySpan<byte> mask, int width, int height)
    {
        long count = 0;
        long sumX = 0;
        long sumY = 0;
        for (int y = 0; y < height; y++)
        {
            ReadOnlySpan<byte> row = mask.Slice(y * width, width);
            long rowCount = 0;
            for (int x = 0; x < row.Length; x++)
            {
                bool isObject = row[x] > ObjectAbove;
                rowCount += isObject ? 1 : 0;
                sumX += isObject ? x : 0;
            }

            count += rowCount;
            sumY += rowCount * y;
        }

        // The published code splits after the centroid's own row and column, as MATLAB's ranges 1:y and 1:x do;
        // it rounds half to even. Without an object the S-measure never looks at the quadrants.
        return count == 0
            ? (width, height)
            : ((int)Math.Round(sumX / (double)count) + 1, (int)Math.Round(sumY / (double)count) + 1);
    }

    private static void CountRun(ReadOnlySpan<byte> saliency, ReadOnlySpan<byte> mask, int[] counts)
    {
        int i = 0;

        // Most of a saliency map is flat: a block of one level on one side of the mask costs one addition.
        for (; i + Vector128<byte>.Count <= saliency.Length; i += Vector128<byte>.Count)
        {
            ReadOnlySpan<byte> s = saliency.Slice(i, Vector128<byte>.Count);
            ReadOnlySpan<byte> m = mask.Slice(i, Vector128<byte>.Count);
            if (Vector128.EqualsAll(Vector128.Create(s), Vector128.Create(s[0]))
                && Vector128.EqualsAll(Vector128.Create(m), Vector128.Create(m[0])))
            {
                counts[CellOf(s[0], m[0])] += Vector128<byte>.Count;
                continue;
            }

            for (int j = 0; j < s.Length; j++)
            {
                counts[CellOf(s[j], m[j])]++;
            }
        }

        for (; i < saliency.Length; i++)
        {
            counts[CellOf(saliency[i], mask[i])]++;
        }
    }

    private static int CellOf(byte level, byte mask) => level + (mask > ObjectAbove ? Levels : 0);

    private void SumQuadrants()
    {
        ObjectPixelCount = 0;
        for (int level = 0; level < Levels; level++)
        {
            _object[level] = 0;
            _background[level] = 0;
            for (int quadrant = 0; quadrant < Quadrants; quadrant++)
            {
                _background[level] += _quadrants[quadrant][level];
                _object[level] += _quadrants[quadrant][Levels + level];
            }

            ObjectPixelCount += _object[level];
        }
    }

    private void Normalise()
    {
        int lowest = 0;
        while (_object[lowest] + _background[lowest] == 0)
        {
            lowest++;
        }

        int highest = Levels - 1;
        while (_object[highest] + _background[highest] == 0)
        {
            highest--;
        }

        double min = lowest / 255.0;
        double max = highest / 255.0;
        for (int level = lowest; level <= highest; level++)
        {
            double value = level / 255.0;
            _values[level] = lowest == highest ? value : (value - min) / (max - min);
            _thresholdLevels[level] = (byte)(_values[level] * 255);
        }
    }
}
