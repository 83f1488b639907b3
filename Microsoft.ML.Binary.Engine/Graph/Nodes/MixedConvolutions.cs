using System.Collections.Immutable;

namespace Microsoft.ML.Binary.Graph;

/// <summary>
/// A convolution of signs whose output channels have widths of their own, in bits, as it is trained: levels of latent weights
/// (<see cref="ChannelQuantizer"/>) against a map of signs, padded with +1. The output is the sum of sign times level, a whole number, as that of a
/// <see cref="BinaryConvolution"/>, which it equals where every channel has one bit: the step of a channel belongs to the batch norm after it.
/// </summary>
/// <param name="Name">Unique in the graph.</param>
/// <param name="Inputs">A map of signs or of levels.</param>
/// <param name="Geometry">Kernel, stride, dilation.</param>
/// <param name="Weight">Latent weights, [outputs, inputs, kernel, kernel].</param>
/// <param name="Bits">The width of each output channel: 0 (always 0), 1, 2, 4 or 8 bits.</param>
/// <example>
/// <code>
/// Parameter latent = new("conv.weight", ParameterRole.LatentSign, [2, 2, 1, 1], [0.5f, -0.3f, 0.5f, -0.3f]);
/// MixedConvolution convolution = new("conv", [0], new(Kernel: 1), latent, Bits: [1, 4]);                       // levels +1, -1 and 7, -4
/// FeatureMap sums = ReferenceInterpreter.Evaluate(convolution, [new(2, 1, 1, [1, 1])], new(2, 1, 1));          // 0, 3
/// </code>
/// </example>
public sealed record MixedConvolution(
    string Name, ImmutableArray<int> Inputs, ConvolutionGeometry Geometry, Parameter Weight, ImmutableArray<byte> Bits) : LowBitConvolution(Name, Inputs, Geometry)
{
    /// <inheritdoc/>
    public override ImmutableArray<Parameter> Parameters => [Weight];

    internal override Node WithParameters(Func<Parameter, Parameter> map) => this with { Weight = map(Weight) };

    internal override ImmutableArray<byte> Widths => Bits;

    internal override QuantizedTensor Levels => QuantizedTensor.Quantize(Weight, Bits);

    internal override int ReadChannels => Weight.Shape[1];

    internal override FeatureType Infer(ReadOnlySpan<FeatureType> inputs)
    {
        Expect(ChannelQuantizer.Problem(Bits, Weight.Shape[0]) is null, ChannelQuantizer.Problem(Bits, Weight.Shape[0]) ?? "");
        return InferFor(Single(inputs), Weight);
    }
}

/// <summary>A frozen <see cref="MixedConvolution"/>: the same whole numbers from packed levels.</summary>
/// <param name="Name">Unique in the graph.</param>
/// <param name="Inputs">A map of signs or of levels.</param>
/// <param name="Geometry">Kernel, stride, dilation.</param>
/// <param name="Weight">The levels, and the width of each output channel.</param>
/// <example>
/// <code>
/// QuantizedTensor levels = new(inputs: 2, kernel: 1, bits: [1, 4], levels: [1, -1, 7, -4]);                    // one channel of one bit, one of four
/// PackedMixedConvolution convolution = new("conv", [0], new(Kernel: 1), levels);
/// FeatureMap sums = ReferenceInterpreter.Evaluate(convolution, [new(2, 1, 1, [1, 1])], new(2, 1, 1));          // 0, 3
/// </code>
/// </example>
public sealed record PackedMixedConvolution(
    string Name, ImmutableArray<int> Inputs, ConvolutionGeometry Geometry, QuantizedTensor Weight) : LowBitConvolution(Name, Inputs, Geometry)
{
    internal override ImmutableArray<byte> Widths => Weight.Bits;

    internal override QuantizedTensor Levels => Weight;

    internal override int ReadChannels => Weight.Inputs;

    internal override FeatureType Infer(ReadOnlySpan<FeatureType> inputs) => InferFor(Single(inputs), Weight.Outputs, Weight.Inputs, Weight.Kernel);
}

