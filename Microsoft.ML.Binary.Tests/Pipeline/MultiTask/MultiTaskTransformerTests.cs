using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Imaging;
using Microsoft.ML.Binary.Inference;
using Microsoft.ML.Binary.Kernels;
using Microsoft.ML.Data;

namespace Microsoft.ML.Binary.Tests.Pipeline.MultiTask;

[TestClass]
[TestCategory("SameBits")]
public sealed class MultiTaskTransformerTests
{
    private static readonly string[] Columns = ["classes.PredictedLabel", "classes.Score", "object.Saliency", "edges.Edges"];

    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public void InterpreterPlansTransformerAndSavedModelGiveTheSameBitsForEveryHead(bool ofKnownSize)
    {
        using TestImages images = new((32, 16));
        MLContext ml = new(1);
        DenseNetwork network = MultiTaskNetworks.Network().Freeze();
        RgbImage image = RgbImage.Load(images.ImagePath(0));
        FeatureMap[] maps = ReferenceInterpreter.Run(network.Graph, ReferenceViews.Padded(network.Graph, image));
        foreach (KernelPath path in KernelPaths.Supported)
        {
            using CompiledNetwork compiled = CompiledNetwork.Compile(network, new() { Threads = 1, Kernels = KernelSet.For(path) });
            foreach (TaskHead head in network.Heads)
            {
                FeatureMap expected = maps[network.Graph.Output(network.OutputOf(head))];
                float[] logits = new float[head.Channels * 32 * 16];
                compiled.PredictTasks(image, [TaskOutput.Logits(head.Name, logits)]);
                CollectionAssert.AreEqual(Enumerable.Range(0, head.Channels).SelectMany(c => expected.Plane(c).ToArray()).ToArray(), logits, $"{head.Name}, {path}");
            }
        }

        IDataView data = ml.Data.LoadImages(images.Images);
        data = ofKnownSize ? ml.Transforms.ResizeImages("Image", 32, 16).Fit(data).Transform(data) : data;
        ITransformer transformer = ml.MultiTask.ApplyNetwork(network, new() { ScoredTasks = ["classes"] }).Fit(data);
        using CompiledNetwork plan = CompiledNetwork.Compile(network);
        byte[] labels = new byte[32 * 16];
        float[] scores = new float[3 * labels.Length], saliency = new float[labels.Length], edges = new float[labels.Length];
        plan.PredictTasks(image, [TaskOutput.Scores("classes", scores, labels), TaskOutput.Probabilities("object", saliency), TaskOutput.Probabilities("edges", edges)]);
        AssertRow(transformer.Transform(data));
        ml.Model.Save(transformer, null, images.File("street.zip"));
        AssertRow(new MLContext().Model.Load(images.File("street.zip"), out _).Transform(data));
        AssertRow(ml.MultiTask.FromTransformer(ml.Model.Load(images.File("street.zip"), out _)).Transform(data));
        AssertRow(ml.MultiTask.Restore(ml.Model.Load(images.File("street.zip"), out _)).Transform(data));

        MultiTaskPrediction predicted = MultiTaskPredictor.Load(images.File("street.zip")).Predict(image);
        CollectionAssert.AreEqual(labels, predicted.Labels("classes").Labels);
        CollectionAssert.AreEqual(edges, predicted.Map("Edges").Values.ToArray());

        void AssertRow(IDataView scored)
        {
            CollectionAssert.AreEqual(labels, scored.Vectors<byte>(Columns[0])[0]);
            CollectionAssert.AreEqual(scores, scored.Vectors<float>(Columns[1])[0]);
            CollectionAssert.AreEqual(saliency, scored.Vectors<float>(Columns[2])[0]);
            CollectionAssert.AreEqual(edges, scored.Vectors<float>(Columns[3])[0]);
            CollectionAssert.AreEqual(new[] { 16 }, scored.Values<int>("MaskHeight"));
            CollectionAssert.IsSubsetOf(new[] { "classes.PredictedLabel", "object.Saliency", "edges.Edges", "MaskWidth" }, scored.Schema.Names());
            Assert.IsFalse(scored.Schema.Names().Any(name => name.StartsWith("MlBinary", StringComparison.Ordinal)), "nothing of the saved form is left over");
        }
    }

