using System.Collections.Immutable;

namespace Microsoft.ML.Binary.Graph;

/// <summary>Where a square convolution samples its input. Padding keeps a stride-1 output at the input's size.</summary>
/// <param name="Kernel">Rows and columns: 1 or 3.</param>
/// <param name="Stride">1 or 2.</param>
/// <param name="Dilation">Distance between taps, 1..64; 1 where the stride is 2.</param>
/// <example>
/// <code>
/// ConvolutionGeometry dilated = new(Kernel: 3, Dilation: 4);
/// Console.WriteLine(dilated.Padding);                                     // 4: the output has the size of the input
/// GraphBuilder builder = new(Precision.Float, seed: 1);
/// int image = builder.NormalizedImage(mean: [124, 116, 104], deviation: [58, 57, 57]);
/// int wide = builder.Convolution(image, "wide", outputs: 8, dilated);
/// </code>
/// </example>
public readonly record struct ConvolutionGeometry(int Kernel, int Stride = 1, int Dilation = 1)
{
    /// <summary>Padded pixels on each side.</summary>
    public int Padding => Dilation * (Kernel - 1) / 2;

    internal string? Problem() =>
        Kernel is not (1 or 3) ? $"kernel {Kernel} is not 1 or 3"
        : Stride is not (1 or 2) ? $"stride {Stride} is not 1 or 2"
        : Dilation is < 1 or > 64 ? $"dilation {Dilation} is not in 1..64"
        : Stride == 2 && Dilation != 1 ? "a strided convolution cannot be dilated"
        : null;
}

/// <summary>
/// A real-valued convolution with zero padding. Exact arithmetic: from the bias (or 0), add weight * input by input channel, kernel row,
/// kernel column; products and sums are rounded separately, padding takes part as zeros.
/// </summary>
/// <param name="Name">Unique in the graph.</param>
/// <param name="Inputs">The feature map.</param>
/// <param name="Geometry">Kernel, stride, dilation.</param>
/// <param name="Groups">Channel groups: 1, or the number of input channels (depthwise).</param>
/// <param name="Weight">[outputs, inputs / groups, kernel, kernel].</param>
/// <param name="Bias">[outputs], or none.</param>
/// <example>
/// <code>
/// Parameter ones = new("sum.weight", ParameterRole.Constant, [1, 1, 3, 3], [1, 1, 1, 1, 1, 1, 1, 1, 1]);
/// Convolution convolution = new("sum", [0], new(Kernel: 3), Groups: 1, ones, Bias: null);
/// FeatureMap map = new(channels: 1, height: 3, width: 3);
/// map.Plane(0).Fill(1);
/// FeatureMap sums = ReferenceInterpreter.Evaluate(convolution, [map], new(1, 3, 3));                           // 9 in the middle, 4 in the corners, 6 between them
/// </code>
/// </example>
public sealed record Convolution(
    string Name, ImmutableArray<int> Inputs, ConvolutionGeometry Geometry, int Groups, Parameter Weight, Parameter? Bias) : Node(Name, Inputs)
{
    /// <inheritdoc/>
    public override ImmutableArray<Parameter> Parameters => Bias is null ? [Weight] : [Weight, Bias];

    internal override Node WithParameters(Func<Parameter, Parameter> map) => this with { Weight = map(Weight), Bias = Bias is null ? null : map(Bias) };

    internal override MacCount MacsPerPixel => new(Weight.Values.Length, 0);

    internal override FeatureType Infer(ReadOnlySpan<FeatureType> inputs)
    {
        FeatureType input = Single(inputs);
        Expect(Geometry.Problem() is null, Geometry.Problem() ?? "");
        Expect(Geometry.Stride == 1 || input.Reduction == 1, "a reduced token grid cannot be strided");
        int outputs = Weight.Shape[0];
        Expect(Groups == 1 || Groups == input.Channels, $"{Groups} groups are neither 1 nor the {input.Channels} input channels");
        Expect(outputs % Groups == 0, $"{outputs} output channels do not divide into {Groups} groups");
        Expect(
            Weight.Shape.AsSpan().SequenceEqual([outputs, input.Channels / Groups, Geometry.Kernel, Geometry.Kernel]),
            $"weight [{string.Join(", ", Weight.Shape)}] does not fit {input.Channels} input channels in {Groups} groups and kernel {Geometry.Kernel}");
        if (Bias is not null)
        {
            ExpectVector(Bias);
            Expect(Bias.Values.Length == outputs, $"bias has {Bias.Values.Length} values for {outputs} output channels");
        }

        return input with { Channels = outputs, Stride = input.Stride * Geometry.Stride, Bits = FeatureType.RealBits };
    }
}

