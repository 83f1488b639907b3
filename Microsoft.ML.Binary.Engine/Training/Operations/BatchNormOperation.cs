using System.Numerics.Tensors;
using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Kernels;

namespace Microsoft.ML.Binary.Training.Operations;

/// <summary>Batch normalisation (Ioffe and Szegedy, arXiv 1502.03167), one channel of all images at a time.</summary>
internal sealed class BatchNormOperation(BatchNorm node) : TrainingOperation
{
    private readonly float[] _mean = new float[node.Gamma.Values.Length];
    private readonly float[] _inverseDeviation = new float[node.Gamma.Values.Length];

    /// <summary>The convolution before, where the widths of its channels are searched for: the share that is pruned is taken off after normalising.</summary>
    public SearchConvolutionOperation? Searched { get; set; }

    public override void Forward(TrainingPass pass) => pass.For(Input.Channels, c =>
    {
        if (pass.UsesBatchStatistics)
        {
            MeasureBatch(c, pass);
        }
        else
        {
            _mean[c] = node.Mean.Values[c];
            _inverseDeviation[c] = (float)(1 / Math.Sqrt((double)node.Variance.Values[c] + BatchNorm.Epsilon));
        }

        float scale = Gamma(pass, c) * _inverseDeviation[c];
        float offset = node.Beta.Values[c] - _mean[c] * scale;
        for (int image = 0; image < Input.Images; image++)
        {
            pass.Kernels.Finish(new EpilogueRow { HasAffine = true, Scale = scale, Offset = offset }, Input.Plane(image, c), Output.Plane(image, c));
        }
    });

    /// <summary>With g = gamma / deviation, n values, and h = (x - mean) / deviation: dx = g (dy - mean(dy) - h mean(dy h)).</summary>
    public override void Backward(TrainingPass pass)
    {
        bool accumulate = pass.BeginGradient(Input);
        pass.For(Input.Channels, c =>
        {
            double sum = 0, product = 0;
            for (int image = 0; image < Input.Images; image++)
            {
                ReadOnlySpan<float> dy = Output.GradientPlane(image, c);
                double part = TensorPrimitives.Sum(dy);
                sum += part;
                product += TensorPrimitives.Dot(dy, Input.Plane(image, c)) - part * _mean[c];
            }

            product *= _inverseDeviation[c];
            Searched?.AddKeptGradient(pass, c, (float)product * node.Gamma.Values[c]);
            pass.GradientOf(node.Gamma)[c] += (float)product * (Searched?.Kept(pass, c) ?? 1);
            pass.GradientOf(node.Beta)[c] += (float)sum;

            float scale = Gamma(pass, c) * _inverseDeviation[c];
            double count = (double)Input.Images * Input.Pixels;
            bool batch = pass.UsesBatchStatistics;
            float slope = batch ? (float)(-scale * product / count * _inverseDeviation[c]) : 0;
            float offset = batch ? (float)(-scale * sum / count) - slope * _mean[c] : 0;
            for (int image = 0; image < Input.Images; image++)
            {
                pass.Kernels.AddScaled(
                    Output.GradientPlane(image, c), scale, Input.Plane(image, c), slope, offset, Input.GradientPlane(image, c), accumulate);
            }
        });
    }

    private float Gamma(TrainingPass pass, int c) => node.Gamma.Values[c] * (Searched?.Kept(pass, c) ?? 1);

    private void MeasureBatch(int c, TrainingPass pass)
    {
        double count = (double)Input.Images * Input.Pixels, sum = 0, squares = 0;
        for (int image = 0; image < Input.Images; image++)
        {
            sum += TensorPrimitives.Sum<float>(Input.Plane(image, c));
        }

        float mean = (float)(sum / count);
        for (int image = 0; image < Input.Images; image++)
        {
            squares += pass.Kernels.SquaredDistance(Input.Plane(image, c), mean);
        }

        double variance = squares / count;
        _mean[c] = mean;
        _inverseDeviation[c] = (float)(1 / Math.Sqrt(variance + BatchNorm.Epsilon));
        double unbiased = variance * count / Math.Max(1, count - 1);
        node.Mean.Values[c] = (float)double.Lerp(node.Mean.Values[c], mean, pass.StatisticMomentum);
        node.Variance.Values[c] = (float)double.Lerp(node.Variance.Values[c], unbiased, pass.StatisticMomentum);
    }
}
