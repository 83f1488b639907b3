using Microsoft.ML;
using Microsoft.ML.Binary;
using Microsoft.ML.Binary.Imaging;
using Microsoft.ML.Data;

namespace QuickStart;

/// <summary>The pretrained saliency network on real photos: what one would look at, and the object on its own.</summary>
internal static class PhotoObjects
{
    /// <summary>The photos of this sample, beside the program.</summary>
    public static string Photos => Path.Combine(AppContext.BaseDirectory, "photos");

    /// <summary>Writes three pictures of each photo: an overlay, the saliency map, and the object cut out on a transparent background.</summary>
    public static void Write(string folder, MLContext ml)
    {
        Directory.CreateDirectory(folder);
        IReadOnlyList<string> photos = ImageFolder.ListImages(Photos);
        IDataView images = ml.Data.LoadImages(photos);
        IDataView scored = ml.Saliency.Pretrained(PretrainedModel.Saliency).Fit(images).Transform(images);
        foreach ((string path, float[] saliency) in photos.Zip(scored.GetColumn<float[]>("Saliency")))
        {
            RgbImage photo = RgbImage.Load(path);
            SaliencyMask mask = SaliencyMask.FromProbabilities(photo.Width, photo.Height, saliency);
            string name = Path.Combine(folder, Path.GetFileNameWithoutExtension(path));
            Overlay.Saliency(photo, mask).SavePng($"{name}.overlay.png");
            MaskWriter.Save($"{name}.saliency.png", mask);
            CutOut.SavePng($"{name}.cutout.png", photo, mask);
            Console.WriteLine($"  {name}.overlay.png, .saliency.png, .cutout.png");
        }
    }
}
