using System.Runtime.CompilerServices;

namespace Microsoft.ML.Binary.Imaging.Resampling;

/// <summary>
/// Brings masks of one size to another by vote: a pixel gets the label that covers most of its area in the source; of equal ones the lowest.
/// Where more than half of the area has the ignored label the pixel is ignored; elsewhere the ignored part has no vote.
/// </summary>
internal static class MaskResampler
{
    /// <summary>Votes over labels.</summary>
    /// <param name="mask">Labels, row-major.</param>
    /// <param name="sourceWidth">Pixels in a row of the mask.</param>
    /// <param name="sourceHeight">Its rows.</param>
    /// <param name="width">Pixels in a row of the result.</param>
    /// <param name="height">Its rows.</param>
    /// <param name="ignoreLabel">The label that has no vote; null if all have one.</param>
    public static byte[] Vote(ReadOnlySpan<byte> mask, int sourceWidth, int sourceHeight, int width, int height, byte? ignoreLabel)
    {
        AxisWeights columns = AxisWeights.Area(sourceWidth, width), rows = AxisWeights.Area(sourceHeight, height);
        byte[] target = new byte[width * height];
        long half = (long)sourceWidth * sourceHeight / 2;
        Span<long> votes = stackalloc long[256];
        for (int y = 0; y < height; y++)
        {
            for (int x = 0; x < width; x++)
            {
                target[y * width + x] = Vote(mask, columns, rows, x, y, ignoreLabel, half, votes);
            }
        }

        return target;
    }

    /// <summary>The same for gray values of saliency: above <see cref="SaliencyMask.Threshold"/> is object, and the result is 255 where it has more than half of the area, else 0.</summary>
    public static byte[] VoteObject(byte[] mask, int sourceWidth, int sourceHeight, int width, int height) =>
        Vote(new SaliencyMask(sourceWidth, sourceHeight, mask).Binarize().Values, sourceWidth, sourceHeight, width, height, ignoreLabel: null);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static byte Vote(
        ReadOnlySpan<byte> mask, AxisWeights columns, AxisWeights rows, int x, int y, byte? ignoreLabel, long half, Span<long> votes)
    {
        int firstRow = rows.First[y], firstColumn = columns.First[x];
        ReadOnlySpan<int> down = rows.Weights.AsSpan(rows.Start[y]..rows.Start[y + 1]), across = columns.Weights.AsSpan(columns.Start[x]..columns.Start[x + 1]);
        int label = mask[firstRow * columns.Source + firstColumn], lowest = label, highest = label;
        votes.Clear();
        for (int i = 0; i < down.Length; i++)
        {
            ReadOnlySpan<byte> line = mask.Slice((firstRow + i) * columns.Source + firstColumn, across.Length);
            for (int j = 0; j < line.Length; j++)
            {
                label = line[j];
                votes[label] += (long)down[i] * across[j];
                (lowest, highest) = (Math.Min(lowest, label), Math.Max(highest, label));
            }
        }

        if (lowest == highest)
        {
            return (byte)lowest;
        }

        if (ignoreLabel is { } ignored)
        {
            if (votes[ignored] > half)
            {
                return ignored;
            }

            votes[ignored] = 0;
        }

        int best = lowest;
        for (label = lowest + 1; label <= highest; label++)
        {
            best = votes[label] > votes[best] ? label : best;
        }

        return (byte)best;
    }
}
