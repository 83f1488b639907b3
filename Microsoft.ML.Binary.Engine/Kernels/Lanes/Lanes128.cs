using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace Microsoft.ML.Binary.Kernels;

/// <summary>128 bits of any processor.</summary>
internal readonly unsafe struct Lanes128(Vector128<float> value) : ILanes<Lanes128>
{
    private readonly Vector128<float> _value = value;

    public Vector128<float> Value => _value;

    public static int Count => 4;

    public static int CountOf16 => 8;

    public static int CountOf8 => 16;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128 Load(float* source) => new(Vector128.Load(source));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128 Broadcast(float value) => new(Vector128.Create(value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Store(float* target) => _value.Store(target);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128 operator +(Lanes128 left, Lanes128 right) => new(left._value + right._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128 operator -(Lanes128 left, Lanes128 right) => new(left._value - right._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128 operator *(Lanes128 left, Lanes128 right) => new(left._value * right._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128 operator /(Lanes128 left, Lanes128 right) => new(left._value / right._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128 operator -(Lanes128 value) => new(-value._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128 MultiplyAdd(Lanes128 left, Lanes128 right, Lanes128 addend) =>
        new(Vector128.FusedMultiplyAdd(left._value, right._value, addend._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128 MultiplyAddEstimate(Lanes128 left, Lanes128 right, Lanes128 addend) =>
        new(Vector128.MultiplyAddEstimate(left._value, right._value, addend._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128 Min(Lanes128 left, Lanes128 right) => new(Vector128.Min(left._value, right._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128 Max(Lanes128 left, Lanes128 right) => new(Vector128.Max(left._value, right._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128 Abs(Lanes128 value) => new(Vector128.Abs(value._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128 Floor(Lanes128 value) => new(Vector128.Floor(value._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128 Sqrt(Lanes128 value) => new(Vector128.Sqrt(value._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public float Sum() => Vector128.Sum(_value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128 Greater(Lanes128 left, Lanes128 right) => new(Vector128.GreaterThan(left._value, right._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128 GreaterOrEqual(Lanes128 left, Lanes128 right) => new(Vector128.GreaterThanOrEqual(left._value, right._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128 Select(Lanes128 mask, Lanes128 first, Lanes128 second) =>
        new(Vector128.ConditionalSelect(mask._value, first._value, second._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128 SelectGreater(Lanes128 left, Lanes128 right, Lanes128 first, Lanes128 second) =>
        new(Vector128.ConditionalSelect(Vector128.GreaterThan(left._value, right._value), first._value, second._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128 ScaleUnlessGreater(Lanes128 value, Lanes128 bound, Lanes128 factor) => Select(Greater(value, bound), value, value * factor);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128 OrUnlessGreaterOrEqual(Lanes128 value, Lanes128 bits, Lanes128 left, Lanes128 right) =>
        new(value._value | Vector128.AndNot(bits._value, GreaterOrEqual(left, right)._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128 operator |(Lanes128 left, Lanes128 right) => new(left._value | right._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128 operator &(Lanes128 left, Lanes128 right) => new(left._value & right._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128 operator ^(Lanes128 left, Lanes128 right) => new(left._value ^ right._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128 BroadcastInt32(int value) => new(Vector128.Create(value).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128 AddInt32(Lanes128 left, Lanes128 right) => new((left._value.AsInt32() + right._value.AsInt32()).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128 ShiftLeftInt32(Lanes128 value, int count) => new((value._value.AsInt32() << count).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128 ToInt32(Lanes128 value) => new(Vector128.ConvertToInt32Native(value._value).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128 LoadUInt16AsFloat(ushort* source) =>
        new(Vector128.ConvertToSingle(Vector128.WidenLower(Vector64.Load(source).ToVector128Unsafe()).AsInt32()));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128 LoadUInt16(ushort* source) => new(Vector128.Load(source).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128 BroadcastUInt16(ushort value) => new(Vector128.Create(value).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128 GreaterUInt16(Lanes128 left, Lanes128 right) =>
        new(Vector128.GreaterThan(left._value.AsUInt16(), right._value.AsUInt16()).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128 AddUInt16(Lanes128 left, Lanes128 right) => new((left._value.AsUInt16() + right._value.AsUInt16()).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void StoreUInt16(ushort* target) => _value.AsUInt16().Store(target);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128 LoadUInt8(byte* source) => new(Vector128.Load(source).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128 AddUInt8(Lanes128 left, Lanes128 right) => new((left._value.AsByte() + right._value.AsByte()).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void LookUp(byte* table, Lanes128 first, Lanes128 second, out Lanes128 firstValue, out Lanes128 secondValue)
    {
        Vector128<byte> values = Vector128.LoadAligned(table);
        firstValue = new(Vector128.ShuffleNative(values, first._value.AsByte()).AsSingle());
        secondValue = new(Vector128.ShuffleNative(values, second._value.AsByte()).AsSingle());
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void StoreUInt8AsUInt16(ushort* target, bool add)
    {
        (Vector128<ushort> low, Vector128<ushort> high) = Vector128.Widen(_value.AsByte());
        if (add)
        {
            low += Vector128.Load(target);
            high += Vector128.Load(target + 8);
        }

        low.Store(target);
        high.Store(target + 8);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreInt32AsUInt8(Lanes128 a, Lanes128 b, Lanes128 c, Lanes128 d, byte* target)
    {
        Vector128<short> low = Vector128.Narrow(a._value.AsInt32(), b._value.AsInt32()), high = Vector128.Narrow(c._value.AsInt32(), d._value.AsInt32());
        Vector128.Narrow(low, high).AsByte().Store(target);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreInt32AsUInt16(Lanes128 a, Lanes128 b, ushort* target) =>
        Vector128.Narrow(a._value.AsInt32(), b._value.AsInt32()).AsUInt16().Store(target);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreInt32AsUInt16(Lanes128 value, ushort* target) =>
        Vector128.Narrow(value._value.AsInt32(), value._value.AsInt32()).GetLower().AsUInt16().Store(target);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreUInt16AsUInt8(Lanes128 a, Lanes128 b, byte* target) =>
        Vector128.Narrow(a._value.AsUInt16(), b._value.AsUInt16()).Store(target);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128 MergeLow(Lanes128 even, Lanes128 odd) => new(
        Sse.IsSupported ? Sse.UnpackLow(even._value, odd._value)
        : AdvSimd.Arm64.IsSupported ? AdvSimd.Arm64.ZipLow(even._value, odd._value)
        : Vector128.Create(even._value[0], odd._value[0], even._value[1], odd._value[1]));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128 MergeHigh(Lanes128 even, Lanes128 odd) => new(
        Sse.IsSupported ? Sse.UnpackHigh(even._value, odd._value)
        : AdvSimd.Arm64.IsSupported ? AdvSimd.Arm64.ZipHigh(even._value, odd._value)
        : Vector128.Create(even._value[2], odd._value[2], even._value[3], odd._value[3]));

    // A widened value beside another, shifted to its upper half, is the pair.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128 MergeLowUInt16(Lanes128 even, Lanes128 odd) => new(
        (Vector128.WidenLower(even._value.AsUInt16()) | (Vector128.WidenLower(odd._value.AsUInt16()) << 16)).AsSingle());

    // A widened value beside another, shifted to its upper half, is the pair.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128 MergeHighUInt16(Lanes128 even, Lanes128 odd) => new(
        (Vector128.WidenUpper(even._value.AsUInt16()) | (Vector128.WidenUpper(odd._value.AsUInt16()) << 16)).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128 Even(Lanes128 first, Lanes128 second) => new(
        Sse.IsSupported ? Sse.Shuffle(first._value, second._value, 0b10_00_10_00)
        : AdvSimd.Arm64.IsSupported ? AdvSimd.Arm64.UnzipEven(first._value, second._value)
        : Vector128.Create(first._value[0], first._value[2], second._value[0], second._value[2]));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128 Odd(Lanes128 first, Lanes128 second) => new(
        Sse.IsSupported ? Sse.Shuffle(first._value, second._value, 0b11_01_11_01)
        : AdvSimd.Arm64.IsSupported ? AdvSimd.Arm64.UnzipOdd(first._value, second._value)
        : Vector128.Create(first._value[1], first._value[3], second._value[1], second._value[3]));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128 Permute(Lanes128 values, Lanes128 indices) => new(Vector128.Shuffle(values._value, indices._value.AsInt32()));
}
