using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Microsoft.ML.Binary.Kernels;

/// <summary>
/// <see cref="NibbleDot"/> for AVX-512: it has 32 registers, of which 24 are sums, so that what is loaded is shared by more of them; and with VBMI six channels
/// instead of four are looked up at once.
/// </summary>
internal static unsafe class WideDot
{
    private const int Group = 4, Tile = PlaneLayout.Tile;

    /// <summary>See <see cref="MismatchKernel{TWeight}"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Run<TWeight, TTables>(byte* activations, int* offsets, int steps, TWeight* weights, int outputs, ushort* counts, int pixels)
        where TWeight : unmanaged
        where TTables : struct, IWideTables
    {
        for (int o = 0; o < outputs; o += Group)
        {
            TWeight* weight = weights + o * steps;
            ushort* count = counts + o * pixels;
            int p = 0;
            if (pixels >= 3 * Tile && outputs - o >= 2 * Group)
            {
                // The last tiles of a row may overlap those before them: they count the same again.
                for (; p < pixels - Tile; p += 3 * Tile)
                {
                    int at = Math.Min(p, pixels - 3 * Tile);
                    Tile8x3<TWeight, TTables>(activations + at, offsets, steps, weight, count + at, pixels);
                }

                if (p < pixels)
                {
                    Tile4x1<TWeight, TTables>(activations + p, offsets, steps, weight, count + p, pixels);
                    Tile4x1<TWeight, TTables>(activations + p, offsets, steps, weight + Group * steps, count + Group * pixels + p, pixels);
                }

                o += Group;
                continue;
            }

            for (; p < pixels - Tile; p += 2 * Tile)
            {
                Tile4x2<TWeight, TTables>(activations + p, offsets, steps, weight, count + p, pixels);
            }

            if (p < pixels)
            {
                Tile4x1<TWeight, TTables>(activations + p, offsets, steps, weight, count + p, pixels);
            }
        }
    }

    // 8 output channels x 3 registers of pixels: 24 sums, three registers of activations, one table.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Tile8x3<TWeight, TTables>(byte* activations, int* offsets, int steps, TWeight* weights, ushort* count, int pitch)
        where TWeight : unmanaged
        where TTables : struct, IWideTables
    {
        byte* tables = TTables.Start;
        for (int first = 0; first < steps; first += TTables.StepsPerByte)
        {
            int last = Math.Min(first + TTables.StepsPerByte, steps);
            Vector512<byte> c0a = default, c0b = default, c0c = default;
            Vector512<byte> c1a = default, c1b = default, c1c = default;
            Vector512<byte> c2a = default, c2b = default, c2c = default;
            Vector512<byte> c3a = default, c3b = default, c3c = default;
            Vector512<byte> c4a = default, c4b = default, c4c = default;
            Vector512<byte> c5a = default, c5b = default, c5c = default;
            Vector512<byte> c6a = default, c6b = default, c6c = default;
            Vector512<byte> c7a = default, c7b = default, c7c = default;
            TWeight* w = weights + Group * first, next = w + Group * steps;
            for (int* step = offsets + first; step < offsets + last; step++)
            {
                byte* pixel = activations + *step;
                Vector512<byte> a = Vector512.Load(pixel), b = Vector512.Load(pixel + 64), c = Vector512.Load(pixel + 128);
                Vector512<byte> table = TTables.Load(tables + Table(w, 0));
                c0a += TTables.LookUp(table, a);
                c0b += TTables.LookUp(table, b);
                c0c += TTables.LookUp(table, c);
                table = TTables.Load(tables + Table(w, 1));
                c1a += TTables.LookUp(table, a);
                c1b += TTables.LookUp(table, b);
                c1c += TTables.LookUp(table, c);
                table = TTables.Load(tables + Table(w, 2));
                c2a += TTables.LookUp(table, a);
                c2b += TTables.LookUp(table, b);
                c2c += TTables.LookUp(table, c);
                table = TTables.Load(tables + Table(w, 3));
                c3a += TTables.LookUp(table, a);
                c3b += TTables.LookUp(table, b);
                c3c += TTables.LookUp(table, c);
                table = TTables.Load(tables + Table(next, 0));
                c4a += TTables.LookUp(table, a);
                c4b += TTables.LookUp(table, b);
                c4c += TTables.LookUp(table, c);
                table = TTables.Load(tables + Table(next, 1));
                c5a += TTables.LookUp(table, a);
                c5b += TTables.LookUp(table, b);
                c5c += TTables.LookUp(table, c);
                table = TTables.Load(tables + Table(next, 2));
                c6a += TTables.LookUp(table, a);
                c6b += TTables.LookUp(table, b);
                c6c += TTables.LookUp(table, c);
                table = TTables.Load(tables + Table(next, 3));
                c7a += TTables.LookUp(table, a);
                c7b += TTables.LookUp(table, b);
                c7c += TTables.LookUp(table, c);
                w += Group;
                next += Group;
            }

            bool add = first > 0;
            Flush(c0a, count, add);
            Flush(c0b, count + 64, add);
            Flush(c0c, count + 128, add);
            Flush(c1a, count + pitch, add);
            Flush(c1b, count + pitch + 64, add);
            Flush(c1c, count + pitch + 128, add);
            Flush(c2a, count + 2 * pitch, add);
            Flush(c2b, count + 2 * pitch + 64, add);
            Flush(c2c, count + 2 * pitch + 128, add);
            Flush(c3a, count + 3 * pitch, add);
            Flush(c3b, count + 3 * pitch + 64, add);
            Flush(c3c, count + 3 * pitch + 128, add);
            Flush(c4a, count + 4 * pitch, add);
            Flush(c4b, count + 4 * pitch + 64, add);
            Flush(c4c, count + 4 * pitch + 128, add);
            Flush(c5a, count + 5 * pitch, add);
            Flush(c5b, count + 5 * pitch + 64, add);
            Flush(c5c, count + 5 * pitch + 128, add);
            Flush(c6a, count + 6 * pitch, add);
            Flush(c6b, count + 6 * pitch + 64, add);
            Flush(c6c, count + 6 * pitch + 128, add);
            Flush(c7a, count + 7 * pitch, add);
            Flush(c7b, count + 7 * pitch + 64, add);
            Flush(c7c, count + 7 * pitch + 128, add);
        }
    }

