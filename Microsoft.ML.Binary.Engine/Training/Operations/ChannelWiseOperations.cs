using System.Numerics.Tensors;
using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Kernels;

namespace Microsoft.ML.Binary.Training.Operations;

/// <summary>x * scale + offset for each channel.</summary>
internal sealed class AffineOperation(Affine node) : TrainingOperation
{
    public override void Forward(TrainingPass pass) => pass.For(Input.Channels, c =>
    {
        for (int image = 0; image < Input.Images; image++)
        {
            pass.Kernels.Finish(new EpilogueRow { HasAffine = true, Scale = node.Scale.Values[c], Offset = node.Offset.Values[c] }, Input.Plane(image, c), Output.Plane(image, c));
        }
    });

    public override void Backward(TrainingPass pass)
    {
        bool trained = !pass.GradientOf(node.Scale).IsEmpty && !pass.GradientOf(node.Offset).IsEmpty;
        bool accumulate = Input.NeedsGradient && pass.BeginGradient(Input);
        pass.For(Input.Channels, c =>
        {
            for (int image = 0; image < Input.Images; image++)
            {
                ReadOnlySpan<float> dy = Output.GradientPlane(image, c);
                if (trained)
                {
                    pass.GradientOf(node.Scale)[c] += TensorPrimitives.Dot(dy, Input.Plane(image, c));
                    pass.GradientOf(node.Offset)[c] += TensorPrimitives.Sum(dy);
                }

                if (Input.NeedsGradient)
                {
                    pass.Kernels.AddScaled(dy, node.Scale.Values[c], dy, 0, 0, Input.GradientPlane(image, c), accumulate);
                }
            }
        });
    }
}

/// <summary>x * sigmoid(logit) for each channel.</summary>
internal sealed class GateOperation(Gate node) : TrainingOperation
{
    public override void Forward(TrainingPass pass) => pass.For(Input.Channels, c =>
    {
        for (int image = 0; image < Input.Images; image++)
        {
            TensorPrimitives.Multiply(Input.Plane(image, c), Sigmoid(c), Output.Plane(image, c));
        }
    });

    public override void Backward(TrainingPass pass)
    {
        bool accumulate = pass.BeginGradient(Input);
        pass.For(Input.Channels, c =>
        {
            float gate = Sigmoid(c);
            double product = 0;
            for (int image = 0; image < Input.Images; image++)
            {
                ReadOnlySpan<float> dy = Output.GradientPlane(image, c);
                product += TensorPrimitives.Dot(dy, Input.Plane(image, c));
                pass.Kernels.AddScaled(dy, gate, dy, 0, 0, Input.GradientPlane(image, c), accumulate);
            }

            pass.GradientOf(node.Logit)[c] += (float)(product * gate * (1 - gate));
        });
    }

    private float Sigmoid(int channel) => (float)(1 / (1 + Math.Exp(-node.Logit.Values[channel])));
}

/// <summary>Shifted sign with a straight-through estimator. Signs that are not stored are taken where they are read.</summary>
internal sealed class SignOperation(Sign node) : TrainingOperation
{
    public override void Forward(TrainingPass pass)
    {
        if (Output.Signed != Output)
        {
            return;
        }

        pass.For(Input.Channels, c =>
        {
            for (int image = 0; image < Input.Images; image++)
            {
                pass.Kernels.Sign(Input.Plane(image, c), node.Shift.Values[c], Output.Plane(image, c));
            }
        });
    }

    public override void Backward(TrainingPass pass)
    {
        bool accumulate = pass.BeginGradient(Input);
        pass.For(Input.Channels, c =>
        {
            double sum = 0;
            for (int image = 0; image < Input.Images; image++)
            {
                sum += pass.Kernels.SignGradient(
                    Input.Plane(image, c), Output.GradientPlane(image, c), node.Shift.Values[c], Input.GradientPlane(image, c), accumulate);
            }

            if (pass.GradientOf(node.Shift) is { IsEmpty: false } shift)
            {
                shift[c] += (float)sum;
            }
        });
    }
}

/// <summary>RPReLU.</summary>
internal sealed class RPReLUOperation(RPReLU node) : TrainingOperation
{
    public override void Forward(TrainingPass pass) => pass.For(Input.Channels, c =>
    {
        for (int image = 0; image < Input.Images; image++)
        {
            EpilogueRow row = new() { HasActivation = true, Shift = node.Shift.Values[c], Slope = node.Slope.Values[c], Bias = node.Offset.Values[c] };
            pass.Kernels.Finish(row, Input.Plane(image, c), Output.Plane(image, c));
        }
    });

    public override void Backward(TrainingPass pass)
    {
        bool accumulate = pass.BeginGradient(Input);
        pass.For(Input.Channels, c =>
        {
            double shift = 0, slope = 0, offset = 0;
            for (int image = 0; image < Input.Images; image++)
            {
                (float dShift, float dSlope, float dOffset) = pass.Kernels.RPReLUGradient(
                    Input.Plane(image, c), Output.GradientPlane(image, c), node.Shift.Values[c], node.Slope.Values[c],
                    Input.GradientPlane(image, c), accumulate);
                (shift, slope, offset) = (shift + dShift, slope + dSlope, offset + dOffset);
            }

            pass.GradientOf(node.Shift)[c] += (float)shift;
            pass.GradientOf(node.Slope)[c] += (float)slope;
            pass.GradientOf(node.Offset)[c] += (float)offset;
        });
    }
}
