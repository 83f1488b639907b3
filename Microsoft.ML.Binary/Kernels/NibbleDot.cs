using System.Numerics;
using System.Runtime.InteropServices;

namespace Microsoft.ML.Binary.Kernels;

/// <summary>
/// Counts sign mismatches of a range of pixels against four output channels:
/// <c>counts[o * pixels + p] = sum over steps s of popcount(activations[offsets[s] + p] xor nibble(s, o))</c>.
/// A step is four input channels at one tap of the window.
/// </summary>
/// <param name="activations">Nibble planes: bit k of a byte is set where channel 4 g + k of the pixel is -1; the high half is zero.</param>
/// <param name="offsets">For each step, where its first pixel lies in <paramref name="activations"/>.</param>
/// <param name="weights">For each step four bytes, one an output channel: the weight nibble times 16 (see <see cref="NibbleWeights"/>).</param>
/// <param name="counts">Four rows of as many pixels, a multiple of <see cref="PlaneLayout.Tile"/>.</param>
internal delegate void NibbleDotKernel(
    ReadOnlySpan<byte> activations, ReadOnlySpan<int> offsets, ReadOnlySpan<byte> weights, Span<ushort> counts);

/// <summary>
/// The inner loop of every binary convolution. For a fixed weight nibble w, popcount(a xor w) is a table of 16 bytes in a, and there are
/// only 16 such tables; so one byte shuffle of table w by a register of activations counts four channels of as many pixels as the
/// register has bytes, and one byte addition accumulates them. The weight is stored as the byte offset of its table. After 63 steps a
/// byte may have reached 252, and the bytes are added to 16-bit counts.
/// </summary>
internal static partial class NibbleDot
{
    /// <summary>The largest number of one-bit products of one output value: counts are 16 bits wide.</summary>
    public const int MaxProducts = ushort.MaxValue;

    private const int Outputs = 4;
    private const int StepsPerByte = 63;

    private static readonly unsafe byte* s_tables = MakeTables();

    /// <summary>The kernel for an instruction set.</summary>
    public static NibbleDotKernel For(KernelPath path) => path switch
    {
        KernelPath.Scalar => Scalar,
        KernelPath.Portable => Portable,
        KernelPath.Avx2 => Wide,
        KernelPath.Avx512 => Wider,
        _ => throw new ArgumentOutOfRangeException(nameof(path), path, "There is no such path."),
    };

    /// <summary>The reference.</summary>
    internal static void Scalar(ReadOnlySpan<byte> activations, ReadOnlySpan<int> offsets, ReadOnlySpan<byte> weights, Span<ushort> counts)
    {
        int pixels = counts.Length / Outputs;
        for (int o = 0; o < Outputs; o++)
        {
            for (int p = 0; p < pixels; p++)
            {
                int count = 0;
                for (int s = 0; s < offsets.Length; s++)
                {
                    count += BitOperations.PopCount((uint)(activations[offsets[s] + p] ^ weights[Outputs * s + o] >> 4));
                }

                counts[o * pixels + p] = (ushort)count;
            }
        }
    }

    // 16 tables of 16 bytes in aligned memory that lives as long as the process.
    private static unsafe byte* MakeTables()
    {
        byte* tables = (byte*)NativeMemory.AlignedAlloc(256, 64);
        for (int i = 0; i < 256; i++)
        {
            tables[i] = (byte)BitOperations.PopCount((uint)((i >> 4) ^ (i & 15)));
        }

        return tables;
    }
}
