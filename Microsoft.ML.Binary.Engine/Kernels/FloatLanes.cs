using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Microsoft.ML.Binary.Kernels;

/// <summary>
/// A vector of floats of some width, for kernels that are written once and compiled for each width. What they do lane by lane gives the
/// same bits at every width; only <see cref="Sum"/> adds in another order at each.
/// </summary>
internal unsafe interface IFloatLanes<TSelf> where TSelf : struct, IFloatLanes<TSelf>
{
    static abstract int Count { get; }

    static abstract TSelf Load(float* source);

    static abstract TSelf Broadcast(float value);

    /// <summary>left * right + addend, rounded once.</summary>
    static abstract TSelf MultiplyAdd(TSelf left, TSelf right, TSelf addend);

    void Store(float* target);

    float Sum();

    static abstract TSelf operator +(TSelf left, TSelf right);

    static abstract TSelf operator -(TSelf left, TSelf right);

    static abstract TSelf operator -(TSelf value);
}

internal static class FloatLanes
{
    /// <summary>Lanes of the vectors that a path uses.</summary>
    public static int CountOf(KernelPath path) => path switch
    {
        KernelPath.Scalar => FloatLanes1.Count,
        KernelPath.Portable => FloatLanes128.Count,
        KernelPath.Avx2 => FloatLanes256.Count,
        KernelPath.Avx512 or KernelPath.Avx512Vbmi => FloatLanes512.Count,
        _ => throw new ArgumentOutOfRangeException(nameof(path), path, "There are no lanes for it."),
    };
}

internal readonly unsafe struct FloatLanes512(Vector512<float> value) : IFloatLanes<FloatLanes512>
{
    private readonly Vector512<float> _value = value;

    public static int Count => Vector512<float>.Count;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static FloatLanes512 Load(float* source) => new(Vector512.Load(source));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static FloatLanes512 Broadcast(float value) => new(Vector512.Create(value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static FloatLanes512 MultiplyAdd(FloatLanes512 left, FloatLanes512 right, FloatLanes512 addend) =>
        new(Vector512.FusedMultiplyAdd(left._value, right._value, addend._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Store(float* target) => _value.Store(target);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public float Sum() => Vector512.Sum(_value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static FloatLanes512 operator +(FloatLanes512 left, FloatLanes512 right) => new(left._value + right._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static FloatLanes512 operator -(FloatLanes512 left, FloatLanes512 right) => new(left._value - right._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static FloatLanes512 operator -(FloatLanes512 value) => new(-value._value);
}

internal readonly unsafe struct FloatLanes256(Vector256<float> value) : IFloatLanes<FloatLanes256>
{
    private readonly Vector256<float> _value = value;

    public static int Count => Vector256<float>.Count;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static FloatLanes256 Load(float* source) => new(Vector256.Load(source));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static FloatLanes256 Broadcast(float value) => new(Vector256.Create(value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static FloatLanes256 MultiplyAdd(FloatLanes256 left, FloatLanes256 right, FloatLanes256 addend) =>
        new(Vector256.FusedMultiplyAdd(left._value, right._value, addend._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Store(float* target) => _value.Store(target);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public float Sum() => Vector256.Sum(_value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static FloatLanes256 operator +(FloatLanes256 left, FloatLanes256 right) => new(left._value + right._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static FloatLanes256 operator -(FloatLanes256 left, FloatLanes256 right) => new(left._value - right._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static FloatLanes256 operator -(FloatLanes256 value) => new(-value._value);
}

internal readonly unsafe struct FloatLanes128(Vector128<float> value) : IFloatLanes<FloatLanes128>
{
    private readonly Vector128<float> _value = value;

    public static int Count => Vector128<float>.Count;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static FloatLanes128 Load(float* source) => new(Vector128.Load(source));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static FloatLanes128 Broadcast(float value) => new(Vector128.Create(value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static FloatLanes128 MultiplyAdd(FloatLanes128 left, FloatLanes128 right, FloatLanes128 addend) =>
        new(Vector128.FusedMultiplyAdd(left._value, right._value, addend._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Store(float* target) => _value.Store(target);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public float Sum() => Vector128.Sum(_value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static FloatLanes128 operator +(FloatLanes128 left, FloatLanes128 right) => new(left._value + right._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static FloatLanes128 operator -(FloatLanes128 left, FloatLanes128 right) => new(left._value - right._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static FloatLanes128 operator -(FloatLanes128 value) => new(-value._value);
}

/// <summary>One lane: the plain loops that the vectors must agree with.</summary>
internal readonly unsafe struct FloatLanes1(float value) : IFloatLanes<FloatLanes1>
{
    private readonly float _value = value;

    public static int Count => 1;

    public static FloatLanes1 Load(float* source) => new(*source);

    public static FloatLanes1 Broadcast(float value) => new(value);

    public static FloatLanes1 MultiplyAdd(FloatLanes1 left, FloatLanes1 right, FloatLanes1 addend) =>
        new(MathF.FusedMultiplyAdd(left._value, right._value, addend._value));

    public void Store(float* target) => *target = _value;

    public float Sum() => _value;

    public static FloatLanes1 operator +(FloatLanes1 left, FloatLanes1 right) => new(left._value + right._value);

    public static FloatLanes1 operator -(FloatLanes1 left, FloatLanes1 right) => new(left._value - right._value);

    public static FloatLanes1 operator -(FloatLanes1 value) => new(-value._value);
}
