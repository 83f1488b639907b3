using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Microsoft.ML.Binary.Kernels;

/// <summary>Element-wise steps on rows of pixels, in place.</summary>
internal static class ChannelRows
{
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Add(Span<float> target, ReadOnlySpan<float> other)
    {
        other = other[..target.Length];
        ref float t = ref MemoryMarshal.GetReference(target), o = ref MemoryMarshal.GetReference(other);
        int i = 0;
        for (; Vector512.IsHardwareAccelerated && i <= target.Length - 16; i += 16)
        {
            (Vector512.LoadUnsafe(ref t, (nuint)i) + Vector512.LoadUnsafe(ref o, (nuint)i)).StoreUnsafe(ref t, (nuint)i);
        }

        for (; i <= target.Length - Vector<float>.Count; i += Vector<float>.Count)
        {
            (new Vector<float>(target[i..]) + new Vector<float>(other[i..])).CopyTo(target[i..]);
        }

        for (; i < target.Length; i++)
        {
            target[i] += other[i];
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Scale(Span<float> target, float factor)
    {
        ref float t = ref MemoryMarshal.GetReference(target);
        int i = 0;
        for (; Vector512.IsHardwareAccelerated && i <= target.Length - 16; i += 16)
        {
            (Vector512.LoadUnsafe(ref t, (nuint)i) * factor).StoreUnsafe(ref t, (nuint)i);
        }

        for (; i <= target.Length - Vector<float>.Count; i += Vector<float>.Count)
        {
            (new Vector<float>(target[i..]) * factor).CopyTo(target[i..]);
        }

        for (; i < target.Length; i++)
        {
            target[i] *= factor;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Divide(Span<float> target, ReadOnlySpan<float> divisor)
    {
        divisor = divisor[..target.Length];
        int i = 0;
        for (; i <= target.Length - Vector<float>.Count; i += Vector<float>.Count)
        {
            (new Vector<float>(target[i..]) / new Vector<float>(divisor[i..])).CopyTo(target[i..]);
        }

        for (; i < target.Length; i++)
        {
            target[i] /= divisor[i];
        }
    }
}
