using System.Collections.Immutable;

namespace Microsoft.ML.Binary.Graph;

/// <summary>
/// A convolution of signs whose output channels have widths of their own, in bits, as it is trained: levels of latent weights
/// (<see cref="ChannelQuantizer"/>) against a map of signs, padded with +1. The output is the sum of sign times level, a whole number, as that of a
/// <see cref="BinaryConvolution"/>, which it equals where every channel has one bit: the step of a channel belongs to the batch norm after it.
/// </summary>
/// <param name="Name">Unique in the graph.</param>
/// <param name="Inputs">A map of signs.</param>
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
    string Name, ImmutableArray<int> Inputs, ConvolutionGeometry Geometry, Parameter Weight, ImmutableArray<byte> Bits) : Node(Name, Inputs)
{
    /// <inheritdoc/>
    public override ImmutableArray<Parameter> Parameters => [Weight];

    internal override Node WithParameters(Func<Parameter, Parameter> map) => this with { Weight = map(Weight) };

    internal override MacCount MacsPerPixel => MixedConvolutions.Macs(Bits, Weight.Values.Length);

    internal override FeatureType Infer(ReadOnlySpan<FeatureType> inputs)
    {
        Expect(Weight.Shape.Length == 4, $"its weight has {Weight.Shape.Length} sides, not 4");
        Expect(MixedConvolutions.Problem(Bits, Weight.Shape[0]) is null, MixedConvolutions.Problem(Bits, Weight.Shape[0]) ?? "");
        FeatureType type = InferOfSigns(Single(inputs), Geometry, Weight.Shape[0], Weight.Shape[1], Weight.Shape[2]);
        Expect(Weight.Shape[2] == Weight.Shape[3], $"its kernel is {Weight.Shape[2]}x{Weight.Shape[3]}, not square");
        return type;
    }
}

/// <summary>A frozen <see cref="MixedConvolution"/>: the same whole numbers from packed levels.</summary>
/// <param name="Name">Unique in the graph.</param>
/// <param name="Inputs">A map of signs.</param>
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
    string Name, ImmutableArray<int> Inputs, ConvolutionGeometry Geometry, QuantizedTensor Weight) : Node(Name, Inputs)
{
    internal override MacCount MacsPerPixel => new(0, Weight.WeightBits);

    internal override FeatureType Infer(ReadOnlySpan<FeatureType> inputs) =>
        InferOfSigns(Single(inputs), Geometry, Weight.Outputs, Weight.Inputs, Weight.Kernel);
}

/// <summary>
/// A convolution of signs while the widths of its output channels are searched for (arXiv 2407.01054): each channel is a mixture of its weights
/// quantised at every precision, theta_p the softmax of its gate logits. Everywhere but in that part of training the precision of the highest logit is
/// all that counts (of equal ones the first), and the output is the sum of sign times quantised weight. Freezing makes a
/// <see cref="PackedMixedConvolution"/> of it and gives the steps to the batch norm after it.
/// </summary>
/// <param name="Name">Unique in the graph.</param>
/// <param name="Inputs">A map of signs.</param>
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
    string? TiedTo = null) : Node(Name, Inputs)
{
    /// <inheritdoc/>
    public override ImmutableArray<Parameter> Parameters => [Weight, GateLogits];

    /// <summary>The width that counts of each channel as the gates are.</summary>
    public ImmutableArray<byte> Bits
    {
        get
        {
            int outputs = Weight.Shape[0];
            byte[] bits = new byte[outputs];
            for (int c = 0; c < outputs; c++)
            {
                int best = 0;
                for (int p = 1; p < Precisions.Length; p++)
                {
                    best = GateLogits.Values[p * outputs + c] > GateLogits.Values[best * outputs + c] ? p : best;
                }

                bits[c] = Precisions[best];
            }

            return [.. bits];
        }
    }

    internal override Node WithParameters(Func<Parameter, Parameter> map) => this with { Weight = map(Weight), GateLogits = map(GateLogits) };

    internal override MacCount MacsPerPixel => MixedConvolutions.Macs(Bits, Weight.Values.Length);

    internal override FeatureType Infer(ReadOnlySpan<FeatureType> inputs)
    {
        Expect(Weight.Shape.Length == 4 && Weight.Shape[2] == Weight.Shape[3], $"weight [{string.Join(", ", Weight.Shape)}] has no square kernel");
        Expect(Precisions.Length >= 1 && MixedConvolutions.Problem(Precisions, Precisions.Length) is null, MixedConvolutions.Problem(Precisions, Precisions.Length) ?? "it has no precisions");
        Expect(Precisions.AsSpan().SequenceEqual([.. Precisions.Distinct().Order()]), $"precisions {string.Join(", ", Precisions)} are not in ascending order");
        Expect(
            GateLogits.Shape.AsSpan().SequenceEqual([Precisions.Length, Weight.Shape[0]]),
            $"gate logits [{string.Join(", ", GateLogits.Shape)}] do not fit {Precisions.Length} precisions of {Weight.Shape[0]} channels");
        return InferOfSigns(Single(inputs), Geometry, Weight.Shape[0], Weight.Shape[1], Weight.Shape[2]);
    }
}

/// <summary>What the convolutions of several widths have in common.</summary>
internal static class MixedConvolutions
{
    public static MacCount Macs(ImmutableArray<byte> bits, int weights) => new(0, bits.Sum(b => (long)b) * (weights / bits.Length));

    public static string? Problem(ImmutableArray<byte> bits, int outputs) =>
        bits.Length != outputs ? $"it has widths for {bits.Length} channels, and {outputs} output channels"
        : bits.Any(b => !ChannelQuantizer.Widths.Contains(b)) ? $"a width of {bits.First(b => !ChannelQuantizer.Widths.Contains(b))} bits is not one of {string.Join(", ", ChannelQuantizer.Widths)}"
        : null;

    /// <summary>The widths of a convolution that reads signs; null for any other node.</summary>
    public static ImmutableArray<byte>? Widths(Node node) => node switch
    {
        BinaryConvolution n => Enumerable.Repeat((byte)1, n.Weight.Shape[0]).ToImmutableArray(),
        PackedBinaryConvolution n => Enumerable.Repeat((byte)1, n.Weight.Outputs).ToImmutableArray(),
        MixedConvolution n => n.Bits,
        PackedMixedConvolution n => n.Weight.Bits,
        SearchConvolution n => n.Bits,
        _ => null,
    };
}
