using Microsoft.ML.Binary.Cli;
using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Imaging;
using Microsoft.ML.Binary.Networks;
using Microsoft.ML.Binary.Tests.Pipeline;
using Microsoft.ML.Binary.Training;

namespace Microsoft.ML.Binary.Tests.Cli;

/// <summary>A folder with a few images of 40x32, masks of 3 classes, gray masks, and networks that have not learned anything.</summary>
internal sealed class Workplace : IDisposable
{
    public const int Width = 40, Height = 32, Classes = 3;

    private readonly TestImages _images;

    public Workplace(int images = 3) => _images = new([.. Enumerable.Repeat((Width, Height), images)]);

    public string Images => _images.Images;

    public string Masks => _images.Masks;

    public string Objects => _images.Objects;

    public string this[string name] => _images.File(name);

    public string Image(int index) => _images.ImagePath(index);

    public string Mask(int index) => _images.MaskPath(index);

    /// <summary>A segmentation network of 3 classes on disk.</summary>
    public string SegmentationModel() => Save(PipelineNetworks.Segmentation(classes: Classes), "segmentation.network");

    public string SaliencyModel() => Save(PipelineNetworks.Saliency(), "saliency.network");

    /// <summary>A command that trains the smallest preset for two steps on these images.</summary>
    public string[] Train(string output, params string[] more) => More(
        ["train", "--task", "segmentation", "--images", Images, "--masks", Masks, "--preset", "tiny", "--batch", "2", "--out", output], more, "--steps", "2");

    public string[] TrainSaliency(string output, params string[] more) => More(
        ["train", "--task", "saliency", "--images", Images, "--masks", Objects, "--preset", "tiny", "--batch", "2", "--out", output], more, "--steps", "2");

    /// <summary>Trains what <see cref="Train"/> does, from a program, with a checkpoint.</summary>
    /// <param name="checkpoint">The checkpoint.</param>
    /// <param name="steps">Steps of the run.</param>
    /// <param name="end">After how many of them it is cancelled, as Ctrl+C would; null for none.</param>
    public void TrainTo(string checkpoint, int steps, int? end = null)
    {
        using CancellationTokenSource cancellation = new();
        TrainingOptions options = new()
        {
            Budget = TrainingBudget.OfSteps(steps),
            BatchSize = 2,
            WorkingSize = WorkingSize.Of(Width),
            CropWidth = Width,
            CropHeight = Height,
            CheckpointPath = checkpoint,
            ReportInterval = end ?? steps,
        };
        DenseTrainer.Train(
            DenseNetworkBuilder.Build(NetworkConfiguration.For(NetworkPreset.Tiny, Classes)), DenseTask.Segmentation,
            () => LabelledImages.Stream(ImageFolder.Pair(Images, Masks), DenseTask.Segmentation, null, 1), options, end is null ? null : new CancelAtFirstReport(cancellation), cancellation.Token);
    }

    /// <summary>Names of everything in the folder, hidden files too: nothing half-written may stay.</summary>
    public string[] Everything() => [.. Directory.EnumerateFileSystemEntries(_images.Folder).Select(path => Path.GetFileName(path)!).Order(StringComparer.Ordinal)];

    public void Dispose() => _images.Dispose();

    private string Save(DenseNetwork network, string name)
    {
        network.Freeze().Save(this[name]);
        return this[name];
    }

    private static string[] More(string[] command, string[] more, string budget, string amount) =>
        more.Intersect(["--steps", "--epochs", "--minutes"]).Any() ? [.. command, .. more] : [.. command, budget, amount, .. more];

    private sealed class CancelAtFirstReport(CancellationTokenSource source) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value) => source.Cancel();
    }
}
