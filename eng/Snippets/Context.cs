using System.Runtime.CompilerServices;

namespace Snippets;

/// <summary>A block asks for something that is not here: data to train on, a web application.</summary>
internal sealed class NotHereException(string what) : Exception(what);

/// <summary>What blocks leave out, and may declare anew: values that they can be run with, or that they can only be compiled with.</summary>
internal abstract class Context
{
    private const int Width = 480, Height = 320;

    private static readonly DenseNetwork s_network = new DenseNetwork(
        DenseNetworkBuilder.Build(NetworkConfiguration.For(NetworkPreset.Tiny, outputs: 3)), DenseTask.Segmentation, classNames: ["background", "inside", "contour"]).Freeze();

    private static readonly CompiledNetwork s_compiled = CompiledNetwork.Compile(s_network);
    private static readonly RgbImage s_image = Picture(Width, Height);

    // Squares of 20x20, each with a contour.
    private static readonly SegmentationMask s_truth = Squares(shift: 0), s_mask = Squares(shift: 3);

    protected MLContext ml { get; } = new(seed: 1);

    protected DenseNetwork network => s_network;

    protected CompiledNetwork compiled => s_compiled;

    protected SegmentationTransformer model => ml.Segmentation.FromNetwork(s_network);

    protected SegmentationPredictor predictor => new(s_network);

    protected RgbImage image => s_image;

    protected SegmentationMask mask => s_mask;

    protected SegmentationMask truth => s_truth;

    protected SaliencyMask saliency => SaliencyMask.FromClasses(s_truth, [1]);

    protected byte[] labels => s_mask.Labels;

    protected byte[] annotation => [.. s_truth.Labels.Select(label => (byte)(label == 2 ? 1 : 0))];

    protected float[] probabilities => [.. s_mask.Labels.Select(label => label == 2 ? 0.8f : 0.1f)];

    protected SegmentationMetrics metrics => Evaluate(s_mask);

    protected SegmentationMetrics before => Evaluate(Squares(shift: 6));

    protected SegmentationMetrics after => metrics;

    protected DenseTaskOptions[] tasks =>
        [new("classes", new SegmentationTask()) { ClassNames = ["sky", "road", "car"] }, new("person", new SaliencyTask()), new("edges", new EdgesTask()) { From = "classes" }];

    protected IReadOnlyList<TrainingSample> samples => [new("a.png", Picture(96, 64), new byte[96 * 64])];

    protected PostTrainingQuantization quantization => new(Float(), [samples[0].Image]);

    protected NetworkMapping mapping => new Mapper(Accelerator.Preset("eyeriss-16bit")).Map([new Workload { Name = "conv", C = 8, M = 8, R = 3, S = 3, P = 14, Q = 14 }]);

    protected IDataView photos => ml.Data.LoadImages("photos");

    protected MLImage photo => MLImage.CreateFromFile("photo.png");

    /// <summary>With masks of every task.</summary>
    protected IDataView data
    {
        get
        {
            IDataView view = ml.Data.LoadImageTasks("images", [new("classes", "masks"), new("person", "objects", MaskKind.Saliency)]);
            return ml.Transforms.CopyColumns("Label", IsSaliency ? "person.Label" : "classes.Label").Fit(view).Transform(view);
        }
    }

    protected IDataView test => data;

    protected IDataView validation => data;

    /// <summary>With predictions of every task.</summary>
    protected IDataView scored
    {
        get
        {
            IDataView view = ml.MultiTask.FromNetwork("street.mlbn").Transform(data);
            return IsSaliency ? ml.Saliency.Pretrained().Fit(view).Transform(view) : model.Transform(view);
        }
    }

    protected string[] args => NotHere<string[]>();

    protected IDataView train => NotHere<IDataView>();

    protected Func<IEnumerable<TrainingSample>> readData => NotHere<Func<IEnumerable<TrainingSample>>>();

    protected SegmentationTrainer pipeline => NotHere<SegmentationTrainer>();

    protected SegmentationTrainer trainer => NotHere<SegmentationTrainer>();

    protected TrainingResult result => NotHere<TrainingResult>();

    protected WebApplicationBuilder builder => NotHere<WebApplicationBuilder>();

    protected WebApplication app => NotHere<WebApplication>();

    protected HttpRequest request => NotHere<HttpRequest>();

