using Microsoft.ML.Binary.Imaging;

namespace Microsoft.ML.Binary.Training;

/// <summary>One training image and its mask.</summary>
/// <param name="Name">For error messages: the file, or the row.</param>
/// <param name="Image">The image.</param>
/// <param name="Mask">
/// One byte a pixel, row-major, of the image's size: class indices for segmentation, gray values (object above 128) for saliency.
/// </param>
public sealed record TrainingSample(string Name, RgbImage Image, byte[] Mask);
