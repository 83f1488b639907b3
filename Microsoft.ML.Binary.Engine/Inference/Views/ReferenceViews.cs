using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Imaging;
using Microsoft.ML.Binary.Inference.Tiles;
using Microsoft.ML.Binary.Kernels;

namespace Microsoft.ML.Binary.Inference;

/// <summary>
/// What the logits of an image are, in the plainest way: each view of it goes through the <see cref="ReferenceInterpreter"/>, the logits are
/// brought to the image's size, added up in order and divided by the number of views. Everything faster is tested against it.
/// </summary>
/// <example>
/// <code>
/// FeatureMap expected = ReferenceViews.Logits(network, image);            // slow and plain
/// float[] logits = new float[expected.Values.Length];
/// compiled.PredictLogits(image, logits);
/// bool same = logits.AsSpan().SequenceEqual(expected.Values);             // true, to the last bit
/// </code>
/// </example>
public static class ReferenceViews
{
    /// <summary>The logits of an image, of its own size.</summary>
    /// <param name="network">The network; one that is not frozen yet is frozen first.</param>
    /// <param name="image">The image.</param>
    /// <param name="options">The views; none for one, as trained.</param>
    public static FeatureMap Logits(DenseNetwork network, RgbImage image, ViewOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(image);
        DenseGraph graph = Freezing.Freeze(network.Graph);
        ExposureCurve? exposure = ExposureCurve.For(image, network.Exposure.Mean);
        options ??= ViewOptions.AsTrained;
        ImageView[] views = ImageView.Of(options, network.WorkingSize, image.Width, image.Height);
        FeatureMap sum = new(graph.LogitChannels, image.Height, image.Width);
        for (int i = 0; i < views.Length; i++)
        {
            FeatureMap logits = Resize(LogitsOf(views[i]), image.Width, image.Height);
            for (int k = 0; k < sum.Values.Length; k++)
            {
                sum.Values[k] = i == 0 ? logits.Values[k] : sum.Values[k] + logits.Values[k];
            }
        }

        if (views.Length > 1)
        {
            for (int k = 0; k < sum.Values.Length; k++)
            {
                sum.Values[k] /= views.Length;
            }
        }

        return sum;

        FeatureMap LogitsOf(ImageView view) => options.Tiles is { } tiles
            ? InTiles(Exposed(image, exposure), tiles.For(graph), graph, options)
            : Logits(options.AttentionReduction.In(graph, view.Height, view.Width), Exposed(View(image, view), exposure), view.Mirrored);
    }

    private static RgbImage Exposed(RgbImage image, ExposureCurve? exposure) => exposure is null
        ? image
        : new(image.Width, image.Height, [.. image.Pixels.Select(value => exposure[value])]);

    private static FeatureMap InTiles(RgbImage image, (int Side, int Halo) tiles, DenseGraph graph, ViewOptions options)
    {
        FeatureMap whole = new(graph.LogitChannels, image.Height, image.Width);
        foreach (TileSpan rows in TileSpan.Of(image.Height, tiles.Side, tiles.Halo, graph.Alignment))
        {
            foreach (TileSpan columns in TileSpan.Of(image.Width, tiles.Side, tiles.Halo, graph.Alignment))
            {
                RgbImage tile = new(columns.Length, rows.Length);
                for (int i = 0; i < columns.Length * rows.Length; i++)
                {
                    tile[i % columns.Length, i / columns.Length] = image[columns.Start + i % columns.Length, rows.Start + i / columns.Length];
                }

                FeatureMap part = Logits(options.AttentionReduction.In(graph, tile.Height, tile.Width), tile);
                for (int c = 0; c < whole.Channels; c++)
                {
                    for (int y = rows.First; y < rows.Last; y++)
                    {
                        for (int x = columns.First; x < columns.Last; x++)
                        {
                            whole[c, y, x] = part[c, y - rows.Start, x - columns.Start];
                        }
                    }
                }
            }
        }

        return whole;
    }

