using System.Numerics.Tensors;

namespace Microsoft.ML.Binary.Training.Operations;

/// <summary>Bilinear enlargement: rows are blended, then columns. Backward runs the same two steps transposed.</summary>
internal sealed class BilinearOperation(int factor) : TrainingOperation
{
    private (int First, int Second, float Weight)[]? _columns;

    private (int First, int Second, float Weight)[] Columns =>
        _columns ??= [.. Enumerable.Range(0, Output.Width).Select(column => Source(column, Input.Width))];

    public override void Forward(TrainingPass pass) => pass.For(Output.Images * Output.Channels, plane =>
    {
        (int image, int c) = (plane / Output.Channels, plane % Output.Channels);
        (int First, int Second, float Weight)[] columns = Columns;
        Span<float> x = Input.Plane(image, c), y = Output.Plane(image, c);
        float[] blended = new float[Input.Width];
        for (int row = 0; row < Output.Height; row++)
        {
            (int top, int bottom, float down) = Source(row, Input.Height);
            TensorPrimitives.Lerp(Row(x, top), Row(x, bottom), down, blended);
            Span<float> target = y.Slice(row * Output.Width, Output.Width);
            for (int column = 0; column < target.Length; column++)
            {
                (int left, int right, float across) = columns[column];
                target[column] = blended[left] + across * (blended[right] - blended[left]);
            }
        }
    });

    public override void Backward(TrainingPass pass)
    {
        bool accumulate = pass.BeginGradient(Input);
        pass.For(Output.Images * Output.Channels, plane =>
        {
            (int image, int c) = (plane / Output.Channels, plane % Output.Channels);
            (int First, int Second, float Weight)[] columns = Columns;
            Span<float> dx = Input.GradientPlane(image, c), dy = Output.GradientPlane(image, c);
            if (!accumulate)
            {
                dx.Clear();
            }

            float[] blended = new float[Input.Width];
            for (int row = 0; row < Output.Height; row++)
            {
                Array.Clear(blended);
                ReadOnlySpan<float> source = dy.Slice(row * Output.Width, Output.Width);
                for (int column = 0; column < source.Length; column++)
                {
                    (int left, int right, float across) = columns[column];
                    blended[left] += (1 - across) * source[column];
                    blended[right] += across * source[column];
                }

                (int top, int bottom, float down) = Source(row, Input.Height);
                TensorPrimitives.MultiplyAdd(blended, 1 - down, Row(dx, top), Row(dx, top));
                TensorPrimitives.MultiplyAdd(blended, down, Row(dx, bottom), Row(dx, bottom));
            }
        });
    }

    private Span<float> Row(Span<float> plane, int row) => plane.Slice(row * Input.Width, Input.Width);

    private (int First, int Second, float Weight) Source(int index, int size)
    {
        float position = (index + 0.5f) / factor - 0.5f;
        int first = (int)MathF.Floor(position);
        return (Math.Max(first, 0), Math.Min(first + 1, size - 1), position - first);
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
    public override void Forward(TrainingPass pass) => pass.For(Output.Images * Output.Channels, plane =>
    {
        (int image, int c) = (plane / Output.Channels, plane % Output.Channels);
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
        pass.For(Output.Images * Output.Channels, plane =>
        {
            (int image, int c) = (plane / Output.Channels, plane % Output.Channels);
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
