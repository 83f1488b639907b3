using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Microsoft.ML.Binary.Inference.Steps;
using Microsoft.ML.Binary.Kernels;

namespace Microsoft.ML.Binary.Inference;

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
    private readonly byte[][] _scratch;
    private readonly int _start;

    public RunState(KernelSet kernels, int arenaBytes, int scratchBytes, int threads)
    {
        (Kernels, _work) = (kernels, new StepWork(this));

        // Pinned, so that the alignment stays.
        _arena = GC.AllocateUninitializedArray<byte>(arenaBytes + Surplus, pinned: true);
        _start = (int)(-(nint)Marshal.UnsafeAddrOfPinnedArrayElement(_arena, 0) & (Alignment - 1));
        _scratch = new byte[threads][];
        for (int i = 0; i < threads; i++)
        {
            _scratch[i] = GC.AllocateUninitializedArray<byte>(scratchBytes, pinned: true);
        }
    }

    /// <summary>The kernels that every step uses.</summary>
    public KernelSet Kernels { get; }

    /// <summary>A step as work for a team; good until the next call.</summary>
    public IWork WorkOf(PlanStep step)
    {
        _work.Step = step;
        return _work;
    }

    /// <summary>The image: red, green, blue of each pixel. Valid during a run.</summary>
    public byte* Image { get; set; }

    public int ImageHeight { get; set; }

    public int ImageWidth { get; set; }

    /// <summary>Where the result goes, and in which form. Valid during a run.</summary>
    public void* Result { get; set; }

    public ResultKind Kind { get; set; }

    /// <summary>Where class indices go beside scores, if they were asked for too. Valid during a run.</summary>
    public byte* Labels { get; set; }

    /// <summary>The arena from a byte offset on.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Span<byte> Bytes(int offset) => _arena.AsSpan(_start + offset);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Span<byte> Bytes(int offset, int count) => _arena.AsSpan(_start + offset, count);

    /// <summary>The arena from a byte offset on, as floats.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Span<float> Floats(int offset) => MemoryMarshal.Cast<byte, float>(_arena.AsSpan(_start + offset));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Span<float> Floats(int offset, int count) => MemoryMarshal.Cast<byte, float>(_arena.AsSpan(_start + offset, count * sizeof(float)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Span<byte> Scratch(int thread) => _scratch[thread];

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Span<float> ScratchFloats(int thread) => MemoryMarshal.Cast<byte, float>(_scratch[thread].AsSpan());

    private sealed class StepWork(RunState state) : IWork
    {
        public PlanStep Step { get; set; } = null!;

        public int Items => Step.Items;

        public void Run(int thread, int first, int last) => Step.Run(state, thread, first, last);
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

    /// <summary>Floats [classes, height, width].</summary>
    Logits,
}
