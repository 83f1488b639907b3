using System.Numerics.Tensors;
using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Kernels;

namespace Microsoft.ML.Binary.Training.Operations;

/// <summary>A real-valued convolution in which each output channel reads one input channel.</summary>
internal sealed class DepthwiseOperation(Convolution node) : TrainingOperation
{
    private ConvolutionLayout? _layout;

    private ConvolutionLayout Layout => _layout ??= new(node.Geometry, Output.Height, Output.Width);

    private int Multiplier => Output.Channels / Input.Channels;

    public override void Forward(TrainingPass pass)
    {
        ConvolutionLayout layout = Layout;
        int taps = layout.Taps.Length;
        pass.For(Input.Images * Input.Channels, plane =>
        {
            (int image, int input) = (plane / Input.Channels, plane % Input.Channels);
            float[] padded = new float[layout.Phases * layout.Plane.Length];
            float[] result = new float[layout.Pixels];
            layout.Pad(Input.Plane(image, input), padded);
            for (int output = input * Multiplier; output < (input + 1) * Multiplier; output++)
            {
                Array.Fill(result, node.Bias?.Values[output] ?? 0);
                for (int t = 0; t < taps; t++)
                {
                    Tap tap = layout.Taps[t];
                    ReadOnlySpan<float> source = padded.AsSpan(layout.ForwardOffset(tap), layout.Pixels);
                    TensorPrimitives.MultiplyAdd(source, node.Weight.Values[output * taps + t], result, result);
                }

                Span<float> target = Output.Plane(image, output);
                for (int row = 0; row < layout.Plane.Height; row++)
                {
                    result.AsSpan(row * layout.Plane.Pitch, layout.Plane.Width).CopyTo(target.Slice(row * layout.Plane.Width, layout.Plane.Width));
                }
            }
        });
    }

    public override void Backward(TrainingPass pass)
    {
        ConvolutionLayout layout = Layout;
        int taps = layout.Taps.Length;
        bool accumulate = Input.NeedsGradient && pass.BeginGradient(Input);
        pass.For(Input.Channels, input =>
        {
            float[] padded = new float[layout.Phases * layout.Plane.Length];
            float[] dx = new float[layout.Phases * layout.Plane.Length];
            float[] dy = new float[layout.Plane.Length];
            for (int image = 0; image < Input.Images; image++)
            {
                layout.Pad(Input.Plane(image, input), padded);
                Array.Clear(dx);
                for (int output = input * Multiplier; output < (input + 1) * Multiplier; output++)
                {
                    ReadOnlySpan<float> gradient = Output.GradientPlane(image, output);
                    layout.PadOutput(gradient, dy);
                    if (node.Bias is not null)
                    {
                        pass.GradientOf(node.Bias)[output] += TensorPrimitives.Sum(gradient);
                    }

                    for (int t = 0; t < taps; t++)
                    {
                        Tap tap = layout.Taps[t];
                        ReadOnlySpan<float> source = padded.AsSpan(layout.ForwardOffset(tap), layout.Pixels);
                        pass.GradientOf(node.Weight)[output * taps + t] += TensorPrimitives.Dot(source, dy.AsSpan(layout.Plane.Origin, layout.Pixels));
                        Span<float> target = dx.AsSpan(tap.Phase * layout.Plane.Length + layout.Plane.Origin, layout.Pixels);
                        ReadOnlySpan<float> shifted = dy.AsSpan(layout.BackwardOffset(tap), layout.Pixels);
                        TensorPrimitives.MultiplyAdd(shifted, node.Weight.Values[output * taps + t], target, target);
                    }
                }

                if (Input.NeedsGradient)
                {
                    for (int phase = 0; phase < layout.Phases; phase++)
                    {
                        layout.Unpad(dx.AsSpan(phase * layout.Plane.Length + layout.Plane.Origin), phase, Input.GradientPlane(image, input), accumulate);
                    }
                }
            }
        });
    }
}
