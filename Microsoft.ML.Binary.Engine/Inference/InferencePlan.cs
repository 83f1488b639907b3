using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Microsoft.ML.Binary.Inference.Steps;
using Microsoft.ML.Binary.Kernels;

namespace Microsoft.ML.Binary.Inference;

/// <summary>
/// The steps that execute a network for one padded image size, with every buffer at its place in one arena. Runs of it share nothing but
/// the plan; the memory of finished ones is used again.
/// </summary>
/// <param name="mapSteps">The steps that make maps, in order.</param>
/// <param name="results">For each output of the network the step that makes a result of it.</param>
/// <param name="kernels">The kernels that they use.</param>
/// <param name="arenaBytes">Bytes of the arena.</param>
/// <param name="threads">Threads that may work on one run.</param>
/// <param name="nodes">Every node's output, if all are kept.</param>
internal sealed class InferencePlan(PlanStep[] mapSteps, ResultStep[] results, KernelSet kernels, int arenaBytes, int threads, MapView[] nodes)
{
    private readonly PlanStep[] _steps = [.. mapSteps, .. results];
    private readonly int _scratchBytes = checked((int)mapSteps.Concat(results).Max(step => step.ScratchBytes));
    private readonly Stack<RunState> _free = new();

    public IReadOnlyList<PlanStep> Steps => _steps;

    public int ArenaBytes => arenaBytes;

    /// <summary>Bytes that all threads work in besides.</summary>
    public long ScratchBytes => (long)_scratchBytes * threads;

    /// <summary>Bytes of one run's memory.</summary>
    public long StateBytes => arenaBytes + RunState.Surplus + ScratchBytes;

    /// <summary>Bytes of finished runs that are kept.</summary>
    public long KeptBytes
    {
        get
        {
            lock (_free)
            {
                return _free.Count * StateBytes;
            }
        }
    }

    /// <summary>Memory for a run: of a finished one, or new.</summary>
    public RunState Rent()
    {
        lock (_free)
        {
            if (_free.TryPop(out RunState? state))
            {
                return state;
            }
        }

        return new RunState(kernels, arenaBytes, _scratchBytes, threads, results.Length);
    }

    /// <summary>Gives memory back; as many as there are cores are kept.</summary>
    public void Return(RunState state)
    {
        state.End();
        lock (_free)
        {
            if (_free.Count < Environment.ProcessorCount)
            {
                _free.Push(state);
            }
        }
    }

    /// <summary>Leaves the memory of one finished run to the garbage collector; false if there is none.</summary>
    public bool Forget()
    {
        lock (_free)
        {
            return _free.TryPop(out _);
        }
    }

    /// <summary>Leaves the memory of all finished runs to the garbage collector: whoever holds the plan does not hold that.</summary>
    public void ForgetAll()
    {
        lock (_free)
        {
            _free.Clear();
        }
    }

    /// <summary>All steps, each with its scratch memory.</summary>
    public (PlanStep Step, RunState State)[] StepsWith(RunState state) => [.. _steps.Select(step => (step, state))];

    /// <summary>The steps that make maps: all but those that make results.</summary>
    public PlanStep[] MapSteps => mapSteps;

    /// <summary>The logits of an output, once the steps that make maps have been done.</summary>
    public LogitRows Logits(int output) => results[output].Rows;

    /// <summary>Executes all steps; the team may be null.</summary>
    public void Run(RunState state, WorkerTeam? team) => PlanStep.Run(_steps, state, team);

    /// <summary>The output of a node of the last run, if all are kept.</summary>
    public FeatureMap Output(RunState state, int node)
    {
        PlaneLayout layout = nodes[node].Layout;
        int[] planes = nodes[node].Offsets();
        FeatureMap map = new(planes.Length, layout.Height, layout.Width);
        for (int c = 0; c < planes.Length; c++)
        {
            for (int row = 0; row < layout.Height; row++)
            {
                state.Floats(planes[c] + layout.Offset(row, 0) * sizeof(float), layout.Width).CopyTo(map.Plane(c)[(row * layout.Width)..]);
            }
        }

        return map;
    }
}

/// <summary>Everything that one execution of a plan writes to: the arena, each thread's scratch memory, and where image and result are.</summary>
internal sealed unsafe class RunState
{
    private const int Alignment = 64;

    // Rows are read in whole registers, beyond the end of the last one.
    private const int Slack = 256;

    /// <summary>Bytes that are allocated with every arena besides its own.</summary>
    public const int Surplus = Alignment + Slack;

    private readonly StepWork _work;
    private readonly byte[] _arena;
    private readonly (byte[] Bytes, int Start)[] _scratch;
    private readonly int _start;

    public RunState(KernelSet kernels, int arenaBytes, int scratchBytes, int threads, int results)
    {
        Targets = new ResultTarget[results];
        (Kernels, _work) = (kernels, new StepWork(this));

        // Pinned, so that the alignment stays.
        _arena = GC.AllocateUninitializedArray<byte>(arenaBytes + Surplus, pinned: true);
        _start = StartOf(_arena);
        _scratch = new (byte[], int)[threads];
        for (int i = 0; i < threads; i++)
        {
            byte[] scratch = GC.AllocateUninitializedArray<byte>(scratchBytes + Alignment, pinned: true);
            _scratch[i] = (scratch, StartOf(scratch));
        }
    }

