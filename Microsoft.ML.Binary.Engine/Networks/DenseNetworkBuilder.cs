using Microsoft.ML.Binary.Graph;

namespace Microsoft.ML.Binary.Networks;

/// <summary>
/// The network of this package: encoder at strides 4, 8 and 16 (dilated there), reduced attention, two multi-branch upsamplers back to
/// stride 4, and a real-valued classifier whose logits are enlarged to the image's size.
/// </summary>
/// <example>
/// <code>
/// DenseGraph graph = DenseNetworkBuilder.Build(NetworkConfiguration.For(NetworkPreset.Small, outputs: 3));
/// DenseNetwork network = new(graph, DenseTask.Segmentation, ["background", "inside", "contour"]);
/// </code>
/// </example>
public static class DenseNetworkBuilder
{
    // Means and deviations of the ImageNet training set, on the scale 0..255: a common choice for natural images.
    private static ReadOnlySpan<float> ImageMean => [123.675f, 116.28f, 103.53f];

    private static ReadOnlySpan<float> ImageDeviation => [58.395f, 57.12f, 57.375f];

    /// <summary>Builds a trainable graph with initial weights.</summary>
    /// <exception cref="ArgumentException">The configuration is out of range.</exception>
    public static DenseGraph Build(NetworkConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        Validate(configuration);
        GraphBuilder builder = new(configuration.Precision, configuration.Seed);
        EncoderMaps maps = Encode(builder, configuration);
        return builder.Build(new GraphOutput(DenseGraph.LogitsOutput, AppendHead(builder, AppendUpsamplers(builder, maps, configuration), configuration, configuration.Outputs)));
    }

    /// <summary>The encoder, attention included.</summary>
    internal static EncoderMaps Encode(GraphBuilder builder, NetworkConfiguration configuration)
    {
        builder.HasAdaptiveThresholds = configuration.AdaptiveThresholds.HasFlag(AdaptiveThresholds.Encoder);
        int image = builder.NormalizedImage(ImageMean, ImageDeviation);
        int stride4 = Encoder.Stem(builder, image, configuration.Width), bits = configuration.ActivationBits;
        for (int i = 0; i < configuration.Stride4Depth; i++)
        {
            stride4 = Encoder.Unit(builder, stride4, $"stride4.{i}", bits);
        }

        int squeeze8 = Squeeze(configuration, ChannelScaling.Stride8), squeeze16 = Squeeze(configuration, ChannelScaling.Stride16);
        int stride8 = Encoder.Down(builder, stride4, "stride8.0", bits, squeeze8);
        for (int i = 1; i < configuration.Stride8Depth; i++)
        {
            stride8 = Encoder.Unit(builder, stride8, $"stride8.{i}", bits, squeeze: squeeze8);
        }

        int stride16 = Encoder.Down(builder, stride8, "stride16.0", bits, squeeze16);
        for (int i = 1; i < configuration.Stride16Depth; i++)
        {
            int dilation = configuration.Stride16Dilations[(i - 1) % configuration.Stride16Dilations.Length];
            stride16 = Encoder.Unit(builder, stride16, $"stride16.{i}", bits, dilation, squeeze16);
        }

        stride16 = Attended(stride16, stride: 16);
        if (configuration.Stride32Depth > 0)
        {
            int stride32 = Encoder.Pool(builder, stride16, "stride32.0", bits, squeeze16);
            for (int i = 1; i < configuration.Stride32Depth; i++)
            {
                stride32 = Encoder.Unit(builder, stride32, $"stride32.{i}", bits, squeeze: squeeze16);
            }

            stride16 = ContextBlock.Append(builder, Attended(stride32, stride: 32), stride16, "context");
        }

        return new(stride4, stride8, stride16);

        int Attended(int input, int stride) => configuration.AttentionHeads > 0 && configuration.AttentionStride == stride
            ? AttentionBlock.Append(builder, input, "attention", configuration.AttentionHeads, configuration.AttentionReduction)
            : input;
    }

    /// <summary>The upsamplers from stride 16 to stride 4.</summary>
    internal static int AppendUpsamplers(GraphBuilder builder, EncoderMaps maps, NetworkConfiguration configuration)
    {
        builder.HasAdaptiveThresholds = configuration.AdaptiveThresholds.HasFlag(AdaptiveThresholds.Upsampling);
        int squeeze = Squeeze(configuration, ChannelScaling.Upsampling);
        int x = Encoder.Scaled(builder, maps.Stride16, squeeze, "up8.squeeze");
        x = MultiBranchUpsampler.Append(builder, x, maps.Stride8, "up8", configuration);
        x = Encoder.Scaled(builder, x, squeeze, "up4.squeeze");
        return MultiBranchUpsampler.Append(builder, x, maps.Stride4, "up4", configuration);
    }