/// <summary>
/// A binary convolution as it is trained: sign(weight) with sign(0) = +1 against a map of signs, padded with +1, or of levels, padded with 0. The output
/// is the integer dot product: of signs K - 2 popcount(a xor w) for K taps times channels. The learned scale of each output channel is that of
/// the batch norm after it: a second scale in front of batch norm would cancel.
/// </summary>
/// <param name="Name">Unique in the graph.</param>
/// <param name="Inputs">A map of signs or of levels.</param>
/// <param name="Geometry">Kernel, stride, dilation.</param>
/// <param name="Weight">Latent weights, [outputs, inputs, kernel, kernel].</param>
/// <example>
/// <code>
/// Parameter latent = new("conv.weight", ParameterRole.LatentSign, [1, 3, 1, 1], [0.4f, -0.2f, 0.1f]);          // its signs are +1, -1, +1
/// BinaryConvolution convolution = new("conv", [0], new(Kernel: 1), latent);
/// FeatureMap dot = ReferenceInterpreter.Evaluate(convolution, [new(3, 1, 1, [1, -1, -1])], new(1, 1, 1));      // 1 + 1 - 1 = 1
/// </code>
/// </example>
public sealed record BinaryConvolution(
    string Name, ImmutableArray<int> Inputs, ConvolutionGeometry Geometry, Parameter Weight) : LowBitConvolution(Name, Inputs, Geometry)
{
    /// <inheritdoc/>
    public override ImmutableArray<Parameter> Parameters => [Weight];

    internal override Node WithParameters(Func<Parameter, Parameter> map) => this with { Weight = map(Weight) };

    internal override ImmutableArray<byte> Widths => [.. Enumerable.Repeat((byte)1, Weight.Shape[0])];

    internal override QuantizedTensor Levels => SignTensor.FromLatent(Weight).ToLevels();

    internal override int ReadChannels => Weight.Shape[1];

    internal override FeatureType Infer(ReadOnlySpan<FeatureType> inputs) => InferFor(Single(inputs), Weight);
}

/// <summary>A frozen <see cref="BinaryConvolution"/>: the same dot product from one-bit weights.</summary>
/// <param name="Name">Unique in the graph.</param>
/// <param name="Inputs">A map of signs or of levels.</param>
/// <param name="Geometry">Kernel, stride, dilation.</param>
/// <param name="Weight">One-bit weights.</param>
/// <example>
/// <code>
/// foreach (PackedBinaryConvolution convolution in network.Freeze().Graph.Nodes.OfType&lt;PackedBinaryConvolution>())
/// {
///     SignTensor weight = convolution.Weight;
///     Console.WriteLine($"{convolution.Name}: {weight.Inputs} to {weight.Outputs} channels, {weight.Bits.Length} bytes of weights");
/// }
/// </code>
/// </example>
public sealed record PackedBinaryConvolution(
    string Name, ImmutableArray<int> Inputs, ConvolutionGeometry Geometry, SignTensor Weight) : LowBitConvolution(Name, Inputs, Geometry)
{
    internal override ImmutableArray<byte> Widths => [.. Enumerable.Repeat((byte)1, Weight.Outputs)];

    internal override QuantizedTensor Levels => Weight.ToLevels();

    internal override int ReadChannels => Weight.Inputs;

    internal override FeatureType Infer(ReadOnlySpan<FeatureType> inputs) => InferFor(Single(inputs), Weight.Outputs, Weight.Inputs, Weight.Kernel);
}
