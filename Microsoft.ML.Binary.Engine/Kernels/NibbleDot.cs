using System.Runtime.CompilerServices;

namespace Microsoft.ML.Binary.Kernels;

/// <summary>
/// Counts sign mismatches of a range of pixels against some groups of four output channels:
/// <c>counts[o * pixels + p] = sum over steps s of table(s, o)[activations[offsets[s] + p]]</c>. A step is four (or six) input channels at
/// one place of the window.
/// </summary>
/// <typeparam name="TWeight">
/// Byte where a step is one tap of nibble planes (<see cref="NibbleWeights"/>), ushort where it is up to four taps of them
/// (<see cref="EnlargedWeights"/>) or one of planes of six channels (<see cref="SixfoldWeights"/>).
/// </typeparam>
/// <param name="activations">Sign planes: bit k of a byte is set where channel k of the pixel's group is -1; the other bits are zero.</param>
/// <param name="offsets">For each step, where its first pixel lies in <paramref name="activations"/>.</param>
/// <param name="weights">
/// For each group, each step and each of the group's four output channels the byte offset of its table in <see cref="MismatchTables"/>.
/// </param>
/// <param name="counts">A row of pixels, a multiple of <see cref="PlaneLayout.Tile"/>, for each output channel.</param>
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
        KernelPath.Avx512 or KernelPath.Avx512Vbmi => Wider,
        _ => throw new ArgumentOutOfRangeException(nameof(path), path, "There is no such path."),
    };

    /// <summary>The reference.</summary>
    internal static unsafe void Scalar<TWeight>(
        ReadOnlySpan<byte> activations, ReadOnlySpan<int> offsets, ReadOnlySpan<TWeight> weights, Span<ushort> counts)
        where TWeight : unmanaged
    {
        int steps = offsets.Length, pixels = Pixels(offsets, weights, counts);
        fixed (TWeight* weight = weights)
        {
            for (int i = 0; i < counts.Length; i++)
            {
                int count = 0, output = i / pixels;
                for (int s = 0; s < steps; s++)
                {
                    nuint table = Table(weight, Outputs * (output / Outputs * steps + s) + output % Outputs);
                    count += MismatchTables.Start[table + activations[offsets[s] + i % pixels]];
                }

                counts[i] = (ushort)count;
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int Pixels<TWeight>(ReadOnlySpan<int> offsets, ReadOnlySpan<TWeight> weights, Span<ushort> counts) =>
        counts.Length / (weights.Length / offsets.Length);

    // 63 steps of one tap make at most 252, and 7 input groups of nine taps in 28 steps as much.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static unsafe int StepsPerByte<TWeight>() where TWeight : unmanaged => sizeof(TWeight) == 1 ? 63 : 28;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static unsafe nuint Table<TWeight>(TWeight* weights, nint index) where TWeight : unmanaged =>
        sizeof(TWeight) == 1 ? ((byte*)weights)[index] : ((ushort*)weights)[index];
}
