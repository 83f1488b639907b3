using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Microsoft.ML.Binary.Kernels;

/// <summary>512 bits of x86: AVX-512 (F and BW).</summary>
internal readonly unsafe struct Lanes512(Vector512<float> value) : ILanes<Lanes512>
{
    private readonly Vector512<float> _value = value;

    public static int Count => 16;

    public static int CountOf16 => 32;

    public static int CountOf8 => 64;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 Load(float* source) => new(Vector512.Load(source));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 Broadcast(float value) => new(Vector512.Create(value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Store(float* target) => _value.Store(target);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 operator +(Lanes512 left, Lanes512 right) => new(left._value + right._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 operator -(Lanes512 left, Lanes512 right) => new(left._value - right._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 operator *(Lanes512 left, Lanes512 right) => new(left._value * right._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 operator /(Lanes512 left, Lanes512 right) => new(left._value / right._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 operator -(Lanes512 value) => new(-value._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 MultiplyAdd(Lanes512 left, Lanes512 right, Lanes512 addend) =>
        new(Vector512.FusedMultiplyAdd(left._value, right._value, addend._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 MultiplyAddEstimate(Lanes512 left, Lanes512 right, Lanes512 addend) =>
        new(Vector512.MultiplyAddEstimate(left._value, right._value, addend._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 Min(Lanes512 left, Lanes512 right) => new(Vector512.Min(left._value, right._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 Max(Lanes512 left, Lanes512 right) => new(Vector512.Max(left._value, right._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 Abs(Lanes512 value) => new(Vector512.Abs(value._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 Floor(Lanes512 value) => new(Vector512.Floor(value._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 Sqrt(Lanes512 value) => new(Vector512.Sqrt(value._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public float Sum() => Vector512.Sum(_value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 Greater(Lanes512 left, Lanes512 right) => new(Vector512.GreaterThan(left._value, right._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 GreaterOrEqual(Lanes512 left, Lanes512 right) => new(Vector512.GreaterThanOrEqual(left._value, right._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 Select(Lanes512 mask, Lanes512 first, Lanes512 second) =>
        new(Vector512.ConditionalSelect(mask._value, first._value, second._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 SelectGreater(Lanes512 left, Lanes512 right, Lanes512 first, Lanes512 second) =>
        new(Vector512.ConditionalSelect(Vector512.GreaterThan(left._value, right._value), first._value, second._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 ScaleUnlessGreater(Lanes512 value, Lanes512 bound, Lanes512 factor) => new(
        Vector512.ConditionalSelect(Avx512F.CompareNotGreaterThan(value._value, bound._value), value._value * factor._value, value._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 OrUnlessGreaterOrEqual(Lanes512 value, Lanes512 bits, Lanes512 left, Lanes512 right) => new(Vector512.ConditionalSelect(
        Avx512F.CompareNotGreaterThanOrEqual(left._value, right._value).AsInt32(), value._value.AsInt32() | bits._value.AsInt32(), value._value.AsInt32()).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 operator |(Lanes512 left, Lanes512 right) => new(left._value | right._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 operator &(Lanes512 left, Lanes512 right) => new(left._value & right._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 operator ^(Lanes512 left, Lanes512 right) => new(left._value ^ right._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 BroadcastInt32(int value) => new(Vector512.Create(value).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 AddInt32(Lanes512 left, Lanes512 right) => new((left._value.AsInt32() + right._value.AsInt32()).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 ShiftLeftInt32(Lanes512 value, int count) => new((value._value.AsInt32() << count).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 ToInt32(Lanes512 value) => new(Vector512.ConvertToInt32Native(value._value).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 LoadUInt16AsFloat(ushort* source) =>
        new(Vector512.ConvertToSingle(Avx512F.ConvertToVector512Int32(Vector256.Load(source))));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 LoadUInt16(ushort* source) => new(Vector512.Load(source).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 BroadcastUInt16(ushort value) => new(Vector512.Create(value).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 GreaterUInt16(Lanes512 left, Lanes512 right) =>
        new(Vector512.GreaterThan(left._value.AsUInt16(), right._value.AsUInt16()).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 AddUInt16(Lanes512 left, Lanes512 right) => new((left._value.AsUInt16() + right._value.AsUInt16()).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void StoreUInt16(ushort* target) => _value.AsUInt16().Store(target);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 LoadUInt8(byte* source) => new(Vector512.Load(source).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 AddUInt8(Lanes512 left, Lanes512 right) => new((left._value.AsByte() + right._value.AsByte()).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void LookUp(byte* table, Lanes512 first, Lanes512 second, out Lanes512 firstValue, out Lanes512 secondValue)
    {
        Vector512<byte> values = Avx512F.BroadcastVector128ToVector512((int*)table).AsByte();
        firstValue = new(Avx512BW.Shuffle(values, first._value.AsByte()).AsSingle());
        secondValue = new(Avx512BW.Shuffle(values, second._value.AsByte()).AsSingle());
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void StoreUInt8AsUInt16(ushort* target, bool add)
    {
        (Vector512<ushort> low, Vector512<ushort> high) = Vector512.Widen(_value.AsByte());
        if (add)
        {
            low += Vector512.Load(target);
            high += Vector512.Load(target + 32);
        }

        low.Store(target);
        high.Store(target + 32);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreInt32AsUInt8(Lanes512 a, Lanes512 b, Lanes512 c, Lanes512 d, byte* target)
    {
        Vector512<short> low = Vector512.Narrow(a._value.AsInt32(), b._value.AsInt32()), high = Vector512.Narrow(c._value.AsInt32(), d._value.AsInt32());
        Vector512.Narrow(low, high).AsByte().Store(target);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreInt32AsUInt16(Lanes512 a, Lanes512 b, ushort* target) =>
        Vector512.Narrow(a._value.AsInt32(), b._value.AsInt32()).AsUInt16().Store(target);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreInt32AsUInt16(Lanes512 value, ushort* target) =>
        Avx512F.ConvertToVector256UInt16(value._value.AsUInt32()).Store(target);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreUInt16AsUInt8(Lanes512 a, Lanes512 b, byte* target) =>
        Vector512.Narrow(a._value.AsUInt16(), b._value.AsUInt16()).Store(target);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 MergeLow(Lanes512 even, Lanes512 odd) =>
        new(Avx512F.PermuteVar16x32x2(even._value, Merged, odd._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 MergeHigh(Lanes512 even, Lanes512 odd) =>
        new(Avx512F.PermuteVar16x32x2(even._value, Merged + Vector512.Create(8), odd._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 MergeLowUInt16(Lanes512 even, Lanes512 odd) =>
        new(Avx512BW.PermuteVar32x16x2(even._value.AsUInt16(), MergedUInt16, odd._value.AsUInt16()).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 MergeHighUInt16(Lanes512 even, Lanes512 odd) => new(
        Avx512BW.PermuteVar32x16x2(even._value.AsUInt16(), MergedUInt16 + Vector512.Create((ushort)16), odd._value.AsUInt16()).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 Even(Lanes512 first, Lanes512 second) =>
        new(Avx512F.PermuteVar16x32x2(first._value, Vector512<int>.Indices << 1, second._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 Odd(Lanes512 first, Lanes512 second) =>
        new(Avx512F.PermuteVar16x32x2(first._value, (Vector512<int>.Indices << 1) + Vector512<int>.One, second._value));

    // 0, 16, 1, 17, ...
    private static Vector512<int> Merged
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => (Vector512<int>.Indices >>> 1) + ((Vector512<int>.Indices & Vector512<int>.One) << 4);
    }

    // 0, 32, 1, 33, ...
    private static Vector512<ushort> MergedUInt16
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => (Vector512<ushort>.Indices >>> 1) + ((Vector512<ushort>.Indices & Vector512<ushort>.One) << 5);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 Permute(Lanes512 values, Lanes512 indices) => new(Vector512.Shuffle(values._value, indices._value.AsInt32()));
}
