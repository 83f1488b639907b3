using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Imaging;
using Microsoft.ML.Binary.Inference;
using Microsoft.ML.Binary.Networks;
using Microsoft.ML.Binary.Tests.Networks;

namespace Microsoft.ML.Binary.Tests.Inference;

/// <summary>Results of several heads in one run.</summary>
[TestClass]
[TestCategory("SameBits")]
public sealed class TaskResultsTests
{
    private const int Width = 70, Height = 51;

    private static readonly TaskHead Object = new("object", DenseTask.Saliency);

    private static readonly RgbImage Image = new(Width, Height, [.. Enumerable.Range(0, 3 * Width * Height).Select(i => (byte)(i * i * 31 / 7))]);

    /// <summary>Row by row, in bands or out of memory, results are what they are at once.</summary>
    [TestMethod]
    [DataRow(1, 70, 51, false)]
    [DataRow(2, 700, 3001, false)]
    [DataRow(2, 700, 3001, true)]
    public void RowsAreThoseOfTheWholeResults(int threads, int width, int height, bool views)
    {
        InferenceOptions options = new() { Threads = threads, Views = views ? new() { Scales = [0.5, 1], Mirrored = true } : null };
        using CompiledNetwork network = CompiledNetwork.Compile(Network(TaskDecoders.Light), options);
        byte[][] whole = [.. network.Heads.Select(_ => new byte[width * height])], rows = [.. network.Heads.Select(_ => new byte[width * height])];
        int[] next = new int[whole.Length];
        network.PredictTasks(Image, [.. network.Heads.Select((head, i) => head.Task.HasClasses ? TaskOutput.Labels(head.Name, whole[i]) : TaskOutput.Gray(head.Name, whole[i]))], (width, height));

        for (int run = 1; run <= 2; run++)
        {
            network.PredictRows(
                Image,
                (head, y, values) =>
                {
                    Assert.AreEqual(next[head]++, y);
                    values.CopyTo(rows[head].AsSpan(y * width));
                },
                (width, height));
            for (int head = 0; head < whole.Length; head++)
            {
                Assert.AreEqual(height, next[head]);
                CollectionAssert.AreEqual(whole[head], rows[head]);
                next[head] = 0;
            }
        }

        // What was made for rows serves whole results too.
        network.PredictTasks(Image, [TaskOutput.Gray("edges", rows[1])], (width, height));
        CollectionAssert.AreEqual(whole[Array.FindIndex([.. network.Heads], head => head.Name == "edges")], rows[1]);
    }

    [TestMethod]
    [DataRow(TaskDecoders.Light, 1, false)]
    [DataRow(TaskDecoders.Light, 2, true)]
    [DataRow(TaskDecoders.Full, 3, false)]
    public void EveryHeadHasTheBitsOfItsOwnGraph(TaskDecoders decoders, int threads, bool views)
    {
        DenseNetwork network = Network(decoders);
        InferenceOptions options = new() { Threads = threads, Views = views ? new() { Scales = [0.5, 1], Mirrored = true } : null };
        using CompiledNetwork all = CompiledNetwork.Compile(network, options);
        int pixels = Width * Height;
        byte[] labels = new byte[pixels], labelsBeside = new byte[pixels];
        float[] edges = new float[pixels], saliency = new float[pixels], scores = new float[3 * pixels], logits = new float[pixels];
        all.PredictTasks(Image, [TaskOutput.Probabilities("edges", edges), TaskOutput.Labels("classes", labels), TaskOutput.Probabilities("OBJECT", saliency)]);
        all.PredictTasks(Image, [TaskOutput.Scores("classes", scores, labelsBeside), TaskOutput.Logits("edges", logits)]);

        byte[] expectedLabels = new byte[pixels];
        float[] expected = new float[pixels], expectedScores = new float[3 * pixels];
        using (CompiledNetwork classes = Alone("classes"))
        {
            classes.PredictLabels(Image, expectedLabels);
            classes.PredictScores(Image, expectedScores);
        }

        CollectionAssert.AreEqual(expectedLabels, labels);
        CollectionAssert.AreEqual(expectedLabels, labelsBeside);
        CollectionAssert.AreEqual(expectedScores, scores);
        using (CompiledNetwork alone = Alone("edges"))
        {
            alone.PredictSaliency(Image, expected);
            CollectionAssert.AreEqual(expected, edges);
            alone.PredictLogits(Image, expected);
            CollectionAssert.AreEqual(expected, logits);
        }

        using (CompiledNetwork alone = Alone("object"))
        {
            alone.PredictSaliency(Image, expected);
            CollectionAssert.AreEqual(expected, saliency);
        }

        all.PredictLabels(Image, labels);
        CollectionAssert.AreEqual(expectedLabels, labels, "who asks for one result gets the first head's");

        CompiledNetwork Alone(string name)
        {
            TaskHead head = network.Head(name);
            return CompiledNetwork.Compile(
                new DenseNetwork(new(network.Graph.Nodes, [new(DenseGraph.LogitsOutput, network.Graph.Output(network.OutputOf(head)))]), [head]), options);
        }
    }