    // What is left of the channels, and maps of two tiles.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Tile4x2<TWeight, TTables>(byte* activations, int* offsets, int steps, TWeight* weights, ushort* count, int pitch)
        where TWeight : unmanaged
        where TTables : struct, IWideTables
    {
        byte* tables = TTables.Start;
        for (int first = 0; first < steps; first += TTables.StepsPerByte)
        {
            int last = Math.Min(first + TTables.StepsPerByte, steps);
            Vector512<byte> c0a = default, c0b = default;
            Vector512<byte> c1a = default, c1b = default;
            Vector512<byte> c2a = default, c2b = default;
            Vector512<byte> c3a = default, c3b = default;
            TWeight* w = weights + Group * first;
            for (int* step = offsets + first; step < offsets + last; step++)
            {
                byte* pixel = activations + *step;
                Vector512<byte> a = Vector512.Load(pixel), b = Vector512.Load(pixel + 64);
                Vector512<byte> table = TTables.Load(tables + Table(w, 0));
                c0a += TTables.LookUp(table, a);
                c0b += TTables.LookUp(table, b);
                table = TTables.Load(tables + Table(w, 1));
                c1a += TTables.LookUp(table, a);
                c1b += TTables.LookUp(table, b);
                table = TTables.Load(tables + Table(w, 2));
                c2a += TTables.LookUp(table, a);
                c2b += TTables.LookUp(table, b);
                table = TTables.Load(tables + Table(w, 3));
                c3a += TTables.LookUp(table, a);
                c3b += TTables.LookUp(table, b);
                w += Group;
            }

            bool add = first > 0;
            Flush(c0a, count, add);
            Flush(c0b, count + 64, add);
            Flush(c1a, count + pitch, add);
            Flush(c1b, count + pitch + 64, add);
            Flush(c2a, count + 2 * pitch, add);
            Flush(c2b, count + 2 * pitch + 64, add);
            Flush(c3a, count + 3 * pitch, add);
            Flush(c3b, count + 3 * pitch + 64, add);
        }
    }

    // What is left of the pixels.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Tile4x1<TWeight, TTables>(byte* activations, int* offsets, int steps, TWeight* weights, ushort* count, int pitch)
        where TWeight : unmanaged
        where TTables : struct, IWideTables
    {
        byte* tables = TTables.Start;
        for (int first = 0; first < steps; first += TTables.StepsPerByte)
        {
            int last = Math.Min(first + TTables.StepsPerByte, steps);
            Vector512<byte> c0 = default;
            Vector512<byte> c1 = default;
            Vector512<byte> c2 = default;
            Vector512<byte> c3 = default;
            TWeight* w = weights + Group * first;
            for (int* step = offsets + first; step < offsets + last; step++)
            {
                byte* pixel = activations + *step;
                Vector512<byte> a = Vector512.Load(pixel);
                Vector512<byte> table = TTables.Load(tables + Table(w, 0));
                c0 += TTables.LookUp(table, a);
                table = TTables.Load(tables + Table(w, 1));
                c1 += TTables.LookUp(table, a);
                table = TTables.Load(tables + Table(w, 2));
                c2 += TTables.LookUp(table, a);
                table = TTables.Load(tables + Table(w, 3));
                c3 += TTables.LookUp(table, a);
                w += Group;
            }

            bool add = first > 0;
            Flush(c0, count, add);
            Flush(c1, count + pitch, add);
            Flush(c2, count + 2 * pitch, add);
            Flush(c3, count + 3 * pitch, add);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static nuint Table<TWeight>(TWeight* weights, nint index) where TWeight : unmanaged =>
        sizeof(TWeight) == 1 ? ((byte*)weights)[index] : ((ushort*)weights)[index];

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Flush(Vector512<byte> bytes, ushort* count, bool add)
    {
        Vector512<ushort> low = Avx512BW.ConvertToVector512UInt16(bytes.GetLower()), high = Avx512BW.ConvertToVector512UInt16(bytes.GetUpper());
        if (add)
        {
            (low + Vector512.Load(count)).Store(count);
            (high + Vector512.Load(count + 32)).Store(count + 32);
        }
        else
        {
            low.Store(count);
            high.Store(count + 32);
        }
    }
}

/// <summary>Tables in which 64 signs are looked up at once, and whose entries are added up.</summary>
internal unsafe interface IWideTables : ITables
{
    /// <summary>Loads a table.</summary>
    static abstract Vector512<byte> Load(byte* table);

    /// <summary>The entries of signs.</summary>
    static abstract Vector512<byte> LookUp(Vector512<byte> table, Vector512<byte> signs);
}

/// <summary>Tables of 16 bytes.</summary>
internal readonly unsafe struct TablesOfSixteen<TTables> : IWideTables where TTables : struct, ITables
{
    public static byte* Start => TTables.Start;

    public static int StepsPerByte => TTables.StepsPerByte;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<byte> Load(byte* table) => Avx512F.BroadcastVector128ToVector512((int*)table).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<byte> LookUp(Vector512<byte> table, Vector512<byte> signs) => Avx512BW.Shuffle(table, signs);
}
