using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Inference;
using Microsoft.ML.Binary.Networks;
using Microsoft.ML.Binary.Tests.Networks;
using Microsoft.ML.Binary.Training;

namespace Microsoft.ML.Binary.Tests.Training;

[TestClass]
public sealed class TrainingStepTests
{
    private const int Batch = 2, Height = 32, Width = 48;

    [TestMethod]
    public void StepsOnOneBatchLearnItAndLeaveTheGivenGraphAlone()
    {
        DenseGraph graph = TinyTask.Graph();
        float[][] before = [.. graph.Parameters.Select(parameter => parameter.Values.ToArray())];
        TrainingStep step = Filled(graph, threads: 1);
        double first = step.Run(5e-3), last = first;
        for (int i = 0; i < 30; i++)
        {
            last = step.Run(5e-3);
        }

        Assert.IsLessThan(0.7 * first, last, $"loss {first} to {last}");
        Assert.IsTrue(graph.Parameters.Zip(before).All(pair => pair.First.Values.SequenceEqual(pair.Second)));
        Assert.IsFalse(step.Graph.Parameters.Zip(before).All(pair => pair.First.Values.SequenceEqual(pair.Second)));
    }

    [TestMethod]
    public void ThreadsDoNotChangeALoss()
    {
        TrainingStep one = Filled(TinyTask.Graph(), threads: 1), three = Filled(TinyTask.Graph(), threads: 3);
        for (int i = 0; i < 3; i++)
        {
            Assert.AreEqual(one.Run(2e-3), three.Run(2e-3));
        }
    }

    [TestMethod]
    public void ForwardComputesTheInferenceForm()
    {
        DenseGraph graph = TinyTask.Graph(Precision.Float);
        TrainingStep step = Filled(graph, threads: 1);
        step.Forward();
        FeatureMap image = new(3, Height, Width, step.Images[..(3 * Height * Width)].ToArray());
        float[] expected = ReferenceInterpreter.Run(graph, image)[graph.Logits].Values;
        for (int i = 0; i < expected.Length; i++)
        {
            Assert.AreEqual(expected[i], step.Logits[i], 1e-4 * Math.Max(1, Math.Abs(expected[i])));
        }
    }

    [TestMethod]
    public void EveryPartOfAStepIsReported()
    {
        TrainingStep step = Filled(TinyTask.Graph(), threads: 1);
        List<(string Part, bool Forward)> parts = [];
        step.PartDone = (part, forward) => parts.Add((part, forward));
        step.Run(1e-3);
        CollectionAssert.Contains(parts, (nameof(BinaryConvolution), true));
        CollectionAssert.Contains(parts, (nameof(BinaryConvolution), false));
        Assert.AreEqual(1, parts.Count(part => part == ("loss", true)));
        Assert.AreEqual(("optimizer", false), parts[^1]);
    }

    [TestMethod]
    public void WhatCannotBeTrainedIsRefused()
    {
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => new TrainingStep(TinyTask.Graph(), 1, 30, 48)).Message, "48x30; their sides must be multiples of");
        StringAssert.Contains(
            Assert.ThrowsExactly<ArgumentException>(() => new TrainingStep(TinyTask.Graph(outputs: 1), 1, 32, 48)).Message, "two classes");
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new TrainingStep(TinyTask.Graph(), 0, 32, 48));
        Assert.ThrowsExactly<GraphException>(() => new TrainingStep(Freezing.Freeze(TinyTask.Graph()), 1, 32, 48));
        DenseGraph noisy = MultiTaskNetwork.Build(MultiTaskNetworkTests.Configuration, [MultiTaskNetworkTests.Classes], bottleneck: TaskBottleneck.Diagonal).Graph;
        StringAssert.Contains(Assert.ThrowsExactly<GraphException>(() => new TrainingStep(noisy, 1, 32, 48)).Message, "draws noise");
    }

    private static TrainingStep Filled(DenseGraph graph, int threads)
    {
        TrainingStep step = new(graph, Batch, Height, Width, threads);
        Random random = new(1);
        for (int i = 0; i < step.Labels.Length; i++)
        {
            byte label = (byte)(i % Width * TinyTask.Classes / Width);
            step.Labels[i] = label;
            for (int channel = 0; channel < 3; channel++)
            {
                int image = i / (Height * Width);
                step.Images[(3 * image + channel) * Height * Width + i % (Height * Width)] = 40 + 70 * (label == channel ? 1 : 0) + random.Next(60);
            }
        }

        return step;
    }
}
