using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Imaging;
using Microsoft.ML.Binary.Tests.Pipeline;

namespace Microsoft.ML.Binary.Tests.Cli;

/// <summary>A folder with a few images of 40x32, masks of 3 classes, gray masks, and networks that have not learned anything.</summary>
internal sealed class Workplace : IDisposable
{
    public const int Width = 40, Height = 32, Classes = 3;

    private readonly TemporaryFolder _folder = new();

    public Workplace(int images = 3)
    {
        foreach (string folder in new[] { Images, Masks, Objects })
        {
            Directory.CreateDirectory(folder);
        }

        for (int i = 0; i < images; i++)
        {
            byte[] labels = TestImages.Labels(Width, Height, i);
            PipelineNetworks.Image(Width, Height, i).SavePng(Image(i));
            MaskWriter.Save(Mask(i), new SegmentationMask(Width, Height, labels));
            MaskWriter.Save(Path.Combine(Objects, Name(i)), new SaliencyMask(Width, Height, [.. labels.Select(label => label == 1 ? byte.MaxValue : (byte)0)]));
        }
    }

    public string Images => _folder.File("images");

    public string Masks => _folder.File("masks");

    public string Objects => _folder.File("objects");

    public string this[string name] => _folder.File(name);

    public string Image(int index) => Path.Combine(Images, Name(index));

    public string Mask(int index) => Path.Combine(Masks, Name(index));

    /// <summary>A segmentation network of 3 classes on disk.</summary>
    public string SegmentationModel() => Save(PipelineNetworks.Segmentation(classes: Classes), "segmentation.network");

    public string SaliencyModel() => Save(PipelineNetworks.Saliency(), "saliency.network");

    /// <summary>A command that trains the smallest preset for two steps on these images.</summary>
    public string[] Train(string output, params string[] more) => More(
        ["train", "--task", "segmentation", "--images", Images, "--masks", Masks, "--preset", "tiny", "--batch", "2", "--out", output], more, "--steps", "2");

    public string[] TrainSaliency(string output, params string[] more) => More(
        ["train", "--task", "saliency", "--images", Images, "--masks", Objects, "--preset", "tiny", "--batch", "2", "--out", output], more, "--steps", "2");

    /// <summary>Names of everything in the folder, hidden files too: nothing half-written may stay.</summary>
    public string[] Everything() => [.. Directory.EnumerateFileSystemEntries(_folder.Path).Select(path => Path.GetFileName(path)!).Order(StringComparer.Ordinal)];

    public void Dispose() => _folder.Dispose();

    private static string Name(int index) => $"{index:D3}.png";

    private string Save(DenseNetwork network, string name)
    {
        network.Freeze().Save(this[name]);
        return this[name];
    }

    private static string[] More(string[] command, string[] more, string budget, string amount) =>
        more.Intersect(["--steps", "--epochs", "--minutes"]).Any() ? [.. command, .. more] : [.. command, budget, amount, .. more];
}
