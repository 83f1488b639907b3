namespace Microsoft.ML.Binary.Inference;

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
        List<(PlanBuffer Buffer, long Start, long End)> placed = [];
        long total = 0;
        foreach (PlanBuffer buffer in buffers.Where(b => b.Owner == b).OrderByDescending(b => b.Bytes).ThenBy(b => b.FirstStep))
        {
            long start = 0, size = (buffer.Bytes + Alignment - 1) / Alignment * Alignment;
            foreach ((PlanBuffer other, long from, long to) in placed)
            {
                bool together = other.FirstStep <= buffer.LastStep && buffer.FirstStep <= other.LastStep;
                if (together && start < to && from < start + size)
                {
                    start = to;
                }
            }

            int at = placed.FindIndex(p => p.Start > start);
            placed.Insert(at < 0 ? placed.Count : at, (buffer, start, start + size));
            total = Math.Max(total, start + size);
            PlanLimits.Check(total, most);
            buffer.Offset = (int)start;
        }

        return (int)total;
    }
}
