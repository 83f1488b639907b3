using System.Numerics.Tensors;
using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Kernels;

namespace Microsoft.ML.Binary.Training.Operations;

/// <summary>A map less a share of each channel's mean, in which every pixel takes part alike.</summary>
internal sealed class AdaptiveShiftOperation(AdaptiveShift node) : TrainingOperation
{
    private float[] _means = [];

    public override void Forward(TrainingPass pass)
    {
        if (_means.Length == 0)
        {
            _means = new float[Input.Images * Input.Channels];
        }

        pass.For(_means.Length, plane =>
        {
            (int image, int c) = (plane / Input.Channels, plane % Input.Channels);
            _means[plane] = ChannelAverage.Of(Input.Plane(image, c), Input.Width, Input.Width, Input.Height);
            TensorPrimitives.Add(Input.Plane(image, c), _means[plane] * -node.Weight.Values[c], Output.Plane(image, c));
        });
    }

    public override void Backward(TrainingPass pass)
    {
        bool accumulate = Input.NeedsGradient && pass.BeginGradient(Input);
        pass.For(Input.Channels, c =>
        {
            for (int image = 0; image < Input.Images; image++)
            {
                ReadOnlySpan<float> dy = Output.GradientPlane(image, c);
                float sum = TensorPrimitives.Sum(dy);
                pass.GradientOf(node.Weight)[c] -= sum * _means[image * Input.Channels + c];
                if (Input.NeedsGradient)
                {
                    pass.Kernels.AddScaled(dy, 1, dy, 0, -node.Weight.Values[c] * sum / Input.Pixels, Input.GradientPlane(image, c), accumulate);
                }
            }
        });
    }
}
