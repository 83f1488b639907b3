using System.Globalization;

namespace Microsoft.ML.Binary.Training.MixedPrecision;

/// <summary>
/// What convolutions cost by the widths of their output channels, for a search to keep low.
/// The cost of a layer is the sum of those of its channels (or groups of them); where no channel of it is kept it is 0.
/// </summary>
/// <remarks>
/// The published library multiplies the mean share of a precision by the cost of all channels that are kept, and so takes pruning off twice.
/// </remarks>
/// <example>
/// <code>
/// double bits = MixedPrecisionSearch.CostOf(network.Graph, WidthCost.Size, height: 360, width: 480);
/// </code>
/// </example>
public abstract class WidthCost
{
    /// <summary>Bits of the weights, and 40 for each kept channel: its width and scale.</summary>
    public static WidthCost Size { get; } = new LinearCost("size", "bits", (shape, bits) => bits == 0 ? 0 : (double)bits * shape.Products + LinearCost.ChannelBits);

    /// <summary>Bits of the weights alone, which is what a network file grows by.</summary>
    public static WidthCost Weights { get; } = new LinearCost("weights", "bits", (shape, bits) => (double)bits * shape.Products);

    /// <summary>Bits of a weight times bits of an activation, over all products.</summary>
    public static WidthCost BitOperations { get; } = new LinearCost("bitops", "bit operations", (shape, bits) => (double)bits * shape.ActivationBits * shape.Products * shape.Pixels);

    /// <summary>Cycles on MPIC, a RISC-V core with instructions for mixed precisions, for activations of <paramref name="activationBits"/> (2, 4 or 8) bits.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It has no activations of so many bits.</exception>
    public static WidthCost Mpic(int activationBits = MpicTable.UsualActivations)
    {
        MpicTable.Cycles(activationBits, weightBits: 1);
        return new LinearCost(
            "mpic", "cycles", (shape, bits) => MpicTable.Cycles(activationBits, bits) * shape.Products * shape.Pixels,
            activationBits == MpicTable.UsualActivations ? "mpic" : string.Create(CultureInfo.InvariantCulture, $"mpic {activationBits}"));
    }

    /// <summary>Cycles on NE16, an accelerator that works through weights bit by bit, 32 output and 16 input channels at a time; activations have 8 bits.</summary>
    public static WidthCost Ne16 { get; } = new Ne16Cost();

    /// <summary>The name on the command line.</summary>
    public abstract string Name { get; }

    /// <summary>Tells costs apart that would give other results.</summary>
    internal virtual string Key => Name;

    /// <summary>What it is counted in.</summary>
    public abstract string Unit { get; }

    /// <summary>The cost of a layer.</summary>
    /// <param name="shape">The layer.</param>
    /// <param name="widths">Widths in bits.</param>
    /// <param name="channels">How many channels have each of them; fractions while searching.</param>
    /// <param name="gradient">Receives the derivative by each of <paramref name="channels"/>, rounding taken for the identity; or empty.</param>
    public abstract double Of(ConvolutionShape shape, ReadOnlySpan<byte> widths, ReadOnlySpan<double> channels, Span<double> gradient);

    /// <summary>The cost of a layer with the given width of each channel, in their order.</summary>
    public virtual double Of(ConvolutionShape shape, IEnumerable<byte> bits)
    {
        ArgumentNullException.ThrowIfNull(bits);
        (byte Width, int Count)[] groups = [.. bits.GroupBy(width => width).Select(group => (group.Key, group.Count()))];
        return Of(shape, [.. groups.Select(group => group.Width)], [.. groups.Select(group => (double)group.Count)], []);
    }
}

/// <summary>A cost that each channel has for itself.</summary>
/// <param name="name">See <see cref="WidthCost.Name"/>.</param>
/// <param name="unit">See <see cref="WidthCost.Unit"/>.</param>
/// <param name="ofChannel">The cost of a channel of a width.</param>
/// <param name="key">See <see cref="WidthCost.Key"/>; null for the name.</param>
internal class LinearCost(string name, string unit, Func<ConvolutionShape, int, double> ofChannel, string? key = null) : WidthCost
{
    /// <summary>Bits that a kept channel takes beside its weights.</summary>
    public const int ChannelBits = 40;

    public override string Name => name;

    public override string Unit => unit;

    internal override string Key => key ?? name;

    public override double Of(ConvolutionShape shape, ReadOnlySpan<byte> widths, ReadOnlySpan<double> channels, Span<double> gradient)
    {
        double sum = 0;
        for (int p = 0; p < widths.Length; p++)
        {
            double each = ofChannel(shape, widths[p]);
            sum += channels[p] * each;
            if (!gradient.IsEmpty)
            {
                gradient[p] = each;
            }
        }

        return sum;
    }
}

/// <summary>Multiply-accumulates of a cycle on MPIC, as published with arXiv 2407.01054.</summary>
internal static class MpicTable
{
    /// <summary>Bits of activations unless something else is asked for.</summary>
    public const int UsualActivations = 2;

    public static double Cycles(int activationBits, int weightBits) => weightBits == 0 ? 0 : 1 / (activationBits, weightBits) switch
    {
        // One-bit weights run as those of two: there is nothing narrower.
        (2, 1 or 2) => 6.5,
        (2, 4) => 4.0,
        (2, 8) => 2.2,
        (4, 1 or 2) => 3.9,
        (4, 4) => 3.5,
        (4, 8) => 2.1,
        (8, 1 or 2) => 2.5,
        (8, 4) => 2.3,
        (8, 8) => 2.1,
        _ => throw new ArgumentOutOfRangeException(nameof(activationBits), activationBits, "MPIC has activations of 2, 4 or 8 bits."),
    };
}

/// <summary>See <see cref="WidthCost.Ne16"/>; the figures are those published with arXiv 2407.01054.</summary>
internal sealed class Ne16Cost : WidthCost
{
    private const int OutputGroup = 32, InputGroup = 16, TileSide = 3;

    public override string Name => "ne16";

    public override string Unit => "cycles";

    public override double Of(ConvolutionShape shape, ReadOnlySpan<byte> widths, ReadOnlySpan<double> channels, Span<double> gradient)
    {
        double sum = 0;
        double tiles = Math.Ceiling(shape.Height / (double)TileSide) * Math.Ceiling(shape.Width / (double)TileSide);
        for (int p = 0; p < widths.Length; p++)
        {
            double count = widths[p] == 0 ? 0 : channels[p], rest = count % OutputGroup;
            sum += tiles * (Math.Floor(count / OutputGroup) * Iteration(shape, widths[p], OutputGroup) + (rest > 0 ? Iteration(shape, widths[p], rest) : 0));
            if (!gradient.IsEmpty)
            {
                double slope = Math.Ceiling(shape.Inputs / (double)InputGroup) * (shape.Geometry.Kernel == 3 ? widths[p] : 1) + 1;
                gradient[p] = widths[p] == 0 ? 0 : tiles * (Iteration(shape, widths[p], OutputGroup) / OutputGroup + (rest > 0 ? slope : 0));
            }
        }

        return sum;
    }

    private static double Iteration(ConvolutionShape shape, int bits, double outputs)
    {
        bool isWindow = shape.Geometry.Kernel == 3;
        double load = isWindow ? 31 : 19, product = 6 + (isWindow ? outputs * bits : outputs);
        return Math.Ceiling(shape.Inputs / (double)InputGroup) * (load + 6 + product + 2) + (9 + Math.Ceiling(outputs)) + 13;
    }
}
