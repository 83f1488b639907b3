namespace Microsoft.ML.Binary.Kernels;

/// <summary>
/// Bounds of look-up tables that hold weighted sums: for four inputs and one output, the sum of plus or minus four levels of so many bits.
/// </summary>
internal static class WeightedTables
{
    /// <summary>The largest magnitude of an entry.</summary>
    public static int Worst(int bits) => bits == 1 ? 4 : 4 << (bits - 1);

    /// <summary>Entries that a signed byte can add up without overflow.</summary>
    public static int StepsPerByte(int bits) => sbyte.MaxValue / Worst(bits);
}