    [TestMethod]
    public void ImagesOfDifferentSizesGiveWhatTheirOwnNetworksGive()
    {
        using TestImages images = new((21, 17), (33, 18), (16, 16));
        MLContext ml = new(1);
        IDataView data = ml.Data.LoadImages(images.Images);
        DenseNetwork network = MultiTaskNetworks.Network();
        MultiTaskTransformer transformer = ml.MultiTask.FromNetwork(network);

        IDataView scored = transformer.Transform(data);

        ScoredRows.AreEqual(ml.Segmentation.FromNetwork(network.Alone(network.Heads[0])).Transform(data).Vectors<byte>("PredictedLabel"), scored.Vectors<byte>("classes.PredictedLabel"));
        ScoredRows.AreEqual(ml.Segmentation.FromNetwork(network).Transform(data).Vectors<byte>("PredictedLabel"), scored.Vectors<byte>("classes.PredictedLabel"));
        ScoredRows.AreEqual(ml.Saliency.FromNetwork(network.Alone(network.Heads[1])).Transform(data).Vectors<float>("Saliency"), scored.Vectors<float>("object.Saliency"));
        ml.Model.Save(transformer, null, images.File("street.zip"));
        IDataView loaded = new MLContext().Model.Load(images.File("street.zip"), out _).Transform(data);
        CollectionAssert.AreEqual(scored.Schema.Names(), loaded.Schema.Names());
        ScoredRows.AreEqual(scored.Vectors<byte>("classes.PredictedLabel"), loaded.Vectors<byte>("classes.PredictedLabel"));
        ScoredRows.AreEqual(scored.Vectors<float>("edges.Edges"), loaded.Vectors<float>("edges.Edges"));
        CollectionAssert.AreEqual(scored.Values<int>("MaskWidth"), loaded.Values<int>("MaskWidth"));
    }

    [TestMethod]
    public void APredictionEngineFillsAClassOfTheUser()
    {
        using TestImages images = new((21, 17));
        MLContext ml = new(1);
        MultiTaskTransformer transformer = ml.MultiTask.FromNetwork(MultiTaskNetworks.Network());
        ml.Model.Save(transformer, null, images.File("street.zip"));
        IDataView scored = transformer.Transform(ml.Data.LoadImages(images.Images));
        using MLImage image = MLImage.CreateFromFile(images.ImagePath(0));
        foreach (ITransformer model in new[] { transformer, ml.Model.Load(images.File("street.zip"), out _) })
        {
            using var engine = ml.Model.CreatePredictionEngine<ImageRow, Street>(model);
            Street street = engine.Predict(new() { Image = image });
            CollectionAssert.AreEqual(scored.Vectors<byte>("classes.PredictedLabel")[0], street.Classes);
            CollectionAssert.AreEqual(scored.Vectors<float>("edges.Edges")[0], street.Edges);
            Assert.AreEqual((17, 21), (street.MaskHeight, street.MaskWidth));
        }
    }

    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public void CursorsOfALoadedModelThatReadAtOnceDoNotMixRows(bool ofKnownSize)
    {
        using TestImages images = new([.. Enumerable.Repeat((64, 48), 24)]);
        MLContext ml = new(1);
        IDataView data = ml.Data.LoadImages(images.Images);
        data = ofKnownSize ? ml.Transforms.ResizeImages("Image", 64, 48).Fit(data).Transform(data) : data;
        ml.Model.Save(ml.MultiTask.ApplyNetwork(MultiTaskNetworks.Network()).Fit(data), null, images.File("street.zip"));
        IDataView scored = ml.Model.Load(images.File("street.zip"), out _).Transform(data);
        List<byte[]> labels = scored.Vectors<byte>("classes.PredictedLabel");
        List<float[]> edges = scored.Vectors<float>("edges.Edges");

        Task.WaitAll([.. Enumerable.Range(0, 4).Select(_ => Task.Factory.StartNew(Read, TaskCreationOptions.LongRunning))]);

        void Read()
        {
            for (int round = 0; round < 20; round++)
            {
                ScoredRows.AreEqual(labels, scored.Vectors<byte>("classes.PredictedLabel"));
                ScoredRows.AreEqual(edges, scored.Vectors<float>("edges.Edges"));
            }
        }
    }

