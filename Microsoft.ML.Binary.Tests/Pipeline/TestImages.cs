using Microsoft.ML.Binary.Imaging;

namespace Microsoft.ML.Binary.Tests.Pipeline;

/// <summary>A folder with images of different sizes, masks of 3 classes in another, and masks of an object in a third.</summary>
internal sealed class TestImages : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public TestImages(params (int Width, int Height)[] sizes)
    {
        Directory.CreateDirectory(Images);
        Directory.CreateDirectory(Masks);
        Directory.CreateDirectory(Objects);
        for (int i = 0; i < sizes.Length; i++)
        {
            (int width, int height) = sizes[i];
            PipelineNetworks.Image(width, height, i).SavePng(ImagePath(i));
            MaskWriter.Save(MaskPath(i), new SegmentationMask(width, height, Labels(width, height, i)));
            MaskWriter.Save(Path.Combine(Objects, $"{i:D3}.png"), new SaliencyMask(width, height, ObjectOf(width, height, i)));
        }
    }

    /// <summary>The folder that all of it is in.</summary>
    public string Folder => _folder.Path;

    public string Images => _folder.File("images");

    public string Masks => _folder.File("masks");

    /// <summary>Folder of the masks for saliency: class 1 is the object.</summary>
    public string Objects => _folder.File("objects");

    public string ImagePath(int index) => Path.Combine(Images, $"{index:D3}.png");

    public string MaskPath(int index) => Path.Combine(Masks, $"{index:D3}.png");

    public string File(string name) => _folder.File(name);

    /// <summary>Labels 0, 1, 2 in blocks, and here and there 255.</summary>
    public static byte[] Labels(int width, int height, int seed) =>
        [.. Enumerable.Range(0, width * height).Select(i => (byte)(i % 11 == 10 ? 255 : (i % width / 4 + i / width / 4 + seed) % 3))];

    /// <summary>Class 1 in white.</summary>
    public static byte[] ObjectOf(int width, int height, int seed) => [.. Labels(width, height, seed).Select(label => label == 1 ? byte.MaxValue : byte.MinValue)];

    public void Dispose() => _folder.Dispose();
}
