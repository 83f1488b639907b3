using System.Collections.Immutable;
using System.Numerics;
using System.Numerics.Tensors;

namespace Microsoft.ML.Binary.Graph;

/// <summary>
/// How the weights of one output channel become whole-number levels of 0, 1, 2, 4 or 8 bits: for two bits and more, the symmetric quantiser of Joint
/// Pruning and Channel-wise Mixed-Precision Quantization (arXiv 2407.01054); for one bit, the sign with the mean magnitude as its step (XNOR-Net,
/// arXiv 1603.05279), since the other gives zeros only there; for none, zeros.
/// </summary>
/// <example>
/// <code>
/// sbyte[] levels = new sbyte[3];
/// float step = ChannelQuantizer.Quantize([0.5f, -0.3f, 0.02f], bits: 4, levels);
/// Console.WriteLine($"{string.Join(' ', levels)} times {step:F4}");       // 7 -4 0 times 0.0667
/// </code>
/// </example>
public static class ChannelQuantizer
{
    /// <summary>The widths that a channel can have, in bits; 0 prunes it.</summary>
    public static ImmutableArray<byte> Widths { get; } = [0, 1, 2, 4, 8];

    /// <summary>What is wrong with the widths of so many channels, if anything is.</summary>
    internal static string? Problem(ImmutableArray<byte> bits, int outputs) =>
        bits.Length != outputs ? $"it has widths for {bits.Length} channels, and {outputs} output channels"
        : bits.Any(b => !Widths.Contains(b)) ? $"a width of {bits.First(b => !Widths.Contains(b))} bits is not one of {string.Join(", ", Widths)}"
        : null;

    /// <summary>The lowest level of a width: -1 for one bit, which has no other than that and +1.</summary>
    public static int LowestLevel(int bits) => bits == 0 ? 0 : bits == 1 ? -1 : -(1 << (bits - 1));

    /// <summary>The highest level of a width.</summary>
    public static int HighestLevel(int bits) => bits == 0 ? 0 : bits == 1 ? 1 : (1 << (bits - 1)) - 1;

    /// <summary>Quantises the weights of a channel.</summary>
    /// <param name="weights">The real weights.</param>
    /// <param name="bits">One of <see cref="Widths"/>.</param>
    /// <param name="levels">
    /// Receives a level for each weight. With m the largest magnitude (one half if that is 0) and the step s = 2 m / (2^bits - 1): weight / s rounded,
    /// halves to even, at most 2^(bits - 1) - 1. Of one bit: +1 where the weight is at least 0, else -1.
    /// </param>
    /// <returns>The step: a level times it is what stands for the weight. 0 for no bits.</returns>
    public static float Quantize(ReadOnlySpan<float> weights, int bits, Span<sbyte> levels)
    {
        switch (bits)
        {
            case 0:
                levels[..weights.Length].Clear();
                return 0;
            case 1:
                double sum = 0;
                for (int i = 0; i < weights.Length; i++)
                {
                    levels[i] = (sbyte)(weights[i] >= 0 ? 1 : -1);
                    sum += Math.Abs(weights[i]);
                }

                return (float)(sum / weights.Length);
            default:
                return QuantizeEvenly(weights, bits, levels);
        }
    }

