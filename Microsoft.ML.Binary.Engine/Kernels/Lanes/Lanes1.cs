using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Microsoft.ML.Binary.Kernels;

/// <summary>One lane, of whatever type: the plain loops that the vectors must agree with, and what is left at the end of a row.</summary>
internal readonly unsafe struct Lanes1(float value) : ILanes<Lanes1>
{
    private readonly float _value = value;

    // Not BitConverter.Int32BitsToSingle: where the bits come from a byte in memory, the JIT of .NET 10 makes a load of four bytes of it.
    private Lanes1(int bits) : this(Vector128.CreateScalar(bits).AsSingle().ToScalar())
    {
    }

    public static int Count => 1;

    public static int CountOf16 => 1;

    public static int CountOf8 => 1;

    private int Bits => BitConverter.SingleToInt32Bits(_value);

    public static Lanes1 Load(float* source) => new(*source);

    public static Lanes1 Broadcast(float value) => new(value);

    public void Store(float* target) => *target = _value;

    public static Lanes1 operator +(Lanes1 left, Lanes1 right) => new(left._value + right._value);

    public static Lanes1 operator -(Lanes1 left, Lanes1 right) => new(left._value - right._value);

    public static Lanes1 operator *(Lanes1 left, Lanes1 right) => new(left._value * right._value);

    public static Lanes1 operator /(Lanes1 left, Lanes1 right) => new(left._value / right._value);

    public static Lanes1 operator -(Lanes1 value) => new(-value._value);

    public static Lanes1 MultiplyAdd(Lanes1 left, Lanes1 right, Lanes1 addend) => new(MathF.FusedMultiplyAdd(left._value, right._value, addend._value));

    public static Lanes1 MultiplyAddEstimate(Lanes1 left, Lanes1 right, Lanes1 addend) => new(float.MultiplyAddEstimate(left._value, right._value, addend._value));

    public static Lanes1 Min(Lanes1 left, Lanes1 right) => new(Math.Min(left._value, right._value));

    public static Lanes1 Max(Lanes1 left, Lanes1 right) => new(Math.Max(left._value, right._value));

    public static Lanes1 Abs(Lanes1 value) => new(Math.Abs(value._value));

    public static Lanes1 Floor(Lanes1 value) => new(MathF.Floor(value._value));

    public static Lanes1 Sqrt(Lanes1 value) => new(MathF.Sqrt(value._value));

    public float Sum() => _value;

    public static Lanes1 Greater(Lanes1 left, Lanes1 right) => Mask(left._value > right._value);

    public static Lanes1 GreaterOrEqual(Lanes1 left, Lanes1 right) => Mask(left._value >= right._value);

    public static Lanes1 Select(Lanes1 mask, Lanes1 first, Lanes1 second) => mask.Bits != 0 ? first : second;

    public static Lanes1 SelectGreater(Lanes1 left, Lanes1 right, Lanes1 first, Lanes1 second) => left._value > right._value ? first : second;

    public static Lanes1 ScaleUnlessGreater(Lanes1 value, Lanes1 bound, Lanes1 factor) => Select(Greater(value, bound), value, value * factor);

    public static Lanes1 OrUnlessGreaterOrEqual(Lanes1 value, Lanes1 bits, Lanes1 left, Lanes1 right) => new(value.Bits | (bits.Bits & ~GreaterOrEqual(left, right).Bits));

    public static Lanes1 operator |(Lanes1 left, Lanes1 right) => new(left.Bits | right.Bits);

    public static Lanes1 operator &(Lanes1 left, Lanes1 right) => new(left.Bits & right.Bits);

    public static Lanes1 operator ^(Lanes1 left, Lanes1 right) => new(left.Bits ^ right.Bits);

    public static Lanes1 BroadcastInt32(int value) => new(value);

    public static Lanes1 AddInt32(Lanes1 left, Lanes1 right) => new(left.Bits + right.Bits);

    public static Lanes1 ShiftLeftInt32(Lanes1 value, int count) => new(value.Bits << count);

    public static Lanes1 ToInt32(Lanes1 value) => new((int)value._value);

    public static Lanes1 LoadUInt16AsFloat(ushort* source) => new((float)*source);

    public static Lanes1 LoadUInt16(ushort* source) => new((int)*source);

    public static Lanes1 BroadcastUInt16(ushort value) => new((int)value);

    public static Lanes1 GreaterUInt16(Lanes1 left, Lanes1 right) => Mask(left.Bits > right.Bits);

    public static Lanes1 AddUInt16(Lanes1 left, Lanes1 right) => new((int)(ushort)(left.Bits + right.Bits));

    public void StoreUInt16(ushort* target) => *target = (ushort)Bits;

    public static Lanes1 LoadUInt8(byte* source) => new((int)*source);

    public static Lanes1 AddUInt8(Lanes1 left, Lanes1 right) => new((int)(byte)(left.Bits + right.Bits));

    public static void LookUp(byte* table, Lanes1 first, Lanes1 second, out Lanes1 firstValue, out Lanes1 secondValue) =>
        (firstValue, secondValue) = (new((int)table[first.Bits]), new((int)table[second.Bits]));

    public void StoreUInt8AsUInt16(ushort* target, bool add) => *target = (ushort)(Bits + (add ? *target : 0));

    public static void StoreInt32AsUInt8(Lanes1 a, Lanes1 b, Lanes1 c, Lanes1 d, byte* target) =>
        (target[0], target[1], target[2], target[3]) = ((byte)a.Bits, (byte)b.Bits, (byte)c.Bits, (byte)d.Bits);

    public static void StoreInt32AsUInt16(Lanes1 a, Lanes1 b, ushort* target) => (target[0], target[1]) = ((ushort)a.Bits, (ushort)b.Bits);

    public static void StoreInt32AsUInt16(Lanes1 value, ushort* target) => *target = (ushort)value.Bits;

    public static void StoreUInt16AsUInt8(Lanes1 a, Lanes1 b, byte* target) => (target[0], target[1]) = ((byte)a.Bits, (byte)b.Bits);

    public static Lanes1 MergeLow(Lanes1 even, Lanes1 odd) => even;

    public static Lanes1 MergeHigh(Lanes1 even, Lanes1 odd) => odd;

    public static Lanes1 MergeLowUInt16(Lanes1 even, Lanes1 odd) => even;

    public static Lanes1 MergeHighUInt16(Lanes1 even, Lanes1 odd) => odd;

    public static Lanes1 Even(Lanes1 first, Lanes1 second) => first;

    public static Lanes1 Odd(Lanes1 first, Lanes1 second) => second;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Lanes1 Mask(bool holds) => new(holds ? -1 : 0);

    public static Lanes1 Permute(Lanes1 values, Lanes1 indices) => values;
}
