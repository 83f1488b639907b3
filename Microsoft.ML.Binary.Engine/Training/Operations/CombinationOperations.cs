using System.Numerics.Tensors;

namespace Microsoft.ML.Binary.Training.Operations;

/// <summary>The sum of maps.</summary>
internal sealed class AddOperation : TrainingOperation
{
    public override void Forward(TrainingPass pass) => pass.ForPlanes(Output, (image, c) =>
    {
        Span<float> y = Output.Plane(image, c);
        TensorPrimitives.Add(Inputs[0].Plane(image, c), Inputs[1].Plane(image, c), y);
        foreach (TrainingValue input in Inputs.AsSpan(2))
        {
            TensorPrimitives.Add(y, input.Plane(image, c), y);
        }
    });

    public override void Backward(TrainingPass pass)
    {
        foreach (TrainingValue input in Inputs)
        {
            if (!input.NeedsGradient)
            {
                continue;
            }

            bool accumulate = pass.BeginGradient(input);
            pass.For(Output.Images, image =>
            {
                int length = Output.Channels * Output.Pixels;
                ReadOnlySpan<float> dy = Output.Gradient.AsSpan(image * length, length);
                GradientCopy.To(dy, input.Gradient.AsSpan(image * length, length), accumulate);
            });
        }
    }
}

/// <summary>The channels of all inputs, one input after the other.</summary>
internal sealed class ConcatOperation : TrainingOperation
{
    public override void Forward(TrainingPass pass) => pass.For(Output.Images, image =>
    {
        int c = 0;
        foreach (TrainingValue input in Inputs)
        {
            input.Data.AsSpan(input.PlaneStart(image, 0), input.Channels * input.Pixels).CopyTo(Output.Data.AsSpan(Output.PlaneStart(image, c)));
            c += input.Channels;
        }
    });

    public override void Backward(TrainingPass pass)
    {
        int first = 0;
        foreach (TrainingValue input in Inputs)
        {
            int from = first;
            first += input.Channels;
            if (!input.NeedsGradient)
            {
                continue;
            }

            bool accumulate = pass.BeginGradient(input);
            pass.For(Output.Images, image =>
            {
                int length = input.Channels * input.Pixels;
                ReadOnlySpan<float> dy = Output.Gradient.AsSpan(Output.PlaneStart(image, from), length);
                GradientCopy.To(dy, input.Gradient.AsSpan(input.PlaneStart(image, 0), length), accumulate);
            });
        }
    }
}

/// <summary>The mean over channel groups.</summary>
internal sealed class ChannelMeanOperation(int groups) : TrainingOperation
{
    public override void Forward(TrainingPass pass) => pass.ForPlanes(Output, (image, c) =>
    {
        Span<float> y = Output.Plane(image, c);
        Input.Plane(image, c).CopyTo(y);
        for (int g = 1; g < groups; g++)
        {
            TensorPrimitives.Add(y, Input.Plane(image, c + g * Output.Channels), y);
        }

        TensorPrimitives.Multiply(y, 1f / groups, y);
    });

    public override void Backward(TrainingPass pass)
    {
        bool accumulate = pass.BeginGradient(Input);
        pass.ForPlanes(Input, (image, c) =>
        {
            ReadOnlySpan<float> dy = Output.GradientPlane(image, c % Output.Channels);
            pass.Kernels.AddScaled(dy, 1f / groups, dy, 0, 0, Input.GradientPlane(image, c), accumulate);
        });
    }
}

internal static class GradientCopy
{
    public static void To(ReadOnlySpan<float> gradient, Span<float> target, bool accumulate)
    {
        if (accumulate)
        {
            TensorPrimitives.Add(target, gradient, target);
        }
        else
        {
            gradient.CopyTo(target);
        }
    }
}