    /// <summary>What makes the logits of one task from a map of stride 4.</summary>
    internal static int AppendHead(GraphBuilder builder, int x, NetworkConfiguration configuration, int outputs)
    {
        builder.HasAdaptiveThresholds = configuration.AdaptiveThresholds.HasFlag(AdaptiveThresholds.Head);
        for (int i = 0; i < configuration.RefineDepth; i++)
        {
            x = Encoder.Unit(builder, x, $"refine.{i}", configuration.ActivationBits);
        }

        x = Encoder.Scaled(builder, x, Squeeze(configuration, ChannelScaling.Head), "classifier.squeeze");
        int logits = builder.Convolution(x, "classifier", outputs, new(Kernel: 1), bias: true, gain: 0.1f);
        return builder.Upsample(logits, "enlarge", 4, UpsampleMode.Bilinear);
    }

    private static int Squeeze(NetworkConfiguration configuration, ChannelScaling place) =>
        configuration.Scaling.HasFlag(place) ? configuration.ScalingReduction : 0;

    /// <exception cref="ArgumentException">The configuration is out of range.</exception>
    internal static void Validate(NetworkConfiguration c)
    {
        Check(c.Outputs is >= 1 and <= 255, nameof(c.Outputs), c.Outputs, "from 1 to 255");
        Check(c.Width >= 8 && c.Width <= 1024 && c.Width % 8 == 0, nameof(c.Width), c.Width, "a multiple of 8 from 8 to 1024");
        Check(c.Stride4Depth is >= 0 and <= 64, nameof(c.Stride4Depth), c.Stride4Depth, "from 0 to 64");
        Check(c.Stride8Depth is >= 1 and <= 64, nameof(c.Stride8Depth), c.Stride8Depth, "from 1 to 64");
        Check(c.Stride16Depth is >= 1 and <= 64, nameof(c.Stride16Depth), c.Stride16Depth, "from 1 to 64");
        Check(!c.Stride16Dilations.IsDefaultOrEmpty, nameof(c.Stride16Dilations), "empty", "one dilation or more");
        Check(c.Stride16Dilations.All(d => d is >= 1 and <= 64), nameof(c.Stride16Dilations), string.Join(", ", c.Stride16Dilations), "from 1 to 64 each");
        Check((c.Branches & (UpsampleBranches.All | UpsampleBranches.Transposed)) == c.Branches && c.Branches != 0, nameof(c.Branches), c.Branches, "one branch or more");
        Check(c.RefineDepth is >= 0 and <= 64, nameof(c.RefineDepth), c.RefineDepth, "from 0 to 64");
        Check(
            c.AttentionHeads == 0 || (c.AttentionHeads > 0 && 4 * c.Width % c.AttentionHeads == 0),
            nameof(c.AttentionHeads), c.AttentionHeads, $"0, or a divisor of the {4 * c.Width} channels at stride 16");
        Check(c.Stride32Depth is >= 0 and <= 64, nameof(c.Stride32Depth), c.Stride32Depth, "from 0 to 64");
        Check(
            c.AttentionStride == 16 || (c.AttentionStride == 32 && c.Stride32Depth > 0),
            nameof(c.AttentionStride), c.AttentionStride, $"16, or 32 where {nameof(c.Stride32Depth)} is above 0");
        Check(c.ActivationBits is 1 or 2, nameof(c.ActivationBits), c.ActivationBits, "1 or 2");
        Check((c.AdaptiveThresholds & AdaptiveThresholds.All) == c.AdaptiveThresholds, nameof(c.AdaptiveThresholds), c.AdaptiveThresholds, "a combination of places");
        Check(Enum.IsDefined(c.Gates), nameof(c.Gates), c.Gates, "static or dynamic");
        Check((c.Scaling & ChannelScaling.All) == c.Scaling, nameof(c.Scaling), c.Scaling, "a combination of places");
        Check(c.ScalingReduction is >= 1 and <= 64, nameof(c.ScalingReduction), c.ScalingReduction, "from 1 to 64");
        Check(c.AttentionReduction is >= 1 and <= 64, nameof(c.AttentionReduction), c.AttentionReduction, "from 1 to 64");

        static void Check(bool condition, string name, object value, string expected)
        {
            if (!condition)
            {
                throw new ArgumentException($"{name} is {value}; it must be {expected}.", name);
            }
        }
    }
}

/// <summary>The maps of an encoder, by their strides.</summary>
internal readonly record struct EncoderMaps(int Stride4, int Stride8, int Stride16);
