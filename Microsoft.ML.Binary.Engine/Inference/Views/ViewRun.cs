using System.Runtime.InteropServices;
using Microsoft.ML.Binary.Imaging;
using Microsoft.ML.Binary.Inference.Steps;

namespace Microsoft.ML.Binary.Inference.Views;

/// <summary>
/// Runs a network over the views of images of one size, whose result may have another. Holds what that needs, to be used again; one caller
/// at a time.
/// </summary>
internal sealed unsafe class ViewRun
{
    private const int BandBytes = 1 << 20;

    private readonly CompiledNetwork _network;
    private readonly ImageView[] _views;
    private readonly InferencePlan[] _plans;
    private readonly ViewImageStep?[] _images;
    private readonly RunState[] _states;
    private readonly ViewResultStep[] _results;
    private readonly PlanStep[] _step = new PlanStep[1];
    private readonly long _viewBytes;
    private byte[]? _band;

    /// <param name="network">The network.</param>
    /// <param name="size">Sizes of image and result.</param>
    /// <param name="views">The views.</param>
    /// <param name="threads">Threads that may work on a run.</param>
    /// <param name="most">Bytes of working memory that a run may take.</param>
    /// <exception cref="ImageTooLargeException">It would take more, or a side is too long to be resized.</exception>
    public ViewRun(CompiledNetwork network, ViewRunSize size, ImageView[] views, int threads, long most)
    {
        PlanLimits.CheckSides(size.ImageWidth, size.ImageHeight);
        PlanLimits.CheckSides(size.Width, size.Height);
        (_network, Size, _views) = (network, size, views);
        _plans = [.. views.Select(view => network.Plan(view.Width, view.Height))];
        (long pixels, long scratch) = OwnMemory(network, size, views, threads);
        _viewBytes = pixels + scratch;
        long bytes = _viewBytes + _plans.Sum(plan => plan.StateBytes);
        if (bytes > most)
        {
            throw new ImageTooLargeException($"its views need {bytes >> 20} MiB of working memory, and may take {most >> 20} MiB");
        }

        _images = [.. views.Select(view => IsImage(network, size, view) ? null : new ViewImageStep(size.ImageWidth, size.ImageHeight, view, threads))];
        _states = new RunState[views.Length];
        _results = [.. Enumerable.Range(0, network.OutputChannels.Length).Select(output => new ViewResultStep(
            [.. views.Select((view, i) => new ViewRows(_plans[i].Logits(output), view, size.Width, size.Height))],
            _states, network.OutputChannels[output], size.Width, size.Height, threads))];
    }

    /// <summary>Bytes of the pixels that views show, and of what all threads make them in.</summary>
    public static (long Pixels, long Scratch) OwnMemory(CompiledNetwork network, ViewRunSize size, IReadOnlyList<ImageView> views, int threads)
    {
        ImageView[] made = [.. views.Where(view => !IsImage(network, size, view))];
        return (made.Sum(view => 3L * view.Width * view.Height), made.Length * threads * 12L * size.ImageWidth);
    }

    private static bool IsImage(CompiledNetwork network, ViewRunSize size, ImageView view) =>
        network.Exposure.IsAsIs && view == new ImageView(size.ImageWidth, size.ImageHeight, Mirrored: false);

    /// <summary>Bytes that it holds between runs, in the main.</summary>
    public long OwnBytes => _viewBytes + (_band?.Length ?? 0);

    /// <summary>Whether the network still has the plans that it was made for.</summary>
    public bool IsCurrent
    {
        get
        {
            for (int v = 0; v < _views.Length; v++)
            {
                if (_network.Plan(_views[v].Width, _views[v].Height) != _plans[v])
                {
                    return false;
                }
            }

            return true;
        }
    }

    /// <summary>What it was made for.</summary>
    public ViewRunSize Size { get; }

    /// <summary>Runs the network.</summary>
    /// <param name="image">Red, green, blue of each pixel; stays where it is during the run.</param>
    /// <param name="exposure">Is applied to the pixels of every view; null for none.</param>
    /// <param name="targets">Where the result of each output goes.</param>
    /// <param name="team">Threads to share the work with; may be null.</param>
    /// <param name="inspect">Is shown all steps with the memory that they worked in; may be null.</param>
    /// <param name="cancellationToken">Ends the run.</param>
    public void Run(
        byte* image, ExposureCurve? exposure, ReadOnlySpan<ResultTarget> targets, WorkerTeam? team,
        Action<IReadOnlyList<(PlanStep Step, RunState State)>>? inspect, CancellationToken cancellationToken)
    {
        try
        {
            RunViews(image, exposure, team, cancellationToken);
            for (int output = 0; output < targets.Length; output++)
            {
                Finish(output, targets[output], (0, Size.Height), team);
            }

            inspect?.Invoke([.. AllSteps()]);
        }
        finally
        {
            ReturnStates();
        }
    }

