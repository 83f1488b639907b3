using System.Runtime.CompilerServices;
using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Kernels;

namespace Microsoft.ML.Binary.Inference;

/// <summary>A piece of the arena: planes of one layout, or plain elements. Steps are numbered; it must not move or be reused between its first and last.</summary>
internal sealed class PlanBuffer(PlaneLayout layout, int planes, int elementBytes)
{
    private PlanBuffer? _inPlaceOf;
    private int _offset = -1;

    public PlaneLayout Layout => layout;

    public int Planes => planes;

    /// <summary>Whether a reader relies on a border of zeros.</summary>
    public bool HasBorder { get; set; }

    public long Bytes => (long)planes * layout.Length * elementBytes;

    public int FirstStep { get; set; } = int.MaxValue;

    public int LastStep { get; set; } = -1;

    /// <summary>The buffer whose memory this one takes over, and so on to the one that owns it.</summary>
    public PlanBuffer Owner => _inPlaceOf ?? this;

    /// <summary>Bytes from the start of the arena.</summary>
    public int Offset
    {
        get => Owner._offset;
        set => _offset = value;
    }

    /// <summary>Bytes from one plane to the next.</summary>
    public long PlaneBytes => (long)layout.Length * elementBytes;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int PlaneOffset(int plane) => Offset + plane * layout.Length * elementBytes;

    /// <summary>Writes over <paramref name="other"/>, whose last reader is the step that writes this one.</summary>
    public void TakeOver(PlanBuffer other)
    {
        _inPlaceOf = other.Owner;
        other.Owner.LastStep = Math.Max(other.Owner.LastStep, LastStep);
    }
}

/// <summary>The planes of a map, in the order of its channels (or groups of four), wherever they lie: joining channels copies nothing.</summary>
internal sealed record MapView(PlaneLayout Layout, MapView.Part[] Parts)
{
    /// <summary>Some planes of a buffer.</summary>
    internal sealed record Part(PlanBuffer Buffer, int First, int Count);

    public static MapView Of(PlanBuffer buffer) => new(buffer.Layout, [new(buffer, 0, buffer.Planes)]);

    public int Planes { get; } = Parts.Sum(part => part.Count);

    /// <summary>The buffer of which this is a view of all planes in order, if there is one.</summary>
    public PlanBuffer? Whole => Parts is [{ First: 0 } part] && part.Count == part.Buffer.Planes ? part.Buffer : null;

    /// <summary>The planes of each bit of a map of levels, whose memory is one piece.</summary>
    public MapView[] OfBits(int bits)
    {
        Part whole = Parts.Single();
        int planes = whole.Count / bits;
        return [.. Enumerable.Range(0, bits).Select(bit => new MapView(Layout, [whole with { First = whole.First + bit * planes, Count = planes }]))];
    }

    /// <summary>Bytes from the start of the arena to the start of each plane.</summary>
    public int[] Offsets()
    {
        int[] offsets = new int[Planes];
        int plane = 0;
        foreach (Part part in Parts)
        {
            for (int i = 0; i < part.Count; i++)
            {
                offsets[plane++] = part.Buffer.PlaneOffset(part.First + i);
            }
        }

        return offsets;
    }

    /// <summary>
    /// For each input plane and tap of a window, where output pixel (0, 0) finds it in the arena, in elements; for stride 2 the planes are phases.
    /// </summary>
    public int[] WindowOffsets(ConvolutionGeometry geometry, int elementBytes)
    {
        Tap[] taps = WindowTaps.Of(geometry.Kernel, geometry.Stride, geometry.Dilation);
        int[] planes = Offsets();
        int phases = geometry.Stride * geometry.Stride;
        int[] offsets = new int[planes.Length / phases * taps.Length];
        for (int i = 0; i < offsets.Length; i++)
        {
            Tap tap = taps[i % taps.Length];
            offsets[i] = planes[i / taps.Length * phases + tap.Phase] / elementBytes + Layout.Offset(tap.Row, tap.Column);
        }

        return offsets;
    }
}

/// <summary>
/// Lays buffers out in one block of memory so that those in use at the same time do not overlap: the largest first, each at the lowest
/// place that is free while it is in use.
/// </summary>
internal static class ArenaPlanner
{
    private const int Alignment = 64;

    /// <summary>Sets the offsets and returns the bytes needed.</summary>
    /// <param name="buffers">The buffers.</param>
    /// <param name="most">Bytes that there may be, at most what one array holds.</param>
    /// <exception cref="ImageTooLargeException">They are more.</exception>
    public static int Assign(IEnumerable<PlanBuffer> buffers, long most)
    {
        List<Place> placed = [];
        long total = 0;
        foreach (PlanBuffer buffer in buffers.Where(b => b.Owner == b).OrderByDescending(b => b.Bytes).ThenBy(b => b.FirstStep))
        {
            long start = 0, size = (buffer.Bytes + Alignment - 1) / Alignment * Alignment;
            foreach (Place other in placed)
            {
                bool together = other.Buffer.FirstStep <= buffer.LastStep && buffer.FirstStep <= other.Buffer.LastStep;
                if (together && start < other.End && other.Start < start + size)
                {
                    start = other.End;
                }
            }

            int at = placed.FindIndex(p => p.Start > start);
            placed.Insert(at < 0 ? placed.Count : at, new(buffer, start, start + size));
            total = Math.Max(total, start + size);
            PlanLimits.Check(total, most);
            buffer.Offset = (int)start;
        }

        return (int)total;
    }

    private sealed record Place(PlanBuffer Buffer, long Start, long End);
}
