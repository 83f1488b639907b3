using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Imaging;
using Microsoft.ML.Binary.Inference.Steps;
using Microsoft.ML.Binary.Inference.Tiles;
using Microsoft.ML.Binary.Inference.Views;

namespace Microsoft.ML.Binary.Inference;

/// <content>Images that are seen in tiles.</content>
public sealed unsafe partial class CompiledNetwork
{
    // Side and halo of tiles; null if there are none.
    private (int Side, int Halo)? _tiles;

    /// <summary>Whether images are looked at in tiles.</summary>
    internal bool HasTiles => _tiles is not null;

    /// <summary>
    /// Begins an image whose rows arrive one by one, for a network that looks at images in tiles: the memory is that of a band of tiles, whatever the height.
    /// Results are those of <see cref="PredictTasks"/>.
    /// </summary>
    /// <param name="width">Pixels in a row.</param>
    /// <param name="height">Rows.</param>
    /// <param name="take">Gets the rows of every head's result, each from the top: class indices, or gray values of heads without classes.</param>
    /// <param name="meter">Has seen all rows of the image, for a network that sees images at an <see cref="DenseNetwork.Exposure"/>; null for others.</param>
    /// <param name="cancellationToken">Ends the work within milliseconds.</param>
    /// <exception cref="InvalidOperationException">
    /// There are no tiles (<see cref="ViewOptions.Tiles"/>), a graph was compiled that is no network, or the exposure of the image is not known.
    /// </exception>
    /// <exception cref="ArgumentException">The meter is of an image of another size, or has not seen all of it.</exception>
    /// <exception cref="ImageTooLargeException">A band of the image takes more memory than it may.</exception>
    /// <example>
    /// <code>
    /// using CompiledNetwork compiled = CompiledNetwork.Compile(network, new() { Views = ViewOptions.InTiles() });
    /// using FileStream file = File.Create("mask.png");
    /// using MaskRowWriter writer = new(file, width: 12000, height: 9000, isClassIndices: true);
    /// RowPrediction rows = compiled.BeginRows(12000, 9000, (head, y, labels) => writer.Add(labels));
    /// ImageReader.ReadRows("map.png", info => rows.Add);
    /// </code>
    /// </example>
    public RowPrediction BeginRows(int width, int height, PredictedRow take, ExposureMeter? meter = null, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(height, 1);
        ArgumentNullException.ThrowIfNull(take);
        CheckHasHeads();
        if (_tiles is not { } tiles)
        {
            throw new InvalidOperationException($"Rows are for a network that was compiled with {nameof(ViewOptions)}.{nameof(ViewOptions.Tiles)}.");
        }

        if (!Exposure.IsAsIs && meter is null)
        {
            throw new InvalidOperationException(
                $"The network sees images at an exposure of {Exposure}, which is known of an image when all of its rows are: read them twice, first with an {nameof(ExposureMeter)}, and give that.");
        }

        if (meter is not null && (meter.Width, meter.Height) != (width, height))
        {
            throw new ArgumentException($"The meter is of an image of {meter.Width}x{meter.Height}, and this has {width}x{height}.", nameof(meter));
        }

        if (meter is not null && meter.Rows < height)
        {
            throw new ArgumentException($"The meter has seen {meter.Rows} of the {height} rows of the image; give it the others first.", nameof(meter));
        }

        long bytes = (3L + Heads.Length) * width * Math.Min(tiles.Side, height);
        if (bytes > _options.MaxRunBytes || bytes > Array.MaxLength)
        {
            throw new ImageTooLargeException($"a band of it needs {bytes >> 20} MiB, and may take {_options.MaxRunBytes >> 20} MiB");
        }

        InferencePlan plan = PlanOfTiles(width, height, resultBytes: Heads.Length, bytes);
        return new(this, new TiledRun(this, plan, tiles, width, height), width, meter?.CurveFor(Exposure.Mean), take, cancellationToken);
    }

    private (int Width, int Height) SeenAtOnce(ImageView view) =>
        _tiles is { } tiles ? (Math.Min(tiles.Side, view.Width), Math.Min(tiles.Side, view.Height)) : (view.Width, view.Height);

    private bool IsSeenInTiles(int width, int height) => SeenAtOnce(new(width, height, Mirrored: false)) != (width, height);

    // So many bytes for each pixel of the largest tile.
    private long TileBytes(int width, int height, long bytes)
    {
        (int tileWidth, int tileHeight) = SeenAtOnce(new(width, height, Mirrored: false));
        return bytes * tileWidth * tileHeight;
    }

    /// <summary>The plan by which all tiles of an image are executed.</summary>
    /// <param name="width">The image's width.</param>
    /// <param name="height">The image's height.</param>
    /// <param name="resultBytes">Bytes of all results of a pixel.</param>
    /// <param name="others">Bytes that are needed beside a tile.</param>
    /// <exception cref="ImageTooLargeException">A tile takes more memory than a run may.</exception>
    private InferencePlan PlanOfTiles(int width, int height, long resultBytes, long others = 0)
    {
        (int tileWidth, int tileHeight) = SeenAtOnce(new(width, height, Mirrored: false));
        InferencePlan plan = Plan(tileWidth, tileHeight);
        long bytes = plan.StateBytes + TileBytes(width, height, 3 + resultBytes) + others;
        if (bytes > _options.MaxRunBytes)
        {
            throw new ImageTooLargeException(
                $"a tile of {tileWidth}x{tileHeight} needs {bytes >> 20} MiB of working memory with its results, and may take {_options.MaxRunBytes >> 20} MiB; smaller tiles need less");
        }

        return plan;
    }

    private void CheckTiles()
    {
        if (_views.Tiles is { } tiles)
        {
            _tiles = tiles.For(Graph);
            if (!(_views.Size ?? WorkingSize).IsOwn || _views.Scales is not [1] || _views.Mirrored)
            {
                throw new ArgumentException(
                    $"Tiles are for images as they are: with {nameof(ViewOptions.Tiles)}, {nameof(ViewOptions.Size)} must be {nameof(WorkingSize)}.{nameof(WorkingSize.Own)} (--working-size own), and there are "
                    + "neither other scales nor mirrored views (--scales, --mirror).");
            }
        }
    }

    private bool TryRunInTiles(
        byte* image, ViewRunSize size, ExposureCurve? exposure, ReadOnlySpan<ResultTarget> targets, Action<IReadOnlyList<(PlanStep Step, RunState State)>>? inspect, CancellationToken cancellationToken)
    {
        if (_tiles is not { } tiles || !IsLookedAtAsItIs(size) || !IsSeenInTiles(size.Width, size.Height))
        {
            return false;
        }

        long resultBytes = 0;
        for (int i = 0; i < targets.Length; i++)
        {
            resultBytes += targets[i].Values is null ? 0 : targets[i].BytesOfPixel(OutputChannels[i]) + (targets[i].Labels is null ? 0 : 1);
        }

        TiledRun tiled = new(this, PlanOfTiles(size.Width, size.Height, resultBytes), tiles, size.Width, size.Height);
        foreach (TileSpan band in tiled.Bands)
        {
            tiled.Run(band, image + 3L * band.Start * size.Width, exposure, targets, band.First, size.Height, band.Start == 0 ? inspect : null, cancellationToken);
        }

        return true;
    }
}
