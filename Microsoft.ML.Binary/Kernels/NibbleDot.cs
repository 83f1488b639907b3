using System.Runtime.CompilerServices;

namespace Microsoft.ML.Binary.Kernels;

/// <summary>
/// Counts sign mismatches of a range of pixels against four output channels:
/// <c>counts[o * pixels + p] = sum over steps s of table(s, o)[activations[offsets[s] + p]]</c>. A step is four input channels at one
/// place of the window.
/// </summary>
/// <typeparam name="TWeight">
/// Byte where a step is one tap (<see cref="NibbleWeights"/>), ushort where it is up to four (<see cref="EnlargedWeights"/>).
/// </typeparam>
/// <param name="activations">Nibble planes: bit k of a byte is set where channel 4 g + k of the pixel is -1; the high half is zero.</param>
/// <param name="offsets">For each step, where its first pixel lies in <paramref name="activations"/>.</param>
/// <param name="weights">For each step and each of four output channels the byte offset of its table in <see cref="MismatchTables"/>.</param>
/// <param name="counts">Four rows of as many pixels, a multiple of <see cref="PlaneLayout.Tile"/>.</param>
internal delegate void NibbleDotKernel<TWeight>(
    ReadOnlySpan<byte> activations, ReadOnlySpan<int> offsets, ReadOnlySpan<TWeight> weights, Span<ushort> counts)
    where TWeight : unmanaged;

/// <summary>
/// The inner loop of every binary convolution. For a fixed weight nibble w, popcount(a xor w) is a table of 16 bytes in a; so one byte
/// shuffle of the table by a register of activations counts four channels of as many pixels as the register has bytes, and one byte
/// addition accumulates them. Before a byte can overflow, the bytes are added to 16-bit counts.
/// </summary>
internal static partial class NibbleDot
{
    /// <summary>The largest number of one-bit products of one output value: counts are 16 bits wide.</summary>
    public const int MaxProducts = ushort.MaxValue;

    private const int Outputs = 4;

    /// <summary>The kernel for an instruction set.</summary>
    public static NibbleDotKernel<TWeight> For<TWeight>(KernelPath path) where TWeight : unmanaged => path switch
    {
        KernelPath.Scalar => Scalar,
        KernelPath.Portable => Portable,
        KernelPath.Avx2 => Wide,
        KernelPath.Avx512 => Wider,
        _ => throw new ArgumentOutOfRangeException(nameof(path), path, "There is no such path."),
    };

    /// <summary>The reference.</summary>
    internal static unsafe void Scalar<TWeight>(
        ReadOnlySpan<byte> activations, ReadOnlySpan<int> offsets, ReadOnlySpan<TWeight> weights, Span<ushort> counts)
        where TWeight : unmanaged
    {
        int pixels = counts.Length / Outputs;
        fixed (TWeight* weight = weights)
        {
            for (int i = 0; i < counts.Length; i++)
            {
                int count = 0;
                for (int s = 0; s < offsets.Length; s++)
                {
                    count += MismatchTables.Start[Table(weight, Outputs * s + i / pixels) + activations[offsets[s] + i % pixels]];
                }

                counts[i] = (ushort)count;
            }
        }
    }

    // 63 steps of one tap make at most 252, and 7 input groups of nine taps in 28 steps as much.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static unsafe int StepsPerByte<TWeight>() where TWeight : unmanaged => sizeof(TWeight) == 1 ? 63 : 28;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static unsafe nuint Table<TWeight>(TWeight* weights, nint index) where TWeight : unmanaged =>
        sizeof(TWeight) == 1 ? ((byte*)weights)[index] : ((ushort*)weights)[index];
}
