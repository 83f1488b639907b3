using System.Numerics.Tensors;

namespace Microsoft.ML.Binary.Training;

/// <summary>Mean and variance of each channel of a map over the training data.</summary>
internal sealed class ChannelMoments(TrainingValue map)
{
    private readonly double[] _sums = new double[map.Channels], _squares = new double[map.Channels];
    private double _count;

    /// <summary>Measures maps of a network as it is in use, over <paramref name="batches"/> batches, each of which <paramref name="fill"/> prepares.</summary>
    public static void Measure(TrainingNetwork network, IReadOnlyList<ChannelMoments> maps, int batches, Action<int> fill)
    {
        for (int i = 0; i < batches && maps.Count > 0; i++)
        {
            fill(i);
            network.Forward(usesBatchStatistics: false);
            network.Pass.For(maps.Count, n => maps[n].Add());
        }
    }

    public double Mean(int channel) => _sums[channel] / _count;

    public double Variance(int channel) => Math.Max(0, _squares[channel] / _count - Mean(channel) * Mean(channel));

    private void Add()
    {
        _count += (double)map.Images * map.Pixels;
        for (int image = 0; image < map.Images; image++)
        {
            for (int c = 0; c < _sums.Length; c++)
            {
                ReadOnlySpan<float> plane = map.Plane(image, c);
                _sums[c] += TensorPrimitives.Sum(plane);
                _squares[c] += TensorPrimitives.SumOfSquares(plane);
            }
        }
    }
}
