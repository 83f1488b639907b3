using System.Numerics.Tensors;
using Microsoft.ML.Binary.Graph;

namespace Microsoft.ML.Binary.Training.Operations;

/// <summary>g = 2 sigmoid(x), with the derivative g (1 - g / 2).</summary>
internal sealed class GateMapOperation : TrainingOperation
{
    public override void Forward(TrainingPass pass) => pass.ForPlanes(Input, (image, c) =>
    {
        Span<float> y = Output.Plane(image, c);
        pass.Kernels.Sigmoid(Input.Plane(image, c), y);
        TensorPrimitives.Multiply(y, 2, y);
    });

    public override void Backward(TrainingPass pass)
    {
        bool accumulate = pass.BeginGradient(Input);
        pass.ForPlanes(Input, (image, c) =>
        {
            ReadOnlySpan<float> y = Output.Plane(image, c), dy = Output.GradientPlane(image, c);
            Span<float> dx = Input.GradientPlane(image, c);
            for (int i = 0; i < dx.Length; i++)
            {
                float passed = dy[i] * y[i] * (1 - y[i] / 2);
                dx[i] = accumulate ? dx[i] + passed : passed;
            }
        });
    }
}

/// <summary>Every channel times one channel of the gates.</summary>
internal sealed class PixelGateOperation(PixelGate node) : TrainingOperation
{
    private TrainingValue Gates => Inputs[1];

    public override void Forward(TrainingPass pass) => pass.ForPlanes(Input, (image, c) =>
    {
        TensorPrimitives.Multiply(Input.Plane(image, c), Gates.Plane(image, node.Channel), Output.Plane(image, c));
    });

    public override void Backward(TrainingPass pass)
    {
        if (Input.NeedsGradient)
        {
            bool accumulate = pass.BeginGradient(Input);
            pass.ForPlanes(Input, (image, c) =>
            {
                AddProduct(Output.GradientPlane(image, c), Gates.Plane(image, node.Channel), Input.GradientPlane(image, c), accumulate);
            });
        }

        if (Gates.NeedsGradient)
        {
            if (!pass.BeginGradient(Gates))
            {
                Array.Clear(Gates.Gradient!);
            }

            pass.For(Input.Images, image =>
            {
                for (int c = 0; c < Input.Channels; c++)
                {
                    AddProduct(Output.GradientPlane(image, c), Input.Plane(image, c), Gates.GradientPlane(image, node.Channel), accumulate: true);
                }
            });
        }
    }

    private static void AddProduct(ReadOnlySpan<float> a, ReadOnlySpan<float> b, Span<float> target, bool accumulate)
    {
        if (accumulate)
        {
            TensorPrimitives.MultiplyAdd(a, b, target, target);
        }
        else
        {
            TensorPrimitives.Multiply(a, b, target);
        }
    }
}
