using Microsoft.Extensions.DependencyInjection;
using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Imaging;
using Microsoft.ML.Binary.Networks;
using Microsoft.ML.Binary.Training;

namespace Microsoft.ML.Binary.Tests.Pipeline.MultiTask;

[TestClass]
public sealed class MultiTaskTrainerTests
{
    private static readonly MultiTaskTrainerOptions Options = new()
    {
        Tasks = MultiTaskNetworks.Tasks,
        Network = MultiTaskNetworks.Configuration with { Outputs = 3 },
        Steps = 3,
        BatchSize = 2,
        CropHeight = 16,
        CropWidth = 16,
        Threads = 1,
        Seed = 1,
    };

    [TestMethod]
    public void FittedAndEvaluated_ItIsWhatTheEngineTrains()
    {
        using TestImages images = new((21, 17), (33, 18), (16, 16));
        MLContext ml = new(1);
        IDataView data = ml.Data.LoadImageTasks(images.Images, MultiTaskNetworks.Masks(images));
        CollectionAssert.AreEqual(new[] { "Image", "classes.Label", "object.Label", "MaskHeight", "MaskWidth", "ImagePath" }, data.Schema.Names());
        List<double?> validated = [];

        MultiTaskTrainer trainer = ml.MultiTask.Trainers.BinaryDenseNet(Options with { ValidationSet = data, MetricsCallback = p => validated.Add(p.ValidationMetric) });
        MultiTaskTransformer model = trainer.Fit(data);

        // What a chain of estimators promises, it asks of each by its schema.
        CollectionAssert.AreEqual(
            model.Transform(data).Schema.Names(), ml.Transforms.CopyColumns("Copy", "ImagePath").Append(trainer).Fit(data).Transform(data).Schema.Names().Except(["Copy"]).ToArray());
        TrainingSample[] samples = [.. TaskImages.Pair(images.Images, MultiTaskNetworks.Masks(images)).Select(image => TaskImages.Load(image, MultiTaskNetworks.Masks(images)))];
        DenseNetwork initial = MultiTaskNetwork.Build(Options.Network!, MultiTaskNetworks.Heads, workingSize: model.Network.WorkingSize);
        TrainingResult engine = DenseTrainer.TrainTasks(
            initial, [.. MultiTaskNetworks.Tasks.Select(task => new LearnedTask(task.Name, task.Task) { From = task.From })], () => samples,
            new() { Budget = TrainingBudget.OfSteps(3), BatchSize = 2, CropHeight = 16, CropWidth = 16, Threads = 1, WorkingSize = model.Network.WorkingSize });
        CollectionAssert.AreEqual(initial.WithGraph(engine.Graph).Freeze().Graph.Parameters.SelectMany(p => p.Values).ToArray(), model.Network.Graph.Parameters.SelectMany(p => p.Values).ToArray());

        IDataView scored = model.Transform(data);
        MultiTaskMetrics metrics = ml.MultiTask.Evaluate(scored, MultiTaskNetworks.Tasks);
        SegmentationMetrics classes = ml.Segmentation.Evaluate(scored, "classes.Label", "classes.PredictedLabel");
        Assert.AreEqual(classes.MeanIoU, metrics["classes"].Figure);
        Assert.AreEqual(ml.Saliency.Evaluate(scored, "object.Label", "object.Saliency").MaxF, metrics["object"].Figure);
        EdgeMetricsAccumulator edges = new();
        EdgesTask task = new() { Source = EdgeSource.Classes };
        List<float[]> maps = scored.Vectors<float>("edges.Edges");
        for (int i = 0; i < samples.Length; i++)
        {
            (byte[] annotated, byte[] ignored) = task.Annotation(samples[i].Mask, samples[i].Image.Width);
            edges.Add($"{i}", maps[i], [annotated], samples[i].Image.Width, samples[i].Image.Height, ignored);
        }

        Assert.AreEqual(edges.ToMetrics().OdsF, metrics.Get<EdgeMetrics>("edges").OdsF);
        Assert.AreEqual(0, metrics.GainOver([metrics["edges"], metrics["classes"], metrics["object"]]));
        StringAssert.Contains(metrics.ToString(), "ODS F");
        StringAssert.Contains(metrics.ToJson(), "\"odsF\"");
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => metrics["depth"]).Message, "'classes', 'object', 'edges'");
    }

    [TestMethod]
    public void ListsThatChangeLaterChangeNoTrainer()
    {
        using TestImages images = new((21, 17), (33, 18));
        MLContext ml = new(1);
        List<DenseTaskOptions> tasks = [.. MultiTaskNetworks.Tasks];
        List<string> scored = ["classes"];
        MultiTaskTrainer trainer = ml.MultiTask.Trainers.BinaryDenseNet(Options with { Tasks = tasks, ScoredTasks = scored, Steps = 1 });
        tasks.Reverse();
        scored.Clear();
        IDataView data = ml.Data.LoadImageTasks(images.Images, MultiTaskNetworks.Masks(images));
        MultiTaskTransformer model = trainer.Fit(data);
        CollectionAssert.AreEqual(MultiTaskNetworks.Tasks.Select(task => task.Name).ToArray(), model.Network.Heads.Select(head => head.Name).ToArray());
        CollectionAssert.Contains(model.Transform(data).Schema.Names(), "classes.Score");
    }

    [TestMethod]
    [DataRow(TaskDecoders.Light)]
    [DataRow(TaskDecoders.Full)]
    public void DecodersAreThoseOfTheOptions(TaskDecoders decoders)
    {
        using TestImages images = new((21, 17), (33, 18));
        MLContext ml = new(1);
        MultiTaskTransformer model = ml.MultiTask.Trainers.BinaryDenseNet(Options with { Decoders = decoders, Steps = 1 }).Fit(ml.Data.LoadImageTasks(images.Images, MultiTaskNetworks.Masks(images)));
        DenseGraph expected = MultiTaskNetwork.Build(Options.Network!, MultiTaskNetworks.Heads, decoders).Freeze().Graph;
        CollectionAssert.AreEqual(expected.Nodes.Select(node => node.Name).ToArray(), model.Network.Graph.Nodes.Select(node => node.Name).ToArray());
    }

    [TestMethod]
    public void ATrainedNetworkGoesOn_AndAnotherIsRefused()
    {
        using TestImages images = new((21, 17), (33, 18));
        MLContext ml = new(1);
        IDataView data = ml.Data.LoadImageTasks(images.Images, MultiTaskNetworks.Masks(images));
        DenseNetwork trained = ml.MultiTask.Trainers.BinaryDenseNet(Options).Fit(data).Network;
        MultiTaskTrainerOptions going = Options with { InitialNetwork = trained, Network = null };
        CollectionAssert.AreEqual(trained.Heads.Select(h => h.Name).ToArray(), ml.MultiTask.Trainers.BinaryDenseNet(going).Fit(data).Network.Heads.Select(h => h.Name).ToArray());
        AssertRefused("'object' (saliency)", going with { Tasks = MultiTaskNetworks.Tasks[..1] });
        AssertRefused("have random weights", Options with { InitialNetwork = trained }, "are for networks with random weights");
        AssertRefused("Decoders and Bottleneck are for networks with random weights", going with { Decoders = TaskDecoders.Light });
        AssertRefused("Decoders and Bottleneck are for networks with random weights", going with { Bottleneck = TaskBottleneck.Diagonal });

        void AssertRefused(string part, MultiTaskTrainerOptions options, string? other = null) => StringAssert.Contains(
            Assert.ThrowsExactly<ArgumentException>(() => ml.MultiTask.Trainers.BinaryDenseNet(options).Fit(data)).Message, other ?? part);
    }

    [TestMethod]
    public void ClassesOfTheOptionsAreThoseOfTheNetwork_AndLogitsGoByTheirNames()
    {
        using TestImages images = new((21, 17), (33, 18));
        MLContext ml = new(1);
        IDataView data = ml.Data.LoadImageTasks(images.Images, MultiTaskNetworks.Masks(images));
        DenseNetwork trained = MultiTaskNetworks.Network().Freeze();
        MultiTaskTrainerOptions going = Options with { InitialNetwork = trained, Network = null, Steps = 1 };

        // Not named: names and colours stay.
        TaskHead same = Fit(MultiTaskNetworks.Tasks[0] with { ClassNames = null, NumberOfClasses = 3 });
        CollectionAssert.AreEqual(trained.ClassNames.ToArray(), same.ClassNames.ToArray());
        CollectionAssert.AreEqual(trained.Palette.ToArray(), same.Palette.ToArray());

        // Named in another order: so are they, and their logits with them.
        string[] turned = ["class 2", "class 0", "class 1"];
        Palette colors = Palette.Parse("#112233, #445566, #778899");
        DenseTaskOptions other = MultiTaskNetworks.Tasks[0] with { ClassNames = turned, Palette = colors };
        TaskHead renamed = Fit(other);
        CollectionAssert.AreEqual(turned, renamed.ClassNames.ToArray());
        CollectionAssert.AreEqual(new[] { "#112233", "#445566", "#778899" }, renamed.Palette.ToArray());
        RgbImage image = RgbImage.Load(images.ImagePath(0));
        DenseNetwork start = FineTuning.Start(trained, [other.ToHead(trained), .. trained.Heads[1..]], seed: 1).Freeze();
        MultiTaskPrediction before = new MultiTaskPredictor(trained).Predict(image), after = new MultiTaskPredictor(start).Predict(image);
        CollectionAssert.AreEqual(
            before.Labels("classes").Labels.Select(label => trained.ClassNames[label]).ToArray(), after.Labels("classes").Labels.Select(label => turned[label]).ToArray());
        CollectionAssert.AreEqual(before.Map("edges").Values.ToArray(), after.Map("edges").Values.ToArray());

        TaskHead Fit(DenseTaskOptions classes) =>
            ml.MultiTask.Trainers.BinaryDenseNet(going with { Tasks = [classes, .. MultiTaskNetworks.Tasks[1..]] }).Fit(data).Network.Heads[0];
    }

    [TestMethod]
    public void ClassesWithoutNames_AreMeasuredByThoseOfThePredictions()
    {
        using TestImages images = new((21, 17), (33, 18));
        MLContext ml = new(1);
        DenseNetwork network = MultiTaskNetworks.Network();
        IDataView scored = ml.MultiTask.FromNetwork(network).Transform(ml.Data.LoadImageTasks(images.Images, MultiTaskNetworks.Masks(images)));
        CollectionAssert.AreEqual(network.ClassNames.ToArray(), Names(null, 3));
        CollectionAssert.AreEqual(network.ClassNames.ToArray(), Names(null, null));
        CollectionAssert.AreEqual(new[] { "a", "b", "c" }, Names(["a", "b", "c"], null));
        CollectionAssert.AreEqual(new[] { "0", "1", "2", "3" }, Names(null, 4));

        string[] Names(string[]? names, int? count) =>
            [.. ml.MultiTask.Evaluate(scored, [MultiTaskNetworks.Tasks[0] with { ClassNames = names, NumberOfClasses = count }]).Get<SegmentationMetrics>("classes").ClassNames];
    }

    [TestMethod]
    public void WhatDoesNotFit_IsNamed()
    {
        using TestImages images = new((21, 17), (33, 18));
        MLContext ml = new(1);
        IDataView data = ml.Data.LoadImageTasks(images.Images, MultiTaskNetworks.Masks(images));
        DenseTaskOptions[] tasks = MultiTaskNetworks.Tasks;
        AssertRefused("'edges'", [.. tasks, tasks[2]]);
        AssertRefused("'edges' is 0", [tasks[0], tasks[1], tasks[2] with { Weight = 0 }]);
        AssertRefused("'edges' is NaN", [tasks[0], tasks[1], tasks[2] with { Weight = float.NaN }]);
        AssertRefused("'from' of task 'edges' is 'street'", [tasks[0], tasks[1], tasks[2] with { From = "street", LabelColumnName = null }]);
        AssertRefused("no column 'things.Label'", [tasks[0], tasks[1] with { Name = "things" }, tasks[2]]);
        AssertRefused("Say what classes task 'classes' has", [tasks[0] with { ClassNames = null }]);
        AssertRefused("which has no classes", [tasks[0], tasks[1] with { NumberOfClasses = 2 }]);
        AssertRefused("leave From or LabelColumnName out", [tasks[0], tasks[1], tasks[2] with { LabelColumnName = "edges.Label" }]);
        AssertRefused("There is no task", []);
        AssertNotEvaluated("There is no task to measure", []);
        AssertNotEvaluated("Two tasks are named 'edges'", [.. tasks, tasks[2] with { Name = "Edges" }]);
        File.Delete(Path.Combine(images.Objects, "001.png"));
        string missing = Assert.ThrowsExactly<InvalidDataException>(() => ml.Data.LoadImageTasks(images.Images, MultiTaskNetworks.Masks(images))).Message;
        StringAssert.Contains(missing, "Task 'object'");
        StringAssert.Contains(missing, "001.png");
        StringAssert.Contains(
            Assert.ThrowsExactly<ArgumentException>(() => ml.Data.LoadImageTasks(images.Images, [new("a", images.Masks), new("A", images.Masks)])).Message, "'a'");

        void AssertNotEvaluated(string part, DenseTaskOptions[] options) =>
            StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => ml.MultiTask.Evaluate(data, options)).Message, part);

        void AssertRefused(string part, DenseTaskOptions[] options) => StringAssert.Contains(
            Assert.ThrowsExactly<ArgumentException>(() => ml.MultiTask.Trainers.BinaryDenseNet(Options with { Tasks = options }).Fit(data)).Message, part);
    }

    [TestMethod]
    public void FoldersOfMasksInsideTheImages_AreNotReadAsImages()
    {
        using TemporaryFolder folder = new();
        foreach (string name in new[] { "a.png", "city/b.png" })
        {
            foreach (string path in new[] { $"images/{name}", $"images/classes/{name}", $"images/classes/objects/{name}" })
            {
                folder.Touch(path);
            }
        }

        List<string> said = [];
        TaskMasks[] masks = [new("classes", folder.File("images/classes")), new("object", folder.File("images/classes/objects"), MaskKind.Saliency)];
        IReadOnlyList<TaskImage> images = TaskImages.Pair(folder.File("images"), masks, new() { Recursive = true, Report = said.Add });

        CollectionAssert.AreEqual(new[] { "a", "city/b" }, images.Select(image => image.Name).ToArray());
        CollectionAssert.AreEqual(new[] { folder.File("images/classes/a.png"), folder.File("images/classes/objects/a.png") }, images[0].MaskPaths.ToArray());
        Assert.IsEmpty(said, string.Join('\n', said));
        Assert.AreEqual(2, new MLContext(1).Data.LoadImageTasks(folder.File("images"), masks, new() { Recursive = true }).GetRowCount());
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => TaskImages.Pair(folder.File("images"), [new("classes", "")])).Message, "'classes' has no folder");
    }

    [TestMethod]
    [DataRow(1, "the image has 1 mask, and there are 2 tasks (classes, object)")]
    [DataRow(3, "the image has 3 masks, and there are 2 tasks (classes, object)")]
    public void ImageWithoutOneMaskForEachTask_IsNamed(int count, string expected)
    {
        using TestImages files = new((21, 17), (33, 18));
        IReadOnlyList<TaskMasks> masks = MultiTaskNetworks.Masks(files);
        TaskImage[] images = [.. TaskImages.Pair(files.Images, masks)];
        images[1] = images[1] with { MaskPaths = [.. images[1].MaskPaths.Append(files.MaskPath(0)).Take(count)] };

        AssertRefused("images", () => new MLContext(1).Data.LoadImageTasks(images, masks));
        AssertRefused("image", () => TaskImages.Load(images[1], masks));
        Assert.HasCount(1, TaskImages.Load(images[0], masks).MoreMasks);

        void AssertRefused(string parameter, Action load)
        {
            ArgumentException error = Assert.ThrowsExactly<ArgumentException>(load);
            StringAssert.StartsWith(error.Message, $"{files.ImagePath(1)}: {expected}");
            Assert.AreEqual(parameter, error.ParamName);
        }
    }

    [TestMethod]
    public void ImagesGivenOneByOne_NeedTasksOfDifferentNames()
    {
        using TestImages files = new((21, 17));
        TaskImage[] images = [.. TaskImages.Pair(files.Images, MultiTaskNetworks.Masks(files))];
        AssertRefused("No task has masks", []);
        AssertRefused("'a'", [new("a", files.Masks), new("A", files.Objects)]);

        void AssertRefused(string expected, TaskMasks[] masks)
        {
            StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => new MLContext(1).Data.LoadImageTasks(images, masks)).Message, expected);
            StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => TaskImages.Load(images[0], masks)).Message, expected);
        }
    }

    [TestMethod]
    public async Task ServicesGiveAPredictorOfAllTasks()
    {
        using TestImages images = new((21, 17));
        DenseNetwork network = MultiTaskNetworks.Network().Freeze();
        network.Save(images.File("street.mlbn"));
        MLContext ml = new(1);
        ml.Model.Save(ml.MultiTask.FromNetwork(network), null, images.File("street.zip"));
        RgbImage image = RgbImage.Load(images.ImagePath(0));
        MultiTaskPrediction expected = new MultiTaskPredictor(network).Predict(image);
        foreach (string file in new[] { "street.mlbn", "street.zip" })
        {
            await using ServiceProvider services = new ServiceCollection().AddBinaryMultiTask(images.File(file)).BuildServiceProvider();
            MultiTaskPrediction predicted = await services.GetRequiredService<MultiTaskPredictor>().PredictAsync(image);
            CollectionAssert.AreEqual(expected.Labels("classes").Labels, predicted.Labels("classes").Labels);
            CollectionAssert.AreEqual(expected.Map("object").Values.ToArray(), predicted.Map("object").Values.ToArray());
            CollectionAssert.AreEqual(expected.Map("edges").Values.ToArray(), predicted.Map("edges").Values.ToArray());
        }

        await using ServiceProvider first = new ServiceCollection().AddBinarySegmentation(images.File("street.zip")).BuildServiceProvider();
        CollectionAssert.AreEqual(
            expected.Labels("classes").Labels, first.GetRequiredService<SegmentationPredictor>().Predict(image).Labels, "who asks for one result gets the first head's");
    }
}
