using System.Collections.Immutable;
using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Inference;
using Microsoft.ML.Binary.Onnx;
using Microsoft.ML.Binary.Training;

namespace Microsoft.ML.Binary.Compare;

/// <summary>
/// Whether a binary network gives the same here and in ONNX Runtime, which rounds real-valued operations in another order. Where that carries
/// a value across zero, a sign flips, and what follows may differ freely. So three things are held apart: the whole-number arithmetic of each
/// convolution, which must be equal; the first flips, which must come from values next to zero; and what becomes of them.
/// </summary>
internal sealed class BinaryAgreement
{
    private const double MaxFirstFlip = 1e-4, MaxMeanIoUDifference = 0.002;

    private readonly DenseNetwork _network;
    private readonly DenseGraph _graph;
    private readonly List<int> _signs = [], _convolutions = [];
    private double _largestFirstFlip;
    private long _firstFlips, _unequalDots, _dots;

    public BinaryAgreement(DenseNetwork network)
    {
        _network = network.Freeze();
        _graph = _network.Graph;
        for (int i = 0; i < _graph.Nodes.Length; i++)
        {
            (_graph.Nodes[i] switch { Sign => _signs, PackedBinaryConvolution => _convolutions, _ => [] }).Add(i);
        }
    }

    /// <returns>Whether all that must hold does.</returns>
    public bool Print(TextWriter output, IReadOnlyList<TrainingSample> samples)
    {
        using OnnxModel signsRival = new(OnnxExporter.ToBytes(_network, new() { IntermediateOutputs = Names(_signs) }));
        IEnumerable<int> inputs = _convolutions.Select(c => _graph.Nodes[c].Inputs[0]);
        using OnnxModel dotsRival = new(OnnxExporter.ToBytes(_network, new() { IntermediateOutputs = Names(inputs.Concat(_convolutions).Distinct()) }));
        using CompiledNetwork network = CompiledNetwork.Compile(_graph, new() { KeepsNodeOutputs = true });

        SegmentationMetricsAccumulator ours = new(_network.ClassNames), theirs = new(_network.ClassNames);
        long flips = 0, signs = 0, equal = 0, pixels = 0;
        double leastAgreement = 1;
        Table table = new(output, "image", "signs flipped", "of", "first flips", "largest value before a first flip", "mask agreement, %");
        foreach (TrainingSample sample in samples)
        {
            Dictionary<string, float[]> results = TwinAgreement.Outputs(signsRival, sample);
            FeatureMap[] maps = network.NodeOutputs(sample.Image);
            Flips found = CountFlips(maps, results);
            byte[] a = Labels(network, sample), b = TwinAgreement.Labels(results[DenseGraph.LogitsOutput], sample.Mask.Length);
            int same = a.Zip(b).Count(pair => pair.First == pair.Second);
            table.Row(sample.Name, found.All, found.Signs, found.First, found.LargestFirst, 100.0 * same / a.Length);
            ours.Add(sample.Name, sample.Mask, a, sample.Image.Width, sample.Image.Height);
            theirs.Add(sample.Name, sample.Mask, b, sample.Image.Width, sample.Image.Height);
            (flips, signs, equal, pixels) = (flips + found.All, signs + found.Signs, equal + same, pixels + a.Length);
            (_firstFlips, _largestFirstFlip) = (_firstFlips + found.First, Math.Max(_largestFirstFlip, found.LargestFirst));
            leastAgreement = Math.Min(leastAgreement, (double)same / a.Length);
            CompareDots(TwinAgreement.Outputs(dotsRival, sample), sample);
        }

        double difference = Math.Abs(ours.ToMetrics().MeanIoU - theirs.ToMetrics().MeanIoU);
        bool holds = _unequalDots == 0 && _largestFirstFlip < MaxFirstFlip && difference <= MaxMeanIoUDifference;
        output.WriteLine();
        output.WriteLine($"- Binary convolutions fed the same signs: {_unequalDots} of {_dots} integers differ ({_convolutions.Count} convolutions, {samples.Count} images).");
        output.WriteLine($"- End to end: {flips} of {signs} signs flipped, {_firstFlips} of them first flips, the largest from a value of {Table.Text(_largestFirstFlip)} (allowed: below {MaxFirstFlip}).");
        output.WriteLine(
            $"- Masks equal in {100.0 * equal / pixels:0.0000} % of pixels, in the worst image {100 * leastAgreement:0.0000} %; mIoU {ours.ToMetrics().MeanIoU:0.0000} here, "
            + $"{theirs.ToMetrics().MeanIoU:0.0000} there (difference {Table.Text(difference)}, allowed {MaxMeanIoUDifference}). {(holds ? "All as required." : "**Not all as required.**")}");
        return holds;
    }

    private sealed record Flips(long All, long Signs, long First, double LargestFirst);

    /// <summary>A flip is a first one if no sign flipped in any map that its own is made from.</summary>
    private Flips CountFlips(FeatureMap[] ours, Dictionary<string, float[]> theirs)
    {
        bool[] follows = new bool[_graph.Nodes.Length];
        long all = 0, signs = 0, first = 0;
        double largest = 0;
        for (int i = 0; i < follows.Length; i++)
        {
            Node node = _graph.Nodes[i];
            bool before = follows[i] = node.Inputs.Any(input => follows[input]);
            if (node is not Sign sign)
            {
                continue;
            }

            float[] mine = ours[i].Values, other = theirs[node.Name];
            signs += mine.Length;
            for (int p = 0; p < mine.Length; p++)
            {
                if (mine[p] == other[p])
                {
                    continue;
                }

                all++;
                follows[i] = true;
                if (!before)
                {
                    first++;
                    largest = Math.Max(largest, Math.Abs(ours[node.Inputs[0]].Values[p] + sign.Shift.Values[p / ours[i].Pixels]));
                }
            }
        }

        return new(all, signs, first, largest);
    }

    /// <summary>Feeds the interpreter, whose bits our kernels give, the signs that the rival's convolutions read, and compares the dot products.</summary>
    private void CompareDots(Dictionary<string, float[]> theirs, TrainingSample sample)
    {
        (int height, int width) = _graph.PaddedSize(sample.Image.Height, sample.Image.Width);
        foreach (int index in _convolutions)
        {
            Node node = _graph.Nodes[index];
            FeatureMap signs = Map(node.Inputs[0], theirs[_graph.Nodes[node.Inputs[0]].Name]);
            float[] expected = theirs[node.Name], dots = ReferenceInterpreter.Evaluate(node, [signs], Map(index)).Values;
            _dots += dots.Length;
            _unequalDots += expected.Length == dots.Length ? dots.Zip(expected).Count(pair => pair.First != pair.Second) : dots.Length;
        }

        FeatureMap Map(int node, float[]? values = null)
        {
            (int rows, int columns) = _graph.Types[node].SizeAt(height, width);
            FeatureMap map = new(_graph.Types[node].Channels, rows, columns);
            return values is null ? map : map with { Values = values };
        }
    }

    private static byte[] Labels(CompiledNetwork network, TrainingSample sample)
    {
        byte[] labels = new byte[sample.Mask.Length];
        network.PredictLabels(sample.Image, labels);
        return labels;
    }

    private ImmutableArray<string> Names(IEnumerable<int> nodes) => [.. nodes.Select(node => _graph.Nodes[node].Name)];
}