    /// <summary>What stands for the weights of a channel: of each the level that <see cref="Quantize"/> gives it, times the step.</summary>
    internal static void QuantizeToFloats(ReadOnlySpan<float> weights, int bits, Span<float> values)
    {
        int i = 0;
        if (bits == 0)
        {
            values[..weights.Length].Clear();
        }
        else if (bits == 1)
        {
            double sum = 0;
            foreach (float weight in weights)
            {
                sum += Math.Abs(weight);
            }

            float step = (float)(sum / weights.Length);
            for (; i <= weights.Length - Vector<float>.Count; i += Vector<float>.Count)
            {
                Vector<float> isPositive = Vector.AsVectorSingle(Vector.GreaterThanOrEqual(new Vector<float>(weights[i..]), Vector<float>.Zero));
                Vector.ConditionalSelect(Vector.AsVectorInt32(isPositive), new Vector<float>(step), new Vector<float>(-step)).CopyTo(values[i..]);
            }

            for (; i < weights.Length; i++)
            {
                values[i] = weights[i] >= 0 ? step : -step;
            }
        }
        else
        {
            float step = EvenStep(Math.Abs(TensorPrimitives.MaxMagnitude(weights)), bits), lowest = LowestLevel(bits), highest = HighestLevel(bits);
            if (step == 0)
            {
                values[..weights.Length].Clear();
                return;
            }

            for (; i <= weights.Length - Vector<float>.Count; i += Vector<float>.Count)
            {
                Vector<float> level = Vector.Round(new Vector<float>(weights[i..]) / new Vector<float>(step), MidpointRounding.ToEven);
                (Vector.Max(Vector.Min(level, new Vector<float>(highest)), new Vector<float>(lowest)) * step).CopyTo(values[i..]);
            }

            for (; i < weights.Length; i++)
            {
                values[i] = Math.Clamp(MathF.Round(weights[i] / step, MidpointRounding.ToEven), lowest, highest) * step;
            }
        }
    }

    private static T EvenStep<T>(T largest, int bits) where T : IFloatingPointIeee754<T> => (largest == T.Zero ? T.One : largest + largest) / T.CreateChecked((1 << bits) - 1);

    /// <summary>
    /// The quantiser of two bits and more. The largest magnitude lies half a step beyond the last level, so that its level hangs on how the step was
    /// rounded: the published library computes in binary32, as is done here; in binary64 some of these levels differ.
    /// </summary>
    internal static T QuantizeEvenly<T>(ReadOnlySpan<T> weights, int bits, Span<sbyte> levels) where T : IFloatingPointIeee754<T>
    {
        T largest = T.Zero;
        foreach (T weight in weights)
        {
            largest = T.Max(largest, T.Abs(weight));
        }

        T step = EvenStep(largest, bits);
        T lowest = T.CreateChecked(LowestLevel(bits)), highest = T.CreateChecked(HighestLevel(bits));
        for (int i = 0; i < weights.Length; i++)
        {
            // Of the smallest floats the step may be 0.
            levels[i] = step > T.Zero ? sbyte.CreateChecked(T.Clamp(T.Round(weights[i] / step, MidpointRounding.ToEven), lowest, highest)) : (sbyte)0;
        }

        return step;
    }

    /// <summary>Weights that <see cref="Quantize"/> makes the same levels of.</summary>
    /// <returns>
    /// Whether there are any: the levels of two bits and more must be all 0, or reach to the end, where the lowest level but one will do as well.
    /// </returns>
    internal static bool TryWeightsOf(ReadOnlySpan<sbyte> levels, int bits, float oneBitMagnitude, Span<float> weights)
    {
        int lowest = LowestLevel(bits), highest = HighestLevel(bits);
        if (bits < 2 || levels.IndexOfAnyExcept((sbyte)0) < 0)
        {
            for (int i = 0; i < levels.Length; i++)
            {
                weights[i] = levels[i] * oneBitMagnitude;
            }

            return true;
        }

        // The largest magnitude lies half a step beyond the last level: exactly where the step is a power of two, and so rounded to the lowest level. With
        // a step that is itself rounded, the quotient may come out below the half; then the lowest level but one is the end.
        sbyte[] made = new sbyte[levels.Length];
        for (int attempt = 0; attempt < 64 && levels.IndexOfAny((sbyte)lowest, (sbyte)highest, (sbyte)-highest) >= 0; attempt++)
        {
            float largest = attempt == 0 ? (highest + 0.5f) / (1 << (bits + 1)) : 0.25f + attempt / 256f, step = 2 * largest / ((1 << bits) - 1);
            bool toLowest = levels.IndexOfAny((sbyte)lowest, (sbyte)highest) >= 0;
            for (int i = 0; i < levels.Length; i++)
            {
                bool isEnd = levels[i] == lowest || levels[i] == highest || (!toLowest && levels[i] == -highest);
                weights[i] = isEnd ? MathF.CopySign(largest, levels[i]) : levels[i] * step;
            }

            Quantize(weights[..levels.Length], bits, made);
            if (levels.SequenceEqual(made))
            {
                return true;
            }
        }

        return false;
    }
}
