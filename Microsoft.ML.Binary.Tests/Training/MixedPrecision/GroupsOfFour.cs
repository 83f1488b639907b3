using Microsoft.ML.Binary.Training.MixedPrecision;

namespace Microsoft.ML.Binary.Tests.Training.MixedPrecision;

/// <summary>A cost of whole groups of channels: within one, wider is free.</summary>
internal sealed class GroupsOfFour : WidthCost
{
    public override string Name => "groups";

    public override string Unit => "groups";

    public override double Of(ConvolutionShape shape, ReadOnlySpan<byte> widths, ReadOnlySpan<double> channels, Span<double> gradient)
    {
        double sum = 0;
        for (int p = 0; p < widths.Length; p++)
        {
            sum += widths[p] == 0 ? 0 : Math.Ceiling(channels[p] / 4) * (1 + 0.1 * widths[p]);
            if (!gradient.IsEmpty)
            {
                gradient[p] = widths[p] == 0 ? 0 : (1 + 0.1 * widths[p]) / 4;
            }
        }

        return sum;
    }
}
