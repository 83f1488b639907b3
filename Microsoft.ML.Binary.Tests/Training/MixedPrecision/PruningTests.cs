using System.Collections.Immutable;
using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Training;
using Microsoft.ML.Binary.Training.MixedPrecision;

namespace Microsoft.ML.Binary.Tests.Training.MixedPrecision;

/// <summary>Channels of no bits.</summary>
[TestClass]
public sealed class PruningTests
{
    [TestMethod]
    public void WhatKeepsTheGradientAtZeroCountsWhereChannelsMayBePruned()
    {
        Assert.IsFalse(Same([0, 1, 8]));
        Assert.IsTrue(Same([1, 8]));

        static bool Same(ImmutableArray<byte> precisions)
        {
            MixedPrecisionOptions options = TinySearch.Options() with { Precisions = precisions };
            return TinyTask.Bits(TinySearch.Run(options).Single().Graph).SequenceEqual(TinyTask.Bits(TinySearch.Run(options with { StopsAtZero = true }).Single().Graph));
        }
    }

    [TestMethod]
    public void WhatPruningTakesAwayIsWeighedBehindTheBatchNorm()
    {
        // Behind the last convolution no sign is taken, so that finite differences say what the gradient is.
        DenseGraph search = WidthGraphs.ToSearch(TinyTask.Graph(), [0, 1, 2, 8]);
        SearchConvolution last = search.Nodes.OfType<SearchConvolution>().Last();
        TrainingNetwork network = new(search, images: 2, height: 32, width: 32, threads: 1);
        RandomStream random = new(7);
        foreach (float[] values in (float[][])[network.Image.Data, last.GateLogits.Values])
        {
            for (int i = 0; i < values.Length; i++)
            {
                values[i] = random.NextSingle(0, values == last.GateLogits.Values ? 1 : 255);
            }
        }

        float[] weights = [.. Enumerable.Range(0, network.Logits.Length).Select(_ => random.NextSingle(-1, 1))];
        Loss();
        network.Pass.BeginGradient(network.Logits);
        weights.CopyTo(network.Logits.Gradient!, 0);
        network.Backward();
        float[] gradient = network.Gradients[last.GateLogits];
        const float Step = 0.02f;
        double[] differences = [.. Enumerable.Range(0, last.Weight.Shape[0]).Select(c =>
        {
            float before = last.GateLogits.Values[c];
            last.GateLogits.Values[c] = before + Step;
            double above = Loss();
            last.GateLogits.Values[c] = before - Step;
            double difference = (above - Loss()) / (2 * Step);
            last.GateLogits.Values[c] = before;
            return difference;
        })];
        double largest = differences.Max(Math.Abs);
        Assert.IsGreaterThan(0.1, largest);
        for (int c = 0; c < differences.Length; c++)
        {
            Assert.AreEqual(differences[c], gradient[c], 0.02 * largest, $"channel {c}");
        }

        double Loss()
        {
            network.Pass.Widths = new(SearchPhase.Search, 1, GateSampling.Soft, false, 1, 1);
            network.Forward(usesBatchStatistics: true);
            return weights.Zip(network.Logits.Data, (weight, logit) => (double)weight * logit).Sum();
        }
    }

    [TestMethod]
    public void WhatWasPrunedBeforeStaysSoAndNothingElseIsPruned()
    {
        MixedPrecisionOptions options = TinySearch.Options() with { Cost = WidthCost.Weights };
        double unit = MixedPrecisionSearch.CostOf(TinyTask.Graph(), WidthCost.Weights, options.ImageHeight, options.ImageWidth);
        SearchPoint pruned = TinySearch.Run(options with { Precisions = [0, 8], Limit = 5 * unit }).Single();
        SearchPoint found = TinySearch.Run(options with { Limit = 1.5 * unit, KeepsPruning = true, WarmUp = 0 }, graph: pruned.Graph).Single();
        Assert.IsTrue(pruned.Layers.Any(layer => layer.Bits.Contains((byte)0)));
        Assert.IsLessThanOrEqualTo(1.5 * unit, found.Cost);
        foreach ((ConvolutionWidths before, ConvolutionWidths after) in pruned.Layers.Zip(found.Layers))
        {
            CollectionAssert.AreEqual(before.Bits.Select(bits => bits == 0).ToArray(), after.Bits.Select(bits => bits == 0).ToArray(), before.Shape.Name);
        }
    }
}
