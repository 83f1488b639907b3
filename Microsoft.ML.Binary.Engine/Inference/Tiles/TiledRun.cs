using System.Runtime.InteropServices;
using Microsoft.ML.Binary.Imaging;
using Microsoft.ML.Binary.Inference.Steps;

namespace Microsoft.ML.Binary.Inference.Tiles;

/// <summary>Runs a network over the tiles of an image, band by band. One caller at a time.</summary>
internal sealed unsafe class TiledRun
{
    private readonly CompiledNetwork _network;
    private readonly InferencePlan _plan;
    private readonly TileSpan[] _columns;
    private readonly int _width;
    private readonly byte[] _pixels;
    private readonly byte[][] _values, _labels;

    /// <param name="network">The network.</param>
    /// <param name="plan">Its plan for tiles, which have one size once they are padded: all bands are run by it, also when the network is disposed of meanwhile.</param>
    /// <param name="tiles">Side and halo of tiles (<see cref="ViewTiles.For"/>).</param>
    /// <param name="width">The image's width.</param>
    /// <param name="height">The image's height.</param>
    public TiledRun(CompiledNetwork network, InferencePlan plan, (int Side, int Halo) tiles, int width, int height)
    {
        (_network, _plan, _width) = (network, plan, width);
        (_columns, Bands) = (TileSpan.Of(width, tiles.Side, tiles.Halo, network.Graph.Alignment), TileSpan.Of(height, tiles.Side, tiles.Halo, network.Graph.Alignment));
        _pixels = GC.AllocateUninitializedArray<byte>(checked(3 * _columns.Max(span => span.Length) * Bands.Max(span => span.Length)), pinned: true);
        (_values, _labels) = ([.. network.OutputChannels.Select(_ => Array.Empty<byte>())], [.. network.OutputChannels.Select(_ => Array.Empty<byte>())]);
    }

    /// <summary>The rows of tiles, from the top.</summary>
    public IReadOnlyList<TileSpan> Bands { get; }

    /// <summary>Runs a band.</summary>
    /// <param name="rows">Its rows.</param>
    /// <param name="image">Red, green, blue of each pixel, from the first row that it sees.</param>
    /// <param name="exposure">Is applied to the pixels that the network sees; null for none.</param>
    /// <param name="targets">Where results go.</param>
    /// <param name="resultRow">The row of them that gets the first of the band.</param>
    /// <param name="resultHeight">How many rows they have.</param>
    /// <param name="inspect">Is shown the steps of the first tile with the memory that they worked in; may be null.</param>
    /// <param name="cancellationToken">Ends the run.</param>
    public void Run(
        TileSpan rows, byte* image, ExposureCurve? exposure, ReadOnlySpan<ResultTarget> targets, int resultRow, int resultHeight,
        Action<IReadOnlyList<(PlanStep Step, RunState State)>>? inspect, CancellationToken cancellationToken)
    {
        Span<ResultTarget> ofTile = stackalloc ResultTarget[targets.Length];
        foreach (TileSpan columns in _columns)
        {
            for (int y = 0; y < rows.Length; y++)
            {
                new ReadOnlySpan<byte>(image + 3 * ((long)y * _width + columns.Start), 3 * columns.Length).CopyTo(_pixels.AsSpan(3 * y * columns.Length));
            }

            exposure?.Apply(_pixels.AsSpan(0, 3 * columns.Length * rows.Length));

            ofTile.Clear();
            for (int i = 0; i < targets.Length; i++)
            {
                if (targets[i].Values is not null)
                {
                    long pixels = (long)columns.Length * rows.Length;
                    ofTile[i] = new()
                    {
                        Kind = targets[i].Kind,
                        Values = Room(ref _values[i], pixels * BytesOf(targets[i], i)),
                        Labels = targets[i].Labels is null ? null : (byte*)Room(ref _labels[i], pixels),
                    };
                }
            }

            _network.RunTile(_plan, (byte*)Marshal.UnsafeAddrOfPinnedArrayElement(_pixels, 0), columns.Length, rows.Length, ofTile, columns.Start == 0 ? inspect : null, cancellationToken);
            for (int i = 0; i < targets.Length; i++)
            {
                int planes = targets[i].Kind == ResultKind.Logits ? _network.OutputChannels[i] : 1;
                Copy((byte*)ofTile[i].Values, (byte*)targets[i].Values, planes, BytesOf(targets[i], i) / planes);
                Copy(ofTile[i].Labels, targets[i].Labels, planes: 1, bytes: 1);
            }

            void Copy(byte* from, byte* to, int planes, int bytes)
            {
                for (int p = 0; to is not null && p < planes; p++)
                {
                    for (int y = rows.First; y < rows.Last; y++)
                    {
                        byte* source = from + (((long)p * rows.Length + y - rows.Start) * columns.Length + columns.First - columns.Start) * bytes;
                        byte* target = to + (((long)p * resultHeight + resultRow + y - rows.First) * _width + columns.First) * bytes;
                        int length = (columns.Last - columns.First) * bytes;
                        new ReadOnlySpan<byte>(source, length).CopyTo(new Span<byte>(target, length));
                    }
                }
            }
        }
    }

    private int BytesOf(ResultTarget target, int output) => target.BytesOfPixel(_network.OutputChannels[output]);

    private static void* Room(ref byte[] buffer, long bytes)
    {
        if (buffer.Length < bytes)
        {
            PlanLimits.Check(bytes, Array.MaxLength);
            buffer = GC.AllocateUninitializedArray<byte>((int)bytes, pinned: true);
        }

        return (void*)Marshal.UnsafeAddrOfPinnedArrayElement(buffer, 0);
    }
}