    /// <summary>Runs the network and gives out the rows of every head's result, of which only a band is in memory.</summary>
    /// <param name="image">Red, green, blue of each pixel; stays where it is during the run.</param>
    /// <param name="exposure">Is applied to the pixels of every view; null for none.</param>
    /// <param name="kinds">The form of each head's result, a byte a pixel.</param>
    /// <param name="team">Threads to share the work with; may be null.</param>
    /// <param name="take">Gets the rows of one head after the other.</param>
    /// <param name="cancellationToken">Ends the run.</param>
    public void Run(byte* image, ExposureCurve? exposure, ReadOnlySpan<ResultKind> kinds, WorkerTeam? team, PredictedRow take, CancellationToken cancellationToken)
    {
        int rows = Math.Clamp(BandBytes / Size.Width, 1, Size.Height);
        byte[] band = _band ??= GC.AllocateUninitializedArray<byte>(rows * Size.Width, pinned: true);
        try
        {
            RunViews(image, exposure, team, cancellationToken);
            for (int head = 0; head < kinds.Length; head++)
            {
                ResultTarget target = new() { Kind = kinds[head], Values = (void*)Marshal.UnsafeAddrOfPinnedArrayElement(band, 0) };
                for (int first = 0; first < Size.Height; first += rows)
                {
                    int last = Math.Min(first + rows, Size.Height);
                    Finish(head, target, (first, last), team);
                    for (int y = first; y < last; y++)
                    {
                        cancellationToken.ThrowIfCancellationRequested();
                        take(head, y, band.AsSpan((y - first) * Size.Width, Size.Width));
                    }
                }
            }
        }
        finally
        {
            ReturnStates();
        }
    }

    private void ReturnStates()
    {
        for (int v = 0; v < _views.Length; v++)
        {
            if (_states[v] is { } state)
            {
                _network.Return(_plans[v], state);
            }
        }

        Array.Clear(_states);
    }

    private void RunViews(byte* image, ExposureCurve? exposure, WorkerTeam? team, CancellationToken cancellationToken)
    {
        long pixels = Math.Max((long)Size.ImageWidth * Size.ImageHeight, (long)Size.Width * Size.Height);
        for (int v = 0; v < _views.Length; v++)
        {
            RunState state = _states[v] = _plans[v].Rent();
            state.Image = image;
            (state.ImageWidth, state.ImageHeight) = (_views[v].Width, _views[v].Height);
            state.CancelBy(cancellationToken, pixels);
            if (_images[v] is { } view)
            {
                view.Image = image;
                view.Exposure = exposure;
                RunStep(view, state, team);
                state.Image = view.Pixels;
            }

            state.CancelBy(cancellationToken, (long)_views[v].Width * _views[v].Height);
            PlanStep.Run(_plans[v].MapSteps, state, team);
        }

        _states[0].CancelBy(cancellationToken, pixels);
    }

    private void Finish(int output, ResultTarget target, (int First, int Last) rows, WorkerTeam? team)
    {
        ViewResultStep step = _results[output];
        (step.Target, step.Rows) = (target, rows);
        if (step.IsWanted)
        {
            if (rows.First == 0)
            {
                step.Reset();
            }

            RunStep(step, _states[0], team);
        }
    }

    private void RunStep(PlanStep step, RunState state, WorkerTeam? team)
    {
        _step[0] = step;
        PlanStep.Run(_step, state, team);
    }

    private IEnumerable<(PlanStep Step, RunState State)> AllSteps()
    {
        for (int v = 0; v < _views.Length; v++)
        {
            RunState state = _states[v];
            if (_images[v] is { } image)
            {
                yield return (image, state);
            }

            foreach (PlanStep step in _plans[v].MapSteps)
            {
                yield return (step, state);
            }
        }

        foreach (ViewResultStep result in _results.Where(result => result.IsWanted))
        {
            yield return (result, _states[0]);
        }
    }
}

/// <summary>The size of an image and of the result for it.</summary>
internal readonly record struct ViewRunSize(int ImageWidth, int ImageHeight, int Width, int Height);