    [TestMethod]
    public void ARunAllocatesNothing()
    {
        using CompiledNetwork network = CompiledNetwork.Compile(Network(TaskDecoders.Light), new() { Threads = 1 });
        byte[] labels = new byte[Width * Height];
        float[] edges = new float[Width * Height];
        Predict();
        Assert.AreEqual(0, Allocation.Of(Predict));

        void Predict() => network.PredictTasks(Image, [TaskOutput.Labels("classes", labels), TaskOutput.Probabilities("edges", edges)]);
    }

    /// <summary>Memory of runs is used again: results of an earlier run are no longer the network's to write to.</summary>
    [TestMethod]
    public void NodeOutputs_LeaveTheResultsOfEarlierRunsAlone()
    {
        using CompiledNetwork network = CompiledNetwork.Compile(Network(TaskDecoders.Light), new() { KeepsNodeOutputs = true });
        byte[] labels = GC.AllocateArray<byte>(Width * Height, pinned: true);
        float[] edges = GC.AllocateArray<float>(Width * Height, pinned: true), saliency = GC.AllocateArray<float>(Width * Height, pinned: true);
        network.PredictTasks(Image, [TaskOutput.Labels("classes", labels), TaskOutput.Probabilities("edges", edges), TaskOutput.Probabilities("object", saliency)]);
        Assert.IsTrue(edges.All(value => value > 0) && saliency.All(value => value > 0));
        Array.Fill(labels, (byte)9);
        Array.Clear(edges);
        Array.Clear(saliency);
        network.NodeOutputs(Image);
        Assert.IsTrue(labels.All(label => label == 9) && edges.All(value => value == 0) && saliency.All(value => value == 0));
    }

    [TestMethod]
    [DataRow(0, 0)]
    [DataRow(0, 5)]
    [DataRow(5, -1)]
    public void RowsOfNoSize_AreRefused(int width, int height)
    {
        using CompiledNetwork network = CompiledNetwork.Compile(Network(TaskDecoders.Light));
        StringAssert.Contains(
            Assert.ThrowsExactly<ArgumentException>(() => network.PredictRows(Image, (_, _, _) => Assert.Fail("There is no row."), (width, height))).Message, $"is {width}x{height}; both sides");
    }

    [TestMethod]
    public void WhatIsNotThere_IsNamed()
    {
        using CompiledNetwork network = CompiledNetwork.Compile(Network(TaskDecoders.Light), new() { Threads = 1 }), graph = CompiledNetwork.Compile(Network(TaskDecoders.Light).Graph);
        byte[] labels = new byte[Width * Height];
        float[] map = new float[Width * Height];
        AssertRefused("no head 'depth'; it has 'classes', 'edges', 'object'", network, TaskOutput.Probabilities("depth", map));
        AssertRefused("'classes' is a head for segmentation", network, TaskOutput.Probabilities("classes", map));
        AssertRefused("'edges' is a head for edges", network, TaskOutput.Labels("edges", labels));
        AssertRefused("asked for twice", network, TaskOutput.Logits("edges", map), TaskOutput.Probabilities("edges", map));
        AssertRefused("there is room for 7", network, TaskOutput.Labels("classes", new byte[7]));
        AssertRefused("No result", network);
        AssertRefused("compile a DenseNetwork", graph, TaskOutput.Labels("classes", labels));

        static void AssertRefused(string part, CompiledNetwork network, params TaskOutput[] outputs) =>
            StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => network.PredictTasks(Image, outputs)).Message, part);
    }

    [TestMethod]
    public void ClassesOfAHeadWithoutClasses_AreRefused()
    {
        DenseNetwork network = Network(TaskDecoders.Light);
        using CompiledNetwork edges = CompiledNetwork.Compile(network.Alone(network.Head("edges")), new() { Threads = 1 });
        byte[] labels = new byte[Width * Height];
        float[] map = new float[Width * Height];
        foreach (Action predict in new Action[] { () => edges.PredictLabels(Image, labels), () => edges.PredictScores(Image, map), () => edges.PredictLabelsAndScores(Image, labels, map) })
        {
            StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(predict).Message, "'edges' is a head for edges, which has no classes: take PredictSaliency or PredictLogits");
        }
    }

    private static DenseNetwork Network(TaskDecoders decoders) => MultiTaskNetwork.Build(
        MultiTaskNetworkTests.Configuration, [MultiTaskNetworkTests.Classes, MultiTaskNetworkTests.Edges, Object], decoders, TaskBottleneck.Diagonal).Freeze();
}
