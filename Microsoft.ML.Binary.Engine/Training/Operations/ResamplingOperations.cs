using System.Numerics.Tensors;
using Microsoft.ML.Binary.Kernels;

namespace Microsoft.ML.Binary.Training.Operations;

/// <summary>
/// Bilinear enlargement: rows are blended, then columns. Backward runs the same two steps transposed. Every factor-th column has the same
/// weights, so columns are blended (and taken apart) as that many rows of the input's width.
/// </summary>
internal sealed class BilinearOperation(int factor) : TrainingOperation
{
    public override void Forward(TrainingPass pass) => pass.ForPlanes(Output, (image, c) =>
    {
        Span<float> x = Input.Plane(image, c), y = Output.Plane(image, c);
        float[] blended = new float[Input.Width + 2], phase = new float[Input.Width];
        for (int row = 0; row < Output.Height; row++)
        {
            (int top, int bottom, float down) = BilinearRow.Source(row, factor, Input.Height);
            TensorPrimitives.Lerp(Row(x, top), Row(x, bottom), down, blended.AsSpan(1, Input.Width));
            (blended[0], blended[^1]) = (blended[1], blended[^2]);
            Span<float> target = y.Slice(row * Output.Width, Output.Width);
            for (int p = 0; p < factor; p++)
            {
                (int left, float across) = Phase(p);
                pass.Kernels.Interpolate(blended.AsSpan(left), blended.AsSpan(left + 1), across, phase);
                for (int column = 0; column < phase.Length; column++)
                {
                    target[column * factor + p] = phase[column];
                }
            }
        }
    });

    public override void Backward(TrainingPass pass)
    {
        bool accumulate = pass.BeginGradient(Input);
        pass.ForPlanes(Output, (image, c) =>
        {
            Span<float> dx = Input.GradientPlane(image, c), dy = Output.GradientPlane(image, c);
            if (!accumulate)
            {
                dx.Clear();
            }

            float[] blended = new float[Input.Width + 2], phase = new float[Input.Width];
            Span<float> inner = blended.AsSpan(1, Input.Width);
            for (int row = 0; row < Output.Height; row++)
            {
                Array.Clear(blended);
                ReadOnlySpan<float> source = dy.Slice(row * Output.Width, Output.Width);
                for (int p = 0; p < factor; p++)
                {
                    for (int column = 0; column < phase.Length; column++)
                    {
                        phase[column] = source[column * factor + p];
                    }

                    (int left, float across) = Phase(p);
                    Span<float> first = blended.AsSpan(left, phase.Length), second = blended.AsSpan(left + 1, phase.Length);
                    TensorPrimitives.MultiplyAdd(phase, 1 - across, first, first);
                    TensorPrimitives.MultiplyAdd(phase, across, second, second);
                }

                inner[0] += blended[0];
                inner[^1] += blended[^1];
                (int top, int bottom, float down) = BilinearRow.Source(row, factor, Input.Height);
                TensorPrimitives.MultiplyAdd(inner, 1 - down, Row(dx, top), Row(dx, top));
                TensorPrimitives.MultiplyAdd(inner, down, Row(dx, bottom), Row(dx, bottom));
            }
        });
    }

    private Span<float> Row(Span<float> plane, int row) => plane.Slice(row * Input.Width, Input.Width);

    /// <summary>Where in a row with one column of border the first output column of a phase has its left neighbour, and the weight of the right one.</summary>
    private (int Left, float Across) Phase(int phase)
    {
        float position = (phase + 0.5f) / factor - 0.5f;
        return position < 0 ? (0, position + 1) : (1, position);
    }
}

/// <summary>
/// A node that copies input elements to output positions: nearest enlargement, pixel shuffle, token sampling. The copy is described by
/// the index of the source element for each output element of one image.
/// </summary>
internal sealed class GatherOperation(int[] sources) : TrainingOperation
{
    public static GatherOperation Nearest(int factor, TrainingValue input, TrainingValue output) => Create(
        input, output, (c, row, column, x) => (c * x.Height + row / factor) * x.Width + column / factor);

