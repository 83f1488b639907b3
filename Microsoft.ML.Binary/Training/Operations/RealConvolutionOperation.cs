using System.Numerics.Tensors;
using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Kernels;

namespace Microsoft.ML.Binary.Training.Operations;

/// <summary>A real-valued convolution with zero padding.</summary>
internal sealed unsafe class RealConvolutionOperation(Convolution node) : ConvolutionOperation(node.Weight, node.Geometry, border: 0)
{
    protected override ReadOnlySpan<float> EffectiveWeight => node.Weight.Values;

    public override void Forward(TrainingPass pass)
    {
        ConvolutionLayout layout = Layout;
        float[] packed = Pack(pass, node.Weight.Values, Output.Channels, Terms);
        int[] offsets = ForwardOffsets(layout, Terms);
        float[] padded = PadInputs(pass, layout);
        int imageLength = Input.Channels * layout.Phases * layout.PlaneLength;
        int yLength = TapProduct.PaddedOutputs(Output.Channels) * layout.PlaneLength;
        float[] result = pass.Scratch.Rent("result", Output.Images * yLength);
        pass.For(Output.Images, image =>
        {
            fixed (float* w = packed, x = padded, y = result)
            {
                fixed (int* o = offsets)
                {
                    TapProduct.Run(
                        Output.Channels, Terms, w, o, x + image * (long)imageLength, y + image * (long)yLength, layout.PlaneLength, layout.Pixels);
                }
            }

            for (int c = 0; c < Output.Channels; c++)
            {
                Span<float> target = Output.Plane(image, c);
                float offset = node.Bias?.Values[c] ?? 0;
                for (int row = 0; row < layout.Height; row++)
                {
                    ReadOnlySpan<float> source = result.AsSpan(image * yLength + c * layout.PlaneLength + row * layout.Pitch, layout.Width);
                    TensorPrimitives.Add(source, offset, target.Slice(row * layout.Width, layout.Width));
                }
            }
        });
    }

    public override void Backward(TrainingPass pass)
    {
        base.Backward(pass);
        if (node.Bias is not null)
        {
            Span<float> gradient = pass.GradientOf(node.Bias);
            for (int c = 0; c < gradient.Length; c++)
            {
                for (int image = 0; image < Output.Images; image++)
                {
                    gradient[c] += TensorPrimitives.Sum<float>(Output.GradientPlane(image, c));
                }
            }
        }
    }

    protected override void AddToWeightGradient(ReadOnlySpan<float> sums, int first, Span<float> gradient) =>
        TensorPrimitives.Add(gradient, sums, gradient);
}
