using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Kernels;

namespace Microsoft.ML.Binary.Training.Operations;

/// <summary>
/// A binary convolution: signs of latent weights against a map of signs, padded with +1. The forward pass is exact, so it runs on the packed
/// kernels of inference; going backward the sign of a weight is a straight-through estimator, which passes the gradient where the latent
/// weight lies in [-1, 1] (clipped identity).
/// </summary>
internal sealed class BinaryConvolutionOperation(BinaryConvolution node) : TrainingOperation
{
    private DenseBinaryConvolution? _kernel;
    private BinaryWeightGradient? _weightGradient;
    private BinaryInputGradient? _inputGradient;
    private byte[] _packedWeight = [];
    private byte[][] _nibbles = [], _scratch = [];

    public override void Forward(TrainingPass pass)
    {
        DenseBinaryConvolution kernel = _kernel ??= Prepare(pass.Kernels);
        float[] latent = node.Weight.Values;
        int taps = node.Geometry.Kernel * node.Geometry.Kernel;
        pass.For(NibbleWeights.Groups(Output.Channels), group =>
            NibbleWeights.PackLatentGroup(latent, group, Output.Channels, Input.Channels, taps, _packedWeight));
        pass.For(Output.Images, image =>
        {
            ReadOnlySpan<float> input = Input.Signed.Data.AsSpan(Input.PlaneStart(image, 0), Input.Channels * Input.Pixels);
            SignPacking.PackDense(pass.Kernels, input, Input.Shift, Input.Channels, kernel.Layout, _nibbles[image]);
            kernel.Run(_nibbles[image], _packedWeight, Output.Data.AsSpan(Output.PlaneStart(image, 0), Output.Channels * Output.Pixels), _scratch[image]);
        });
    }

    public override void Backward(TrainingPass pass)
    {
        _weightGradient ??= new(node.Geometry, Input, Output, pass.Kernels);
        _weightGradient.Run(pass, node.Weight);
        if (Input.NeedsGradient)
        {
            _inputGradient ??= new(node.Geometry, Input, Output, pass.Kernels);
            _inputGradient.Run(pass, node.Weight.Values, accumulate: pass.BeginGradient(Input));
        }
    }

    private DenseBinaryConvolution Prepare(KernelSet kernels)
    {
        ConvolutionGeometry geometry = node.Geometry;
        DenseBinaryConvolution kernel = new(
            Input.Channels, Output.Channels, Input.Height, Input.Width, geometry.Kernel, geometry.Stride, geometry.Dilation, kernels);
        _packedWeight = new byte[kernel.WeightBytes];
        _nibbles = [.. Enumerable.Range(0, Output.Images).Select(_ => new byte[kernel.NibbleBytes])];
        _scratch = [.. Enumerable.Range(0, Output.Images).Select(_ => new byte[kernel.ScratchBytes])];
        return kernel;
    }
}