/// <summary>
/// A convolution of signs while the widths of its output channels are searched for (arXiv 2407.01054): each channel is a mixture of its weights
/// quantised at every precision, theta_p the softmax of its gate logits. Everywhere but in that part of training the precision of the highest logit is
/// all that counts (of equal ones the first), and the output is the sum of sign times quantised weight. Freezing makes a
/// <see cref="PackedMixedConvolution"/> of it and gives the steps to the batch norm after it.
/// </summary>
/// <param name="Name">Unique in the graph.</param>
/// <param name="Inputs">A map of signs or of levels.</param>
/// <param name="Geometry">Kernel, stride, dilation.</param>
/// <param name="Weight">Real weights, [outputs, inputs, kernel, kernel].</param>
/// <param name="GateLogits">[precisions, outputs], with the role <see cref="ParameterRole.Architecture"/>.</param>
/// <param name="Precisions">Ascending widths in bits, of 0, 1, 2, 4 and 8.</param>
/// <param name="TiedTo">
/// The search convolution whose gates these follow, so that both always have the same widths: the keys of attention have those of the queries, since a
/// channel of one is of no use without that of the other.
/// </param>
/// <example>
/// <code>
/// DenseGraph searched = WidthGraphs.ToSearch(network.Unfreeze().Graph, precisions: [0, 2, 8]);
/// foreach (SearchConvolution convolution in searched.Nodes.OfType&lt;SearchConvolution>())
/// {
///     Console.WriteLine($"{convolution.Name}: {convolution.Bits.Average(bits => bits):F1} bits a channel");    // 8.0 until the search has moved the gates
/// }
/// </code>
/// </example>
public sealed record SearchConvolution(
    string Name, ImmutableArray<int> Inputs, ConvolutionGeometry Geometry, Parameter Weight, Parameter GateLogits, ImmutableArray<byte> Precisions,
    string? TiedTo = null) : LowBitConvolution(Name, Inputs, Geometry)
{
    /// <inheritdoc/>
    public override ImmutableArray<Parameter> Parameters => [Weight, GateLogits];

    /// <summary>The width that counts of each channel as the gates are.</summary>
    public ImmutableArray<byte> Bits => [.. Enumerable.Range(0, Weight.Shape[0]).Select(c => Precisions[Preferred(c)])];

    /// <summary>Index of the precision that the gates of a channel prefer, of those from <paramref name="first"/> on; of equal ones the first.</summary>
    internal int Preferred(int channel, int first = 0)
    {
        int best = first;
        for (int p = first + 1; p < Precisions.Length; p++)
        {
            best = GateLogits.Values[p * Weight.Shape[0] + channel] > GateLogits.Values[best * Weight.Shape[0] + channel] ? p : best;
        }

        return best;
    }

    internal override Node WithParameters(Func<Parameter, Parameter> map) => this with { Weight = map(Weight), GateLogits = map(GateLogits) };

    internal override ImmutableArray<byte> Widths => Bits;

    internal override QuantizedTensor Levels => QuantizedTensor.Quantize(Weight, Bits);

    internal override int ReadChannels => Weight.Shape[1];

    internal override FeatureType Infer(ReadOnlySpan<FeatureType> inputs)
    {
        Expect(Precisions.Length >= 1 && ChannelQuantizer.Problem(Precisions, Precisions.Length) is null, ChannelQuantizer.Problem(Precisions, Precisions.Length) ?? "it has no precisions");
        Expect(Precisions.AsSpan().SequenceEqual([.. Precisions.Distinct().Order()]), $"precisions {string.Join(", ", Precisions)} are not in ascending order");
        Expect(
            GateLogits.Shape.AsSpan().SequenceEqual([Precisions.Length, Weight.Shape[0]]),
            $"gate logits [{string.Join(", ", GateLogits.Shape)}] do not fit {Precisions.Length} precisions of {Weight.Shape[0]} channels");
        return InferFor(Single(inputs), Weight);
    }
}
