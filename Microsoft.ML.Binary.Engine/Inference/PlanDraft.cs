using Microsoft.ML.Binary.Inference.Steps;

namespace Microsoft.ML.Binary.Inference;

/// <summary>The steps of a plan while it is being made: what they read and write, before memory has its place.</summary>
internal sealed class PlanDraft
{
    private readonly List<Func<PlanStep>> _steps = [];
    private readonly List<PlanBuffer> _buffers = [];
    private readonly List<(int Step, PlanBuffer Store, List<MapView> PixelReads, List<MapView> Reads)> _stores = [];

    /// <summary>Adds a step.</summary>
    /// <param name="make">Makes it when all memory has its place.</param>
    /// <param name="reads">Maps of which it may read any pixel at any time.</param>
    /// <param name="writes">Buffers that it fills.</param>
    public void Add(Func<PlanStep> make, IEnumerable<MapView> reads, params ReadOnlySpan<PlanBuffer> writes)
    {
        long bytes = 0;
        foreach (PlanBuffer buffer in reads.SelectMany(view => view.Planes).Select(plane => plane.Buffer))
        {
            buffer.LastStep = _steps.Count;
            bytes += buffer.PlaneBytes;
        }

        foreach (PlanBuffer buffer in writes)
        {
            (buffer.FirstStep, buffer.LastStep) = (_steps.Count, _steps.Count);
            _buffers.Add(buffer);
            bytes += buffer.Bytes;
        }

        _steps.Add(() =>
        {
            PlanStep step = make();
            step.Bytes = bytes;
            return step;
        });
    }

    /// <summary>
    /// Adds the step of an expression. Its real values may take the place of a map of which only the pixel is read that is being made.
    /// </summary>
    public void Add(string name, MapExpression expression, PlanBuffer? store, Epilogue.Signs[] signs)
    {
        List<MapView> pixelReads = [.. expression.AllPixelReads], reads = [.. expression.AllReads];
        if (store is not null)
        {
            _stores.Add((_steps.Count, store, pixelReads, reads));
        }

        IEnumerable<PlanBuffer> writes = expression.Writes.Concat(signs.Select(sign => sign.Planes));
        Add(() => expression.Make(name, store, signs), pixelReads.Concat(reads), [.. store is null ? writes : writes.Append(store)]);
    }

    /// <summary>Keeps a map to the end.</summary>
    public void Keep(MapView view)
    {
        foreach ((PlanBuffer buffer, _) in view.Planes)
        {
            buffer.LastStep = int.MaxValue;
        }
    }

    /// <summary>Keeps every map to the end.</summary>
    public void KeepAll() => _buffers.ForEach(buffer => buffer.LastStep = int.MaxValue);

    /// <summary>Gives memory its place and makes the steps.</summary>
    /// <exception cref="ImageTooLargeException">The maps take more than <paramref name="mostBytes"/>.</exception>
    public PlanStep[] Finish(long mostBytes, out int arenaBytes)
    {
        foreach ((int step, PlanBuffer store, List<MapView> pixelReads, List<MapView> reads) in _stores)
        {
            PlanBuffer? free = pixelReads.Select(view => view.Whole).FirstOrDefault(buffer =>
                buffer is not null && buffer.Owner.LastStep == step && (buffer.Layout, buffer.Planes) == (store.Layout, store.Planes)
                && !reads.Any(view => view.Planes.Any(plane => plane.Buffer.Owner == buffer.Owner)));
            if (free is not null)
            {
                store.TakeOver(free);
            }
        }

        arenaBytes = ArenaPlanner.Assign(_buffers, mostBytes);
        return [.. _steps.Select(make => make())];
    }
}
