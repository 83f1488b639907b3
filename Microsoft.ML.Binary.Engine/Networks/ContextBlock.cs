using Microsoft.ML.Binary.Graph;

namespace Microsoft.ML.Binary.Networks;

/// <summary>
/// Brings the map of stride 32 back to stride 16: enlarged bilinearly, once as it is and once through a binary 3x3 convolution, each scaled by a
/// batch norm that starts at 0, so that before training nothing is added to the map of stride 16.
/// </summary>
internal static class ContextBlock
{
    public static int Append(GraphBuilder builder, int deep, int skip, string name) => builder.Scope(name, () =>
    {
        int smooth = builder.Upsample(deep, "bilinear", 2, UpsampleMode.Bilinear);
        int convolved = builder.BinaryOrFloatConvolution(smooth, "convolution", builder.TypeOf(skip).Channels, new(Kernel: 3), gain: 0);
        return builder.Add("merge", convolved, builder.BatchNorm(smooth, "scale", gain: 0), skip);
    });
}
