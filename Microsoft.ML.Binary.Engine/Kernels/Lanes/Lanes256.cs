using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Microsoft.ML.Binary.Kernels;

/// <summary>256 bits of x86: AVX2.</summary>
internal readonly unsafe struct Lanes256(Vector256<float> value) : ILanes<Lanes256>
{
    private readonly Vector256<float> _value = value;

    public static int Count => 8;

    public static int CountOf16 => 16;

    public static int CountOf8 => 32;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 Load(float* source) => new(Vector256.Load(source));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 Broadcast(float value) => new(Vector256.Create(value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Store(float* target) => _value.Store(target);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 operator +(Lanes256 left, Lanes256 right) => new(left._value + right._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 operator -(Lanes256 left, Lanes256 right) => new(left._value - right._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 operator *(Lanes256 left, Lanes256 right) => new(left._value * right._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 operator /(Lanes256 left, Lanes256 right) => new(left._value / right._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 operator -(Lanes256 value) => new(-value._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 MultiplyAdd(Lanes256 left, Lanes256 right, Lanes256 addend) =>
        new(Vector256.FusedMultiplyAdd(left._value, right._value, addend._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 MultiplyAddEstimate(Lanes256 left, Lanes256 right, Lanes256 addend) =>
        new(Vector256.MultiplyAddEstimate(left._value, right._value, addend._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 Min(Lanes256 left, Lanes256 right) => new(Vector256.Min(left._value, right._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 Max(Lanes256 left, Lanes256 right) => new(Vector256.Max(left._value, right._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 Abs(Lanes256 value) => new(Vector256.Abs(value._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 Floor(Lanes256 value) => new(Vector256.Floor(value._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 Sqrt(Lanes256 value) => new(Vector256.Sqrt(value._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public float Sum() => Vector256.Sum(_value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 Greater(Lanes256 left, Lanes256 right) => new(Vector256.GreaterThan(left._value, right._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 GreaterOrEqual(Lanes256 left, Lanes256 right) => new(Vector256.GreaterThanOrEqual(left._value, right._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 Select(Lanes256 mask, Lanes256 first, Lanes256 second) =>
        new(Vector256.ConditionalSelect(mask._value, first._value, second._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 SelectGreater(Lanes256 left, Lanes256 right, Lanes256 first, Lanes256 second) =>
        new(Vector256.ConditionalSelect(Vector256.GreaterThan(left._value, right._value), first._value, second._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 ScaleUnlessGreater(Lanes256 value, Lanes256 bound, Lanes256 factor) => Select(Greater(value, bound), value, value * factor);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 OrUnlessGreaterOrEqual(Lanes256 value, Lanes256 bits, Lanes256 left, Lanes256 right) =>
        new(value._value | Vector256.AndNot(bits._value, GreaterOrEqual(left, right)._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 operator |(Lanes256 left, Lanes256 right) => new(left._value | right._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 operator &(Lanes256 left, Lanes256 right) => new(left._value & right._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 operator ^(Lanes256 left, Lanes256 right) => new(left._value ^ right._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 BroadcastInt32(int value) => new(Vector256.Create(value).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 AddInt32(Lanes256 left, Lanes256 right) => new((left._value.AsInt32() + right._value.AsInt32()).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 ShiftLeftInt32(Lanes256 value, int count) => new((value._value.AsInt32() << count).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 ToInt32(Lanes256 value) => new(Vector256.ConvertToInt32Native(value._value).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 LoadUInt16AsFloat(ushort* source) =>
        new(Vector256.ConvertToSingle(Vector256.WidenLower(Vector128.Load(source).ToVector256Unsafe()).AsInt32()));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 LoadUInt16(ushort* source) => new(Vector256.Load(source).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 BroadcastUInt16(ushort value) => new(Vector256.Create(value).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 GreaterUInt16(Lanes256 left, Lanes256 right) =>
        new(Vector256.GreaterThan(left._value.AsUInt16(), right._value.AsUInt16()).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 AddUInt16(Lanes256 left, Lanes256 right) => new((left._value.AsUInt16() + right._value.AsUInt16()).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void StoreUInt16(ushort* target) => _value.AsUInt16().Store(target);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 LoadUInt8(byte* source) => new(Vector256.Load(source).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 AddUInt8(Lanes256 left, Lanes256 right) => new((left._value.AsByte() + right._value.AsByte()).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void LookUp(byte* table, Lanes256 first, Lanes256 second, out Lanes256 firstValue, out Lanes256 secondValue)
    {
        Vector256<byte> values = Avx2.BroadcastVector128ToVector256(table);
        firstValue = new(Avx2.Shuffle(values, first._value.AsByte()).AsSingle());
        secondValue = new(Avx2.Shuffle(values, second._value.AsByte()).AsSingle());
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void StoreUInt8AsUInt16(ushort* target, bool add)
    {
        (Vector256<ushort> low, Vector256<ushort> high) = Vector256.Widen(_value.AsByte());
        if (add)
        {
            low += Vector256.Load(target);
            high += Vector256.Load(target + 16);
        }

        low.Store(target);
        high.Store(target + 16);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreInt32AsUInt8(Lanes256 a, Lanes256 b, Lanes256 c, Lanes256 d, byte* target)
    {
        Vector256<short> low = Vector256.Narrow(a._value.AsInt32(), b._value.AsInt32()), high = Vector256.Narrow(c._value.AsInt32(), d._value.AsInt32());
        Vector256.Narrow(low, high).AsByte().Store(target);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreInt32AsUInt16(Lanes256 a, Lanes256 b, ushort* target) =>
        Vector256.Narrow(a._value.AsInt32(), b._value.AsInt32()).AsUInt16().Store(target);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreInt32AsUInt16(Lanes256 value, ushort* target) =>
        Vector128.Narrow(value._value.AsInt32().GetLower(), value._value.AsInt32().GetUpper()).AsUInt16().Store(target);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreUInt16AsUInt8(Lanes256 a, Lanes256 b, byte* target) =>
        Vector256.Narrow(a._value.AsUInt16(), b._value.AsUInt16()).Store(target);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 MergeLow(Lanes256 even, Lanes256 odd) => new(Avx.Permute2x128(
        Avx.UnpackLow(even._value, odd._value), Avx.UnpackHigh(even._value, odd._value), 0x20));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 MergeHigh(Lanes256 even, Lanes256 odd) => new(Avx.Permute2x128(
        Avx.UnpackLow(even._value, odd._value), Avx.UnpackHigh(even._value, odd._value), 0x31));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 MergeLowUInt16(Lanes256 even, Lanes256 odd)
    {
        Vector256<ushort> a = even._value.AsUInt16(), b = odd._value.AsUInt16();
        return new(Avx2.Permute2x128(Avx2.UnpackLow(a, b), Avx2.UnpackHigh(a, b), 0x20).AsSingle());
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 MergeHighUInt16(Lanes256 even, Lanes256 odd)
    {
        Vector256<ushort> a = even._value.AsUInt16(), b = odd._value.AsUInt16();
        return new(Avx2.Permute2x128(Avx2.UnpackLow(a, b), Avx2.UnpackHigh(a, b), 0x31).AsSingle());
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 Even(Lanes256 first, Lanes256 second) =>
        new(Avx2.Permute4x64(Avx.Shuffle(first._value, second._value, 0b10_00_10_00).AsDouble(), 0b11_01_10_00).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 Odd(Lanes256 first, Lanes256 second) =>
        new(Avx2.Permute4x64(Avx.Shuffle(first._value, second._value, 0b11_01_11_01).AsDouble(), 0b11_01_10_00).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 Permute(Lanes256 values, Lanes256 indices) => new(Vector256.Shuffle(values._value, indices._value.AsInt32()));
}