    protected IServiceCollection services => NotHere<IServiceCollection>();

    protected ILogger logger => NotHere<ILogger>();

    /// <summary>Whether masks are those of objects; otherwise they are class indices.</summary>
    private bool IsSaliency => GetType().Name.Contains("Saliency", StringComparison.Ordinal);

    public abstract Task Run();

    /// <summary>Writes the files that many blocks open into the current folder; not those that are trained on (<c>train</c>, <c>people</c>), which takes too long.</summary>
    public static void WriteFiles()
    {
        foreach (string folder in (string[])["photos", "images", "masks", "parsing", "predictions", "objects", "city/images", "city/masks"])
        {
            Directory.CreateDirectory(folder);
        }

        for (int i = 0; i < 3; i++)
        {
            s_image.SavePng($"photos/{i}.png");
            s_image.SavePng($"images/{i}.png");
            MaskWriter.Save($"masks/{i}.png", s_truth);
            MaskWriter.Save($"parsing/{i}.png", s_truth);
            MaskWriter.Save($"predictions/{i}.png", s_mask);
            MaskWriter.Save($"objects/{i}.png", SaliencyMask.FromClasses(s_truth, [1]));
        }

        s_image.SavePng("city/images/a.png");
        MaskWriter.Save("city/masks/a_mask.png", s_truth);
        s_image.SavePng("photo.png");
        s_image.SavePng("street.png");
        using (MLImage jpeg = s_image.ToMLImage())
        {
            jpeg.Save("photo.jpg");
        }

        MaskWriter.Save("mask.png", s_truth);
        File.WriteAllText("images.csv", "path\nphotos/0.png\nphotos/1.png\n");
        DenseNetwork objects = new DenseNetwork(DenseNetworkBuilder.Build(NetworkConfiguration.For(NetworkPreset.Tiny, outputs: 1)), DenseTask.Saliency).Freeze();
        DenseNetwork street = MultiTaskNetwork.Build(
            NetworkConfiguration.For(NetworkPreset.Tiny, outputs: 3),
            [new("classes", DenseTask.Segmentation, ["sky", "road", "car"]), new("person", DenseTask.Saliency), new("edges", DenseTask.Edges)]).Freeze();
        s_network.Save("road.mlbn");
        s_network.Save("road.network");
        Float().Save("float.mlbn");
        objects.Save("objects.network");
        street.Save("street.mlbn");
        MLContext ml = new();
        IDataView photos = ml.Data.LoadImages("photos");
        ml.Model.Save(ml.Segmentation.FromNetwork(s_network), photos.Schema, "road.zip");
        ml.Model.Save(ml.Segmentation.ApplyNetwork(s_network).Append(ml.Segmentation.ClassShares()).Fit(photos), photos.Schema, "pipeline.zip");
        ml.Model.Save(ml.Saliency.FromNetwork(objects), photos.Schema, "objects.zip");
        ml.Model.Save(ml.MultiTask.FromNetwork(street), photos.Schema, "street.zip");
    }

    private static DenseNetwork Float() =>
        new(DenseNetworkBuilder.Build(NetworkConfiguration.For(NetworkPreset.Tiny, outputs: 3, Precision.Float)), DenseTask.Segmentation, classNames: ["background", "inside", "contour"]);

    private static T NotHere<T>([CallerMemberName] string name = "") => throw new NotHereException(name);

    private static RgbImage Picture(int width, int height) => new(width, height, [.. Enumerable.Range(0, 3 * width * height).Select(i => (byte)(i * 31 % 251))]);

    private static SegmentationMask Squares(int shift) => new(Width, Height, [.. Enumerable.Range(0, Width * Height).Select(i => Square((i % Width + shift) % 30, i / Width % 30))]);

    private static byte Square(int x, int y) => (byte)(x is < 5 or > 24 || y is < 5 or > 24 ? 0 : x is 5 or 24 || y is 5 or 24 ? 2 : 1);

    private static SegmentationMetrics Evaluate(SegmentationMask mask)
    {
        SegmentationMetricsAccumulator accumulator = new(["background", "inside", "contour"]);
        accumulator.Add("a.png", s_truth.Labels, mask.Labels, Width, Height);
        accumulator.Add("b.png", s_truth.Labels, s_truth.Labels, Width, Height);
        return accumulator.ToMetrics();
    }
}
