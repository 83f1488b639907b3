namespace Microsoft.ML.Binary.Imaging;

/// <summary>
/// Brings maps of one size to another without making new values: each pixel gets the value of the source's pixel that its middle lies in, which is the one at
/// floor((x + 1/2) * source / target), in whole numbers. The right way for labels whose mean means nothing.
/// </summary>
public static class NearestResampler
{
    /// <summary>Resizes a map.</summary>
    /// <param name="source">Values, row-major.</param>
    /// <param name="sourceWidth">Pixels in a row of the source.</param>
    /// <param name="sourceHeight">Its rows.</param>
    /// <param name="width">Pixels in a row of the result, at least 1.</param>
    /// <param name="height">Its rows, at least 1.</param>
    /// <typeparam name="T">What a pixel has.</typeparam>
    /// <returns>The values of the result, row-major.</returns>
    /// <exception cref="ArgumentException">A size is empty or of more pixels than an array holds, or the number of values is not that of the source's size.</exception>
    /// <example><code>byte[] labels = NearestResampler.Resize(mask.Labels, mask.Width, mask.Height, 640, 480);</code></example>
    public static T[] Resize<T>(ReadOnlySpan<T> source, int sourceWidth, int sourceHeight, int width, int height)
    {
        ImageSize.CheckLength(sourceWidth, sourceHeight, 1, source.Length, nameof(source));
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(height, 1);
        T[] target = new T[ImageSize.LengthOf(width, height, 1)];
        int[] columns = new int[width];
        for (int x = 0; x < width; x++)
        {
            columns[x] = Nearest(x, sourceWidth, width);
        }

        for (int y = 0, previous = -1; y < height; y++)
        {
            int row = Nearest(y, sourceHeight, height);
            Span<T> line = target.AsSpan(y * width, width);
            if (row == previous)
            {
                target.AsSpan((y - 1) * width, width).CopyTo(line);
                continue;
            }

            ReadOnlySpan<T> values = source.Slice(row * sourceWidth, sourceWidth);
            for (int x = 0; x < columns.Length; x++)
            {
                line[x] = values[columns[x]];
            }

            previous = row;
        }

        return target;
    }

    private static int Nearest(int at, int source, int target) => (int)((2L * at + 1) * source / (2L * target));
}