    /// <summary>The kernels that every step uses.</summary>
    public KernelSet Kernels { get; }

    /// <summary>Steps as work for a team; good until the next call.</summary>
    public IWork WorkOf(PlanStep[] steps)
    {
        _work.Begin(steps);
        return _work;
    }

    /// <summary>The image: red, green, blue of each pixel. Valid during a run.</summary>
    public byte* Image { get; set; }

    public int ImageHeight { get; set; }

    public int ImageWidth { get; set; }

    /// <summary>Where the result of each output goes. Valid during a run.</summary>
    public ResultTarget[] Targets { get; }

    /// <summary>Forgets the image, the results and the token of a run, which are the caller's: the next run has other results, or fewer, and what waits for the token shall not live on.</summary>
    public void End()
    {
        Image = null;
        Array.Clear(Targets);
        CancelBy(CancellationToken.None, pixels: 0);
    }

    /// <summary>Ends the run before the next piece of a step. Valid during a run.</summary>
    public CancellationToken Cancellation { get; private set; }

    /// <summary>Pieces that a step is at least done in, so that a run is soon cancelled.</summary>
    public int Pieces { get; private set; } = 1;

    /// <summary>Lets steps be cancelled: those on large images also in between, so that no piece takes long.</summary>
    /// <param name="token">The token.</param>
    /// <param name="pixels">Of the largest map of the steps.</param>
    public void CancelBy(CancellationToken token, long pixels)
    {
        const int pixelsPerPiece = 1 << 18;
        Cancellation = token;
        Pieces = token.CanBeCanceled ? (int)Math.Clamp(pixels / pixelsPerPiece, 1, 128) : 1;
    }

    /// <summary>The arena from a byte offset on.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Span<byte> Bytes(int offset) => _arena.AsSpan(_start + offset);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Span<byte> Bytes(int offset, int count) => _arena.AsSpan(_start + offset, count);

    /// <summary>The arena from a byte offset on, as floats.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Span<float> Floats(int offset) => AsFloats(_arena.AsSpan(_start + offset));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Span<float> Floats(int offset, int count) => AsFloats(_arena.AsSpan(_start + offset, count * sizeof(float)));

    /// <summary>So many floats of the arena, which is pinned.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public float* Row(int offset, int count) => (float*)Unsafe.AsPointer(ref MemoryMarshal.GetReference(Bytes(offset, count * sizeof(float))));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Span<byte> Scratch(int thread) => _scratch[thread].Bytes.AsSpan(_scratch[thread].Start);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Span<float> ScratchFloats(int thread) => AsFloats(Scratch(thread));

    private static int StartOf(byte[] pinned) => (int)(-(nint)Marshal.UnsafeAddrOfPinnedArrayElement(pinned, 0) & (Alignment - 1));

    // MemoryMarshal.Cast without its questions about the types, which every caller would compile.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Span<float> AsFloats(Span<byte> bytes) =>
        MemoryMarshal.CreateSpan(ref Unsafe.As<byte, float>(ref MemoryMarshal.GetReference(bytes)), bytes.Length / sizeof(float));

    private sealed class StepWork(RunState state) : IWork
    {
        private PlanStep[] _steps = [];
        private int _current;
        private long _start;

        public int Items => _steps[_current].Items;

        public int Pieces => state.Pieces;

        public long Remaining { get; private set; }

        public void Begin(PlanStep[] steps)
        {
            (_steps, _current, Remaining, _start) = (steps, 0, 0, Stopwatch.GetTimestamp());
            foreach (PlanStep step in steps)
            {
                Remaining += step.LeastTime;
            }
        }

        public bool MoveNext()
        {
            PlanStep done = _steps[_current++];
            Remaining -= done.LeastTime;
            long now = Stopwatch.GetTimestamp();
            done.Took(now - _start);
            _start = now;
            return _current < _steps.Length;
        }

        public void Run(int thread, int first, int last)
        {
            state.Cancellation.ThrowIfCancellationRequested();
            _steps[_current].Run(state, thread, first, last);
        }
    }
}

/// <summary>What a run puts out.</summary>
internal enum ResultKind
{
    /// <summary>Bytes [height, width]: the class with the highest logit; of equal ones the first.</summary>
    Labels,

    /// <summary>Floats [height, width, classes]: softmax over the classes.</summary>
    Scores,

    /// <summary>Floats [height, width]: sigmoid of the first logit.</summary>
    Saliency,

    /// <summary>Bytes [height, width]: sigmoid of the first logit, times 255, rounded.</summary>
    GraySaliency,

    /// <summary>Floats [classes, height, width].</summary>
    Logits,
}

/// <summary>Where a result goes, and in which form.</summary>
internal unsafe struct ResultTarget
{
    /// <summary>Its values; null if it is not wanted.</summary>
    public void* Values;

    /// <summary>Its form.</summary>
    public ResultKind Kind;

    /// <summary>Where class indices go beside scores, if they were asked for too.</summary>
    public byte* Labels;

    /// <summary>Bytes of a pixel's values.</summary>
    /// <param name="channels">Channels of the logits.</param>
    public readonly int BytesOfPixel(int channels) => Kind switch
    {
        ResultKind.Labels or ResultKind.GraySaliency => sizeof(byte),
        ResultKind.Saliency => sizeof(float),
        _ => sizeof(float) * channels,
    };
}
