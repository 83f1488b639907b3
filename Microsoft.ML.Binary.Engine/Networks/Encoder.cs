using Microsoft.ML.Binary.Graph;

namespace Microsoft.ML.Binary.Networks;

/// <summary>
/// The encoder in the style of Bi-Real Net and ReActNet: a real-valued stem, then binary 3x3 convolutions, each with batch norm, a
/// real-valued shortcut around it, and RPReLU. They read signs, or levels of two bits.
/// </summary>
internal static class Encoder
{
    /// <summary>
    /// Image to stride 4 in higher precision: a strided 3x3 convolution, then a strided depthwise one and a pointwise one (the stem of
    /// QuickNet, at a fraction of a dense convolution's cost).
    /// </summary>
    public static int Stem(GraphBuilder builder, int image, int width) => builder.Scope("stem", () =>
    {
        int half = width / 2;
        int x = builder.BatchNorm(builder.Convolution(image, "first", half, new(Kernel: 3, Stride: 2)), "first.norm");
        x = builder.RPReLU(x, "first.activation");
        x = builder.BatchNorm(builder.Convolution(x, "depthwise", half, new(Kernel: 3, Stride: 2), groups: half), "depthwise.norm");
        x = builder.BatchNorm(builder.Convolution(x, "pointwise", width, new(Kernel: 1)), "pointwise.norm");
        return builder.RPReLU(x, "activation");
    });

    /// <summary>
    /// One binary 3x3 convolution at constant resolution and width, with its shortcut. If <paramref name="squeeze"/> is above 0, channels of the convolution's result are
    /// scaled: on the shortcut, the scales of all units would multiply, and training becomes unstable.
    /// </summary>
    public static int Unit(GraphBuilder builder, int input, string name, int activationBits, int dilation = 1, int squeeze = 0) => builder.Scope(name, () =>
    {
        int x = builder.BinaryOrFloatConvolution(input, "convolution", builder.TypeOf(input).Channels, new(Kernel: 3, Dilation: dilation), activationBits: activationBits);
        return builder.RPReLU(builder.Add("merge", Scaled(builder, x, squeeze), input), "activation");
    });

    /// <summary>Halves the resolution and doubles the width; the shortcut is the pooled input, twice.</summary>
    public static int Down(GraphBuilder builder, int input, string name, int activationBits, int squeeze = 0) => builder.Scope(name, () =>
    {
        int x = builder.BinaryOrFloatConvolution(input, "convolution", 2 * builder.TypeOf(input).Channels, new(Kernel: 3, Stride: 2), activationBits: activationBits);
        int pooled = builder.AveragePool(input, "pool");
        return builder.RPReLU(builder.Add("merge", Scaled(builder, x, squeeze), builder.Concat("shortcut", pooled, pooled)), "activation");
    });

    /// <summary>Halves the resolution at constant width; the shortcut is the pooled input.</summary>
    public static int Pool(GraphBuilder builder, int input, string name, int activationBits, int squeeze = 0) => builder.Scope(name, () =>
    {
        int x = builder.BinaryOrFloatConvolution(input, "convolution", builder.TypeOf(input).Channels, new(Kernel: 3, Stride: 2), activationBits: activationBits);
        return builder.RPReLU(builder.Add("merge", Scaled(builder, x, squeeze), builder.AveragePool(input, "pool")), "activation");
    });

    /// <summary>The map itself, or with channel scaling after it where a reduction is given.</summary>
    public static int Scaled(GraphBuilder builder, int input, int reduction, string name = "squeeze") =>
        reduction == 0 ? input : builder.SqueezeExcitation(input, name, reduction);
}
