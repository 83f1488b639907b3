using System.Numerics.Tensors;
using Microsoft.ML.Binary.Graph;

namespace Microsoft.ML.Binary.Training;

/// <summary>
/// Gives the batch norms of a network the statistics of the training data without changing what the network computes: scale and shift of
/// each channel make up for the new mean and variance. Afterwards a pass with the statistics of a batch is nearly one with the running ones.
/// Channels that never had statistics, those of new parts of a network, keep scale and shift instead: they start with what they are meant to give.
/// </summary>
internal static class BatchNormCalibration
{
    /// <summary>Measures over <paramref name="batches"/> batches, each of which <paramref name="fill"/> prepares.</summary>
    public static void Run(TrainingNetwork network, int batches, Action<int> fill)
    {
        BatchNorm[] all = [.. network.Graph.Nodes.OfType<BatchNorm>()], anew = [.. all.Where(norm => !norm.HasStatistics)];
        if (anew.Length > 0)
        {
            // What was there before is measured once they give what they are meant to. (Their own measures are those of a network in which none of them does: a start.)
            Measure(network, anew, batches, fill);
        }

        Measure(network, all.Except(anew), batches, fill);
    }

    private static void Measure(TrainingNetwork network, IEnumerable<BatchNorm> measured, int batches, Action<int> fill)
    {
        List<Moments> norms = [.. measured.Select(norm => new Moments(norm, network.Value(norm.Inputs[0])))];
        for (int i = 0; i < batches; i++)
        {
            fill(i);
            network.Forward(usesBatchStatistics: false);
            network.Pass.For(norms.Count, n => norms[n].Add());
        }

        norms.ForEach(norm => norm.Exchange());
    }

    /// <summary>Sums over what a batch norm reads.</summary>
    private sealed class Moments(BatchNorm norm, TrainingValue input)
    {
        private readonly double[] _sums = new double[norm.Gamma.Values.Length], _squares = new double[norm.Gamma.Values.Length];
        private double _count;

        public void Add()
        {
            _count += (double)input.Images * input.Pixels;
            for (int image = 0; image < input.Images; image++)
            {
                for (int c = 0; c < _sums.Length; c++)
                {
                    ReadOnlySpan<float> plane = input.Plane(image, c);
                    _sums[c] += TensorPrimitives.Sum(plane);
                    _squares[c] += TensorPrimitives.SumOfSquares(plane);
                }
            }
        }

        public void Exchange()
        {
            for (int c = 0; c < _sums.Length; c++)
            {
                bool isNew = norm.IsNew(c);
                double mean = _sums[c] / _count, variance = Math.Max(0, _squares[c] / _count - mean * mean);
                double scale = norm.Gamma.Values[c] / Math.Sqrt((double)norm.Variance.Values[c] + BatchNorm.Epsilon);
                double offset = norm.Beta.Values[c] - norm.Mean.Values[c] * scale;
                norm.Mean.Values[c] = (float)mean;
                norm.Variance.Values[c] = (float)variance;
                if (!isNew)
                {
                    norm.Gamma.Values[c] = (float)(scale * Math.Sqrt((double)norm.Variance.Values[c] + BatchNorm.Epsilon));
                    norm.Beta.Values[c] = (float)(offset + norm.Mean.Values[c] * scale);
                }
            }
        }
    }
}
