using System.Collections.Immutable;

namespace Microsoft.ML.Binary.Graph;

/// <summary>
/// A convolution whose result is a whole number: weights of few bits times activations of few bits, a width of its own for each output channel. Products
/// are with signs, the map padded with +1, or with levels 0 to 3 (<see cref="ActivationLevels"/>), the map padded with 0.
/// </summary>
/// <param name="Name">Unique in the graph.</param>
/// <param name="Inputs">A map of signs or of levels.</param>
/// <param name="Geometry">Kernel, stride, dilation.</param>
/// <example>
/// <code>
/// foreach (LowBitConvolution convolution in network.Graph.Nodes.OfType&lt;LowBitConvolution>())
/// {
///     Console.WriteLine($"{convolution.Name}: {convolution.Geometry.Kernel}x{convolution.Geometry.Kernel}, activations of {convolution.ActivationBits} bits");
/// }
/// </code>
/// </example>
public abstract record LowBitConvolution(string Name, ImmutableArray<int> Inputs, ConvolutionGeometry Geometry) : Node(Name, Inputs)
{
    /// <summary>Bits of an activation that it reads: 1 (signs), or 2 (levels).</summary>
    public int ActivationBits { get; init; } = 1;

    /// <summary>What lies around the map that it reads: the sign of a clear bit, or level 0.</summary>
    internal float Padding => ActivationBits == 1 ? 1 : 0;

    /// <summary>The width of each output channel.</summary>
    internal abstract ImmutableArray<byte> Widths { get; }

    /// <summary>The weights as whole numbers, as they are used: of latent ones those that they are quantised to.</summary>
    internal abstract QuantizedTensor Levels { get; }

    /// <summary>Input channels.</summary>
    internal abstract int ReadChannels { get; }

    /// <summary>Products of an output value.</summary>
    internal int Products => ReadChannels * Geometry.Kernel * Geometry.Kernel;

    /// <summary>Bits of all weights together.</summary>
    internal long WeightBits => Widths.Sum(bits => (long)bits) * Products;

    internal override MacCount MacsPerPixel => new(0, ActivationBits * WeightBits);

    /// <summary>The output of a convolution with weights for so many channels.</summary>
    private protected FeatureType InferFor(FeatureType input, int outputs, int inputs, int kernel)
    {
        Expect(Geometry.Problem() is null, Geometry.Problem() ?? "");
        Expect(Geometry.Stride == 1 || input.Reduction == 1, "a reduced token grid cannot be strided");
        Expect(ActivationBits is 1 or 2, $"activations of {ActivationBits} bits are not possible; they have 1 (signs) or 2 (levels)");
        Expect(
            input.Bits == ActivationBits,
            ActivationBits == 1 ? "a binary convolution reads signs; put a sign node in front of it" : $"it reads levels of {ActivationBits} bits; put a node that makes them in front of it");
        Expect(
            inputs == input.Channels && kernel == Geometry.Kernel,
            $"weights for {inputs} channels and kernel {kernel} do not fit {input.Channels} channels and kernel {Geometry.Kernel}");
        return input with { Channels = outputs, Stride = input.Stride * Geometry.Stride, Bits = FeatureType.RealBits };
    }

    /// <summary>The same from the shape of latent weights.</summary>
    private protected FeatureType InferFor(FeatureType input, Parameter weight)
    {
        Expect(
            weight.Shape is [_, var inputs, var rows, var columns] && inputs == input.Channels && rows == Geometry.Kernel && columns == Geometry.Kernel,
            $"weight [{string.Join(", ", weight.Shape)}] does not fit {input.Channels} input channels and kernel {Geometry.Kernel}");
        return InferFor(input, weight.Shape[0], weight.Shape[1], weight.Shape[2]);
    }
}
