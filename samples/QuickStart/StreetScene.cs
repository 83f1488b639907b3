using Microsoft.ML.Binary;
using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Imaging;

namespace QuickStart;

/// <summary>The pretrained network for street scenes on any image: for a single one, a predictor needs no pipeline.</summary>
internal static class StreetScene
{
    /// <summary>Writes an overlay with a legend of the classes, whose names and colours are part of the network.</summary>
    /// <param name="folder">Made if there is none.</param>
    /// <param name="path">An image in any format that is read (docs/images.md); the network brings it to the size that it was trained at.</param>
    public static void Write(string folder, string path)
    {
        Directory.CreateDirectory(folder);
        DenseNetwork network = PretrainedNetworks.Load(PretrainedModel.RoadScene);
        using SegmentationPredictor predictor = new(network);
        RgbImage image = RgbImage.Load(path);
        SegmentationMask mask = predictor.Predict(image);
        OverlayOptions style = new() { Palette = Palette.Of(network.Palette), ClassNames = network.ClassNames };
        string overlay = Path.Combine(folder, $"{Path.GetFileNameWithoutExtension(path)}.street.png");
        Overlay.Segmentation(image, mask, style).SavePng(overlay);
        Console.WriteLine($"  {overlay}");
    }
}
