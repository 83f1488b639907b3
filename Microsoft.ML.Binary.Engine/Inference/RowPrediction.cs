using System.Runtime.InteropServices;
using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Imaging;
using Microsoft.ML.Binary.Inference.Tiles;

namespace Microsoft.ML.Binary.Inference;

/// <summary>Takes a row of a result.</summary>
/// <param name="head">Which of the network's heads.</param>
/// <param name="y">The row, from 0.</param>
/// <param name="values">Class indices, or gray values 0..255 of a head without classes. Valid during the call only.</param>
/// <example>
/// <code>
/// long road = 0;
/// PredictedRow count = (head, y, labels) => road += labels.Count((byte)1);
/// compiled.PredictRows(image, count);
/// Console.WriteLine($"{road / (double)(image.Width * image.Height):P1} road");
/// </code>
/// </example>
public delegate void PredictedRow(int head, int y, ReadOnlySpan<byte> values);

/// <summary>
/// Applies a network to an image of which rows arrive one by one, and gives the rows of the results as soon as they are known: for images that nobody
/// wants to hold in memory. <see cref="CompiledNetwork.BeginRows"/> makes one. One caller at a time.
/// </summary>
/// <example>
/// <code>
/// using CompiledNetwork tiled = CompiledNetwork.Compile(network, new() { Views = ViewOptions.InTiles() });
/// RowPrediction rows = tiled.BeginRows(image.Width, image.Height, (head, y, labels) =&gt; Console.WriteLine($"row {y}: {labels[0]}"));
/// for (int y = 0; y &lt; image.Height; y++)
/// {
///     rows.Add(image.Pixels.AsSpan(3 * image.Width * y, 3 * image.Width));
/// }
/// </code>
/// </example>
public sealed unsafe class RowPrediction
{
    private readonly CompiledNetwork _network;
    private readonly TiledRun _tiles;
    private readonly PredictedRow _take;
    private readonly ExposureCurve? _exposure;
    private readonly CancellationToken _cancellation;
    private readonly int _width;
    private readonly byte[] _pixels;
    private readonly byte[][] _results;
    private int _band, _row;
    private bool _isRunning;

    internal RowPrediction(CompiledNetwork network, TiledRun tiles, int width, ExposureCurve? exposure, PredictedRow take, CancellationToken cancellationToken)
    {
        (_network, _tiles, _width, _exposure, _take, _cancellation) = (network, tiles, width, exposure, take, cancellationToken);
        _pixels = GC.AllocateUninitializedArray<byte>(checked(3 * width * tiles.Bands.Max(band => band.Length)), pinned: true);
        int rows = tiles.Bands.Max(band => band.Last - band.First);
        _results = [.. network.Heads.Select(_ => GC.AllocateUninitializedArray<byte>(checked(width * rows), pinned: true))];
    }

    /// <summary>Adds the next row of the image.</summary>
    /// <param name="rgb">Red, green, blue of each pixel.</param>
    /// <exception cref="ArgumentException">It has another length, or the image has all of its rows.</exception>
    /// <exception cref="InvalidDataException">A gray value of a head is not a number.</exception>
    /// <exception cref="InvalidOperationException">An earlier row ended in an error of its own or of the taker of results: the image must be begun anew.</exception>
    /// <exception cref="OperationCanceledException">The token that was given at the beginning says so.</exception>
    public void Add(ReadOnlySpan<byte> rgb)
    {
        if (_isRunning)
        {
            throw new InvalidOperationException($"Results of the image ended in an error at row {_row}; begin it anew.");
        }

        if (rgb.Length != 3 * _width || _band == _tiles.Bands.Count)
        {
            throw new ArgumentException(
                _band == _tiles.Bands.Count ? $"The image has {_row} rows, and all of them are there." : $"A row of {_width} pixels has {3 * _width} bytes; this has {rgb.Length}.", nameof(rgb));
        }

        TileSpan band = _tiles.Bands[_band];
        rgb.CopyTo(_pixels.AsSpan((_row++ - band.Start) * rgb.Length));
        if (_row < band.Start + band.Length)
        {
            return;
        }

        _isRunning = true;
        Run(band);
        _isRunning = false;
        if (++_band < _tiles.Bands.Count)
        {
            // The next band sees the last rows again.
            int from = _tiles.Bands[_band].Start;
            _pixels.AsSpan((from - band.Start) * rgb.Length, (_row - from) * rgb.Length).CopyTo(_pixels);
        }
    }

    private void Run(TileSpan band)
    {
        int height = band.Last - band.First;
        Span<ResultTarget> targets = stackalloc ResultTarget[_results.Length];
        for (int i = 0; i < targets.Length; i++)
        {
            targets[i] = new()
            {
                Values = (void*)Marshal.UnsafeAddrOfPinnedArrayElement(_results[i], 0),
                Kind = _network.Heads[i].Task.HasClasses ? ResultKind.Labels : ResultKind.GraySaliency,
            };
        }

        _tiles.Run(band, (byte*)Marshal.UnsafeAddrOfPinnedArrayElement(_pixels, 0), _exposure, targets, 0, height, inspect: null, _cancellation);
        for (int i = 0; i < targets.Length; i++)
        {
            for (int y = 0; y < height; y++)
            {
                _cancellation.ThrowIfCancellationRequested();
                _take(i, band.First + y, _results[i].AsSpan(y * _width, _width));
            }
        }
    }
}