    /// <summary>The image as a view shows it: the exact weighted mean, rounded to the nearest integer, halves up.</summary>
    public static RgbImage View(RgbImage image, ImageView view)
    {
        ArgumentNullException.ThrowIfNull(image);
        RgbImage result = new(view.Width, view.Height);
        for (int y = 0; y < view.Height; y++)
        {
            for (int x = 0; x < view.Width; x++)
            {
                List<(int Pixel, long Weight)> rows = Weights(y, image.Height, view.Height), columns = Weights(x, image.Width, view.Width);
                for (int c = 0; c < 3; c++)
                {
                    Int128 sum = 0, total = 0;
                    foreach ((int row, long down) in rows)
                    {
                        foreach ((int column, long across) in columns)
                        {
                            sum += (Int128)down * across * image.Pixels[3 * (row * image.Width + column) + c];
                            total += (Int128)down * across;
                        }
                    }

                    int to = view.Mirrored ? view.Width - 1 - x : x;
                    result.Pixels[3 * (y * view.Width + to) + c] = (byte)((2 * sum + total) / (2 * total));
                }
            }
        }

        return result;
    }

    /// <summary>A map brought to another size by bilinear weights; one that has it stays as it is.</summary>
    public static FeatureMap Resize(FeatureMap map, int width, int height)
    {
        ArgumentNullException.ThrowIfNull(map);
        if ((map.Width, map.Height) == (width, height))
        {
            return map;
        }

        FeatureMap result = new(map.Channels, height, width);
        for (int c = 0; c < map.Channels; c++)
        {
            for (int y = 0; y < height; y++)
            {
                (int above, float down) = ResizedRow.Source(y, map.Height, height);
                int top = Math.Max(above, 0), bottom = Math.Min(above + 1, map.Height - 1);
                for (int x = 0; x < width; x++)
                {
                    (int before, float across) = ResizedRow.Source(x, map.Width, width);
                    int left = Math.Max(before, 0), right = Math.Min(before + 1, map.Width - 1);
                    float a = map[c, top, left] + down * (map[c, bottom, left] - map[c, top, left]);
                    float b = map[c, top, right] + down * (map[c, bottom, right] - map[c, top, right]);
                    result[c, y, x] = a + across * (b - a);
                }
            }
        }

        return result;
    }

    /// <summary>The logits of an image that a graph looks at as it is; seen mirrored, they are turned back.</summary>
    internal static FeatureMap Logits(DenseGraph graph, RgbImage image, bool mirrored = false) =>
        Cropped(ReferenceInterpreter.Run(graph, Padded(graph, image))[graph.Logits], image, mirrored);

    /// <summary>Planes of the image, padded by repeating the last row and column.</summary>
    internal static FeatureMap Padded(DenseGraph graph, RgbImage image)
    {
        (int height, int width) = graph.PaddedSize(image.Height, image.Width);
        FeatureMap input = new(3, height, width);
        for (int y = 0; y < height; y++)
        {
            for (int x = 0; x < width; x++)
            {
                RgbColor color = image[Math.Min(x, image.Width - 1), Math.Min(y, image.Height - 1)];
                (input[0, y, x], input[1, y, x], input[2, y, x]) = (color.R, color.G, color.B);
            }
        }

        return input;
    }

    /// <summary>The part of a map of the padded size that is the image's.</summary>
    internal static FeatureMap Cropped(FeatureMap map, RgbImage image, bool mirrored = false)
    {
        FeatureMap cropped = new(map.Channels, image.Height, image.Width);
        for (int c = 0; c < cropped.Channels; c++)
        {
            for (int y = 0; y < cropped.Height; y++)
            {
                for (int x = 0; x < cropped.Width; x++)
                {
                    cropped[c, y, x] = map[c, y, mirrored ? cropped.Width - 1 - x : x];
                }
            }
        }

        return cropped;
    }

    /// <summary>The pixels that one of a shorter axis covers, or between which one of a longer axis lies, with their weights.</summary>
    private static List<(int Pixel, long Weight)> Weights(int index, int source, int target)
    {
        List<(int, long)> weights = [];
        if (target <= source)
        {
            // In units of 1 / target of a source pixel.
            long begin = (long)index * source, end = begin + source;
            for (int pixel = (int)(begin / target); (long)pixel * target < end; pixel++)
            {
                weights.Add((pixel, Math.Min((pixel + 1L) * target, end) - Math.Max((long)pixel * target, begin)));
            }

            return weights;
        }

        // In units of 1 / (2 target): half a pixel is target units.
        long unit = 2L * target, position = (2L * index + 1) * source - target, first = position < 0 ? -1 : position / unit;
        long distance = position - first * unit;
        weights.Add(((int)Math.Max(first, 0), unit - distance));
        weights.Add(((int)Math.Min(first + 1, source - 1), distance));
        return weights;
    }
}