    public static GatherOperation PixelShuffle(int factor, TrainingValue input, TrainingValue output) => Create(
        input, output,
        (c, row, column, x) => (((c * factor + row % factor) * factor + column % factor) * x.Height + row / factor) * x.Width + column / factor);

    public static GatherOperation TokenSample(TrainingValue input, TrainingValue output) => Create(
        input, output,
        (c, row, column, x) =>
            (c * x.Height + Graph.TokenSample.SourceIndex(row, output.Height, x.Height)) * x.Width
            + Graph.TokenSample.SourceIndex(column, output.Width, x.Width));

    public override void Forward(TrainingPass pass)
    {
        pass.For(Output.Images, image =>
        {
            ReadOnlySpan<float> x = Input.Data.AsSpan(Input.PlaneStart(image, 0), Input.Channels * Input.Pixels);
            Span<float> y = Output.Data.AsSpan(Output.PlaneStart(image, 0), sources.Length);
            for (int i = 0; i < y.Length; i++)
            {
                y[i] = x[sources[i]];
            }
        });
    }

    public override void Backward(TrainingPass pass)
    {
        bool accumulate = pass.BeginGradient(Input);
        pass.For(Output.Images, image =>
        {
            Span<float> dx = Input.Gradient.AsSpan(Input.PlaneStart(image, 0), Input.Channels * Input.Pixels);
            ReadOnlySpan<float> dy = Output.Gradient.AsSpan(Output.PlaneStart(image, 0), sources.Length);
            if (!accumulate)
            {
                dx.Clear();
            }

            for (int i = 0; i < dy.Length; i++)
            {
                dx[sources[i]] += dy[i];
            }
        });
    }

    private static GatherOperation Create(TrainingValue input, TrainingValue output, Func<int, int, int, TrainingValue, int> source)
    {
        int[] sources = new int[output.Channels * output.Pixels];
        for (int i = 0; i < sources.Length; i++)
        {
            sources[i] = source(i / output.Pixels, i % output.Pixels / output.Width, i % output.Width, input);
        }

        return new(sources) { Inputs = [input], Output = output };
    }
}

/// <summary>The mean of 2x2 blocks.</summary>
internal sealed class AveragePoolOperation : TrainingOperation
{
    public override void Forward(TrainingPass pass) => pass.ForPlanes(Output, (image, c) =>
    {
        Span<float> x = Input.Plane(image, c), y = Output.Plane(image, c);
        for (int row = 0; row < Output.Height; row++)
        {
            ReadOnlySpan<float> upper = x.Slice(2 * row * Input.Width, Input.Width), lower = x.Slice((2 * row + 1) * Input.Width, Input.Width);
            Span<float> target = y.Slice(row * Output.Width, Output.Width);
            for (int i = 0; i < target.Length; i++)
            {
                target[i] = (upper[2 * i] + upper[2 * i + 1] + lower[2 * i] + lower[2 * i + 1]) * 0.25f;
            }
        }
    });

    public override void Backward(TrainingPass pass)
    {
        bool accumulate = pass.BeginGradient(Input);
        pass.ForPlanes(Output, (image, c) =>
        {
            Span<float> dx = Input.GradientPlane(image, c), dy = Output.GradientPlane(image, c);
            for (int row = 0; row < Input.Height; row++)
            {
                ReadOnlySpan<float> source = dy.Slice(row / 2 * Output.Width, Output.Width);
                Span<float> target = dx.Slice(row * Input.Width, Input.Width);
                for (int i = 0; i < target.Length; i++)
                {
                    float passed = 0.25f * source[i / 2];
                    target[i] = accumulate ? target[i] + passed : passed;
                }
            }
        });
    }
}
