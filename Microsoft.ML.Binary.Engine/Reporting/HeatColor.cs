using Microsoft.ML.Binary.Imaging;

namespace Microsoft.ML.Binary.Reporting;

/// <summary>A ramp from near black through violet and orange to pale yellow, legible on light and dark pages.</summary>
internal static class HeatColor
{
    private static readonly RgbColor[] Stops =
        [new(22, 20, 40), new(78, 34, 112), new(166, 48, 108), new(230, 98, 66), new(252, 172, 62), new(252, 240, 180)];

    /// <summary>The colour of a share of 0..1; of none where the share is undefined. Small shares are spread: they are the errors.</summary>
    public static RgbColor Of(double share)
    {
        double position = double.IsNaN(share) ? 0 : Math.Sqrt(Math.Clamp(share, 0, 1)) * (Stops.Length - 1);
        int below = Math.Min((int)position, Stops.Length - 2);
        return Canvas.Mix(Stops[below], Stops[below + 1], (float)(position - below));
    }
}
