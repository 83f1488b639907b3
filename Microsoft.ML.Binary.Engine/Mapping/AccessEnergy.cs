using System.Numerics;

namespace Microsoft.ML.Binary.Mapping;

/// <summary>
/// Energies of components in 45 nm that follow from their size, pJ. Fitted to the tables of Accelergy's Aladdin plug-in; the energy of SRAM
/// comes from CACTI and has no such formula.
/// </summary>
internal static class AccessEnergy
{
    /// <summary>An access to a register file: registers of the word and an address comparator for each word.</summary>
    public static double RegisterFile(long words, int wordBits) =>
        0.009 * wordBits + 0.029015 / 32 * words * CeilingLog2(words) + 0.0488;

    /// <summary>An integer multiply-accumulate on a data path of so many bits.</summary>
    public static double Mac(int bits) => Multiplication(bits, bits) + Addition(bits);

    /// <summary>A multiply-accumulate whose multiplier and adder are as wide as the values are.</summary>
    public static double Mac(BitWidths bits) => Multiplication(bits.Inputs, bits.Weights) + Addition(bits.Sums);

    private static double Multiplication(int a, int b) => 8.63 * a * b / (32 * 32);

    private static double Addition(int bits) => 0.0857 * bits / 32;

    private static int CeilingLog2(long value) => value <= 1 ? 0 : BitOperations.Log2((ulong)(value - 1)) + 1;
}
