using Microsoft.ML.Binary.Graph;

namespace Microsoft.ML.Binary.Training.MixedPrecision;

/// <summary>What a cost model knows of a convolution whose widths are chosen.</summary>
/// <param name="Name">The node.</param>
/// <param name="Inputs">Input channels that an output channel reads.</param>
/// <param name="Outputs">Output channels.</param>
/// <param name="Geometry">Kernel, stride, dilation.</param>
/// <param name="Height">Rows of the output.</param>
/// <param name="Width">Columns of the output.</param>
/// <param name="ReadsDoubled">Whether it is a 3x3 window over signs that nearest-neighbour enlargement has doubled, which kernels do in fewer steps.</param>
/// <example>
/// <code>
/// ConvolutionShape shape = new("conv", Inputs: 64, Outputs: 128, new(Kernel: 3), Height: 45, Width: 60);
/// double mixed = WidthCost.Size.Of(shape, [.. Enumerable.Repeat((byte)1, 96), .. Enumerable.Repeat((byte)4, 32)]);     // bits, with 96 channels of one and 32 of four
/// </code>
/// </example>
public sealed record ConvolutionShape(
    string Name, int Inputs, int Outputs, ConvolutionGeometry Geometry, int Height, int Width, bool ReadsDoubled = false)
{
    /// <summary>Bits of an activation that it reads: 1 (signs) or 2 (levels).</summary>
    public int ActivationBits { get; init; } = 1;

    /// <summary>Weights of an output channel.</summary>
    public int Products => Inputs * Geometry.Kernel * Geometry.Kernel;

    /// <summary>Pixels of the output.</summary>
    public long Pixels => (long)Height * Width;
}