    [TestMethod]
    public void SomeTasksAreEnough_AndComeBack()
    {
        using TestImages images = new((21, 17));
        MLContext ml = new(1);
        MultiTaskTransformer some = ml.MultiTask.FromNetwork(MultiTaskNetworks.Network(), new() { Tasks = ["Edges", "CLASSES"], ScoredTasks = ["Classes"] });
        IDataView data = ml.Data.LoadImages(images.Images);
        CollectionAssert.AreEqual(
            new[] { "Image", "ImagePath", "classes.PredictedLabel", "classes.Score", "edges.Edges", "MaskHeight", "MaskWidth" }, some.Transform(data).Schema.Names());
        ml.Model.Save(some, null, images.File("some.zip"));
        MultiTaskTransformer back = ml.MultiTask.FromTransformer(ml.Model.Load(images.File("some.zip"), out _));
        CollectionAssert.AreEqual(some.Transform(data).Schema.Names(), back.Transform(data).Schema.Names());
        ScoredRows.AreEqual(some.Transform(data).Vectors<float>("classes.Score"), back.Transform(data).Vectors<float>("classes.Score"));
        DataViewSchema.Column labels = some.Transform(data).Schema["classes.PredictedLabel"];
        Assert.IsNotNull(labels.Annotations.Schema.GetColumnOrNull(SegmentationTransformer.ClassNamesAnnotation));
    }

    [TestMethod]
    public void WhatDoesNotFit_IsNamed()
    {
        MLContext ml = new(1);
        DenseNetwork network = MultiTaskNetworks.Network();
        MultiTaskTransformer several = ml.MultiTask.FromNetwork(network);
        AssertRefused("no head 'depth'; it has 'classes', 'object', 'edges'", () => ml.MultiTask.FromNetwork(network, new() { Tasks = ["depth"] }));
        AssertRefused("'edges' is a head for edges, which has no classes", () => ml.MultiTask.FromNetwork(network, new() { ScoredTasks = ["edges"] }));
        AssertRefused("ScoredTasks names 'classes', and Tasks does not", () => ml.MultiTask.FromNetwork(network, new() { Tasks = ["object"], ScoredTasks = ["classes"] }));
        AssertRefused("Tasks names no task", () => ml.MultiTask.FromNetwork(network, new() { Tasks = [] }));
        AssertRefused("use ml.MultiTask", () => ml.Segmentation.FromTransformer(several));
        AssertRefused("use ml.MultiTask", () => ml.Saliency.FromNetwork(network));
        AssertRefused("use ml.MultiTask", () => ml.Saliency.FromNetwork(network.Alone(network.Heads[2])));
        AssertRefused("use ml.Saliency", () => ml.MultiTask.FromTransformer(ml.Saliency.FromNetwork(PipelineNetworks.Saliency())));
        AssertRefused("one for segmentation; use ml.Segmentation", () => ml.MultiTask.FromTransformer(ml.Segmentation.FromNetwork(network)));
        AssertRefused("none of its stages was made by ml.MultiTask", () => ml.MultiTask.FromTransformer(ml.Transforms.CopyColumns("A", "Image").Fit(ml.Data.LoadFromEnumerable<ImageRow>([]))));
        MultiTaskPrediction predicted = new MultiTaskPredictor(network).Predict(PipelineNetworks.Image(9, 7));
        AssertRefused("no head 'depth'; it has 'classes', 'object', 'edges'", () => predicted.Map("depth"));
        AssertRefused("take Labels of it", () => predicted.Map("classes"));
        AssertRefused("take Map of it", () => predicted.Labels("edges"));

        static void AssertRefused(string part, Action action) => StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(action).Message, part);
    }

    private sealed class Street
    {
        [ColumnName("classes.PredictedLabel")]
        public byte[] Classes { get; set; } = [];

        [ColumnName("edges.Edges")]
        public float[] Edges { get; set; } = [];

        public int MaskHeight { get; set; }

        public int MaskWidth { get; set; }
    }
}
