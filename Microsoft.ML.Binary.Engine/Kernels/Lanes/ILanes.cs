namespace Microsoft.ML.Binary.Kernels;

/// <summary>
/// One register: kernels are written once over it and compiled for each width. It holds floats, and for the operations that say so integers
/// of 32, 16 or 8 bits. What is done lane by lane gives the same bits at every width; only <see cref="Sum"/> adds in another order at each.
/// </summary>
internal unsafe interface ILanes<TSelf> where TSelf : struct, ILanes<TSelf>
{
    /// <summary>Floats, or integers of 32 bits, in a register.</summary>
    static abstract int Count { get; }

    /// <summary>Integers of 16 bits in a register.</summary>
    static abstract int CountOf16 { get; }

    /// <summary>Integers of 8 bits in a register.</summary>
    static abstract int CountOf8 { get; }

    static abstract TSelf Load(float* source);

    static abstract TSelf Broadcast(float value);

    void Store(float* target);

    static abstract TSelf operator +(TSelf left, TSelf right);

    static abstract TSelf operator -(TSelf left, TSelf right);

    static abstract TSelf operator *(TSelf left, TSelf right);

    static abstract TSelf operator /(TSelf left, TSelf right);

    static abstract TSelf operator -(TSelf value);

    /// <summary>left * right + addend, rounded once.</summary>
    static abstract TSelf MultiplyAdd(TSelf left, TSelf right, TSelf addend);

    /// <summary>left * right + addend, rounded once or twice, whatever is faster.</summary>
    static abstract TSelf MultiplyAddEstimate(TSelf left, TSelf right, TSelf addend);

    static abstract TSelf Min(TSelf left, TSelf right);

    static abstract TSelf Max(TSelf left, TSelf right);

    static abstract TSelf Abs(TSelf value);

    static abstract TSelf Floor(TSelf value);

    static abstract TSelf Sqrt(TSelf value);

    float Sum();

    /// <summary>All ones where left is greater, otherwise zeros.</summary>
    static abstract TSelf Greater(TSelf left, TSelf right);

    /// <summary>All ones where left is greater or equal, otherwise zeros.</summary>
    static abstract TSelf GreaterOrEqual(TSelf left, TSelf right);

    /// <summary>Where the mask has ones the first, where it has zeros the second.</summary>
    static abstract TSelf Select(TSelf mask, TSelf first, TSelf second);

    /// <summary>Where left is greater than right the first, elsewhere the second: a mask that no register needs to hold.</summary>
    static abstract TSelf SelectGreater(TSelf left, TSelf right, TSelf first, TSelf second);

    /// <summary>A value as it is where it is greater than a bound, elsewhere times a factor.</summary>
    static abstract TSelf ScaleUnlessGreater(TSelf value, TSelf bound, TSelf factor);

    /// <summary>A value as it is where left is greater than or equal to right, elsewhere with bits added.</summary>
    static abstract TSelf OrUnlessGreaterOrEqual(TSelf value, TSelf bits, TSelf left, TSelf right);

    static abstract TSelf operator |(TSelf left, TSelf right);

    static abstract TSelf operator &(TSelf left, TSelf right);

    static abstract TSelf operator ^(TSelf left, TSelf right);

    static abstract TSelf BroadcastInt32(int value);

    static abstract TSelf AddInt32(TSelf left, TSelf right);

    static abstract TSelf ShiftLeftInt32(TSelf value, int count);

    /// <summary>Floats that are whole, as integers.</summary>
    static abstract TSelf ToInt32(TSelf value);

    /// <summary>So many integers of 16 bits as there are floats in a register, as floats.</summary>
    static abstract TSelf LoadUInt16AsFloat(ushort* source);

    static abstract TSelf LoadUInt16(ushort* source);

    static abstract TSelf BroadcastUInt16(ushort value);

    static abstract TSelf GreaterUInt16(TSelf left, TSelf right);

    static abstract TSelf AddUInt16(TSelf left, TSelf right);

    void StoreUInt16(ushort* target);

    static abstract TSelf LoadUInt8(byte* source);

    static abstract TSelf AddUInt8(TSelf left, TSelf right);

    /// <summary>Two registers of indices below 16, looked up in a table of 16 bytes.</summary>
    static abstract void LookUp(byte* table, TSelf first, TSelf second, out TSelf firstValue, out TSelf secondValue);

    /// <summary>Writes bytes as integers of 16 bits, or adds them to those that are there.</summary>
    void StoreUInt8AsUInt16(ushort* target, bool add);

    /// <summary>The lowest bytes of four registers of 32-bit integers, one register after the other.</summary>
    static abstract void StoreInt32AsUInt8(TSelf a, TSelf b, TSelf c, TSelf d, byte* target);

    /// <summary>The lower halves of two registers of 32-bit integers, one register after the other.</summary>
    static abstract void StoreInt32AsUInt16(TSelf a, TSelf b, ushort* target);

    /// <summary>The lower halves of 32-bit integers.</summary>
    static abstract void StoreInt32AsUInt16(TSelf value, ushort* target);

    /// <summary>The lower bytes of two registers of 16-bit integers, one register after the other.</summary>
    static abstract void StoreUInt16AsUInt8(TSelf a, TSelf b, byte* target);

    /// <summary>even[0], odd[0], even[1], ...: the first half of two registers merged.</summary>
    static abstract TSelf MergeLow(TSelf even, TSelf odd);

    /// <summary>The second half of two registers merged.</summary>
    static abstract TSelf MergeHigh(TSelf even, TSelf odd);

    /// <summary><see cref="MergeLow"/> of 16-bit integers.</summary>
    static abstract TSelf MergeLowUInt16(TSelf even, TSelf odd);

    /// <summary><see cref="MergeHigh"/> of 16-bit integers.</summary>
    static abstract TSelf MergeHighUInt16(TSelf even, TSelf odd);

    /// <summary>Elements 0, 2, 4, ... of two registers that follow each other.</summary>
    static abstract TSelf Even(TSelf first, TSelf second);

    /// <summary>Elements 1, 3, 5, ... of two registers that follow each other.</summary>
    static abstract TSelf Odd(TSelf first, TSelf second);

    /// <summary>values[indices[0]], values[indices[1]], ...: indices are 32-bit integers below <see cref="Count"/>.</summary>
    static abstract TSelf Permute(TSelf values, TSelf indices);
}
