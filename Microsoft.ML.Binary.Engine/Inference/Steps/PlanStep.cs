using System.Diagnostics;
using System.Runtime.CompilerServices;
using Microsoft.ML.Binary.Kernels;

namespace Microsoft.ML.Binary.Inference.Steps;

/// <summary>One pass of a plan. Its items may be done in any order and on any threads.</summary>
/// <param name="name">The node that it computes; of fused nodes the last.</param>
internal abstract class PlanStep(string name)
{
    public string Name => name;

    /// <summary>Number of items.</summary>
    public abstract int Items { get; }

    /// <summary>Bytes of scratch memory that a thread needs.</summary>
    public virtual long ScratchBytes => 0;

    /// <summary>Multiply-accumulates of the convolution in it, for profiles.</summary>
    public virtual long Macs => 0;

    /// <summary>Bytes of the maps that it reads and writes, each counted once, for profiles.</summary>
    public long Bytes { get; set; }

    /// <summary>The shortest time so far that it took a team, in ticks of <see cref="Stopwatch"/>; 0 before the first time.</summary>
    public long LeastTime { get; private set; }

    /// <summary>Takes note of the time that it took a team.</summary>
    public void Took(long time) => LeastTime = LeastTime == 0 ? time : Math.Min(LeastTime, time);

    /// <summary>Does items [<paramref name="first"/>, <paramref name="last"/>).</summary>
    public abstract void Run(RunState state, int thread, int first, int last);

    /// <summary>Does steps one after the other: with the team, unless there is none or another caller has it, and else alone.</summary>
    public static void Run(PlanStep[] steps, RunState state, WorkerTeam? team)
    {
        if (team is not null && team.TryRun(state.WorkOf(steps)))
        {
            return;
        }

        foreach (PlanStep step in steps)
        {
            int pieces = Math.Clamp(step.Items, 1, state.Pieces);
            for (int i = 0; i < pieces; i++)
            {
                state.Cancellation.ThrowIfCancellationRequested();
                step.Run(state, thread: 0, (int)((long)step.Items * i / pieces), (int)((long)step.Items * (i + 1) / pieces));
            }
        }
    }
}

/// <summary>
/// The extent of a map cut into strips, each done for one block of channels at a time: a strip of the inputs stays in cache while all
/// blocks of outputs are made from it.
/// </summary>
internal readonly struct Strips
{
    /// <summary>Channels of a block; the last one of a map may have fewer. Sign planes of four and of six channels fit in.</summary>
    public const int Channels = 12;

    private readonly int _channels, _block, _blocks, _length, _count, _last, _extent;

    private Strips(PlaneLayout layout, int channels, int block, int length, int count, int last) =>
        (_channels, _block, _blocks, _length, _count, _last, _extent) = (channels, block, (channels + block - 1) / block, length, count, last, layout.Extent);

    /// <summary>Pixels of the longest strip.</summary>
    public int MaxPixels => Math.Max(_length, _last - (_count - 1) * _length);

    public int Items => _blocks * _count;

    /// <summary>Strips of whole tiles over the whole extent; the last takes what is left if that is less than half a strip.</summary>
    public static Strips OfTiles(PlaneLayout layout, int channels, int tiles, int block = Channels)
    {
        int length = Math.Min(tiles * PlaneLayout.Tile, layout.Extent);
        return new(layout, channels, block, length, (layout.Extent + length / 2) / length, layout.Extent);
    }

    /// <summary>Strips of about so many pixels in whole rows, the number of rows being a multiple of a number that divides their number.</summary>
    public static Strips OfRows(PlaneLayout layout, int channels, int pixels, int multiple = 1, int block = Channels)
    {
        int rows = Math.Clamp(pixels / layout.Pitch / multiple * multiple, multiple, layout.Height);
        return new(layout, channels, block, rows * layout.Pitch, (layout.Height + rows - 1) / rows, layout.Height * layout.Pitch);
    }

    /// <summary>The channels and the range of pixels of an item, and where the part of the extent ends that it is in charge of.</summary>
    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    public void Item(int index, out int channel, out int channels, out int first, out int pixels, out int last)
    {
        channel = index % _blocks * _block;
        channels = Math.Min(_block, _channels - channel);
        first = index / _blocks * _length;
        pixels = first == (_count - 1) * _length ? _last - first : _length;
        last = first + pixels == _last ? _extent : first + pixels;
    }
}
