using System.Collections.Immutable;
using System.Globalization;
using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Imaging;
using Microsoft.ML.Binary.Inference;

namespace Microsoft.ML.Binary.Training.MixedPrecision;

/// <summary>
/// Measures how long convolutions of signs and of levels take on this processor, on one thread: layers of several sizes with all channels of each width, the shortest
/// of many runs each, less the same layer with every channel pruned.
/// </summary>
/// <example>
/// <code>
/// LatencyTable table = LatencyCalibration.Measure(runs: 30, progress: Console.WriteLine);
/// </code>
/// </example>
public static class LatencyCalibration
{
    // Few and many products, maps that stay in the nearest cache and maps that do not.
    private static readonly (int Channels, int Side)[] s_sizes = [(32, 56), (64, 40), (96, 28), (192, 20), (128, 48)];

    /// <summary>Measures all kinds and widths.</summary>
    /// <param name="runs">Runs of each layer in each of three rounds, of all of which the shortest counts; at least 1.</param>
    /// <param name="progress">Is told what is being measured.</param>
    public static LatencyTable Measure(int runs = 30, Action<string>? progress = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(runs, 1);
        var entries = ImmutableArray.CreateBuilder<LatencyEntry>();
        double worst = 0;
        foreach (string kind in LatencyTable.Kinds)
        {
            progress?.Invoke(kind);
            List<Sample>[] samples = [.. s_sizes.Select(size => MeasureSize(kind, size.Channels, size.Side, runs))];
            foreach (int bits in ChannelQuantizer.Widths.Where(width => width > 0).Select(width => (int)width))
            {
                Sample[] own = [.. samples.Select(list => list.Single(sample => sample.Bits == bits))];
                (double perProduct, double perValue) = Fit(own);
                entries.Add(new(kind, bits, perProduct, perValue));
                worst = Math.Max(worst, own.Max(sample => Math.Abs(sample.Values * (perProduct * sample.Products + perValue) / sample.Nanoseconds - 1)));
            }
        }

        return new(
            LatencyTable.ThisCpu, LatencyTable.ThisPath, DateTime.UtcNow.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture), entries.ToImmutable(), worst);
    }

    /// <summary>A layer: its values, products of each, and time over that of the pruned layer.</summary>
    private sealed record Sample(int Bits, double Values, double Products, double Nanoseconds);

    private static List<Sample> MeasureSize(string kind, int channels, int side, int runs)
    {
        RgbImage image = new(side, side);
        new Random(1).NextBytes(image.Pixels);
        Dictionary<int, CompiledNetwork> networks = ChannelQuantizer.Widths.ToDictionary(bits => (int)bits, bits => CompiledNetwork.Compile(Layer(kind, channels, bits), new() { Threads = 1 }));
        Dictionary<int, double> times = networks.Keys.ToDictionary(bits => bits, _ => double.PositiveInfinity);
        try
        {
            // In turn, so that what else goes on in the machine meets all alike.
            for (int round = 0; round < 3; round++)
            {
                foreach ((int bits, CompiledNetwork network) in networks)
                {
                    times[bits] = Math.Min(times[bits], network.Profile(image, runs).Where(step => step.Node == "layer.norm").Sum(step => step.Milliseconds) * 1e6);
                }
            }
        }
        finally
        {
            foreach (CompiledNetwork network in networks.Values)
            {
                network.Dispose();
            }
        }

        int taps = IsPointwise(kind) ? 1 : 9;
        return [.. times.Where(time => time.Key > 0).Select(time => new Sample(time.Key, (double)channels * side * side, channels * taps, Math.Max(1, time.Value - times[0])))];
    }

    // An image of the layer's size; where the layer reads doubled signs, the map in front of it is half as large.
    private static DenseGraph Layer(string kind, int channels, int bits)
    {
        bool doubled = kind == LatencyTable.Kinds[2], ofLevels = kind == LatencyTable.Kinds[3] || kind == LatencyTable.Kinds[4];
        GraphBuilder builder = new(Precision.Binary, seed: 1);
        int image = builder.NormalizedImage([120, 120, 120], [60, 60, 60]);
        int node = builder.Convolution(image, "first", channels, new(doubled ? 3 : 1, doubled ? 2 : 1));
        node = ofLevels ? builder.ActivationLevels(node, "levels") : builder.Sign(node, "signs");
        node = doubled ? builder.Upsample(node, "doubled", 2, UpsampleMode.Nearest) : node;
        node = builder.MixedConvolution(node, "layer", [.. Enumerable.Repeat((byte)bits, channels)], new(IsPointwise(kind) ? 1 : 3));
        return Freezing.Freeze(builder.Build(new GraphOutput(DenseGraph.LogitsOutput, builder.Convolution(node, "classifier", 2, new(1), bias: true))));
    }

    private static bool IsPointwise(string kind) => kind == LatencyTable.Kinds[0] || kind == LatencyTable.Kinds[3];

    /// <summary>Least squares of relative errors, both parts at least 0.</summary>
    private static (double PerProduct, double PerValue) Fit(Sample[] samples)
    {
        double aa = 0, ab = 0, bb = 0, a1 = 0, b1 = 0;
        foreach (Sample sample in samples)
        {
            double a = sample.Values * sample.Products / sample.Nanoseconds, b = sample.Values / sample.Nanoseconds;
            (aa, ab, bb, a1, b1) = (aa + a * a, ab + a * b, bb + b * b, a1 + a, b1 + b);
        }

        double determinant = aa * bb - ab * ab, perProduct = (a1 * bb - b1 * ab) / determinant, perValue = (b1 * aa - a1 * ab) / determinant;
        return perValue >= 0 && perProduct >= 0 ? (perProduct, perValue) : (a1 / aa, 0);
    }
}
