using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Imaging;

namespace Microsoft.ML.Binary;

/// <summary>An image with the result that a predictor made of it, for what is made of both in the same turn.</summary>
/// <typeparam name="TResult">What was predicted: <see cref="SegmentationMask"/>, or <see cref="ScoreTensor"/> for saliency.</typeparam>
/// <example>
/// <code>
/// string photo = await predictor.PredictAsync(request.Body, seen =&gt;
/// {
///     Palette palette = Palette.Of(seen.Network.Palette);                           // of the network that made the mask
///     using MemoryStream png = new();
///     Overlay.Segmentation(seen.Image, seen.Result, new() { Palette = palette }).SavePng(png);
///     return Convert.ToBase64String(png.ToArray());
/// });
/// </code>
/// </example>
public sealed class PredictedImage<TResult>
{
    private readonly Picture _picture;
    private readonly (int Width, int Height) _size;

    internal PredictedImage(Picture picture, (int Width, int Height) size, TResult result, DenseNetwork network) =>
        (_picture, _size, Result, Network) = (picture, size, result, network);

    /// <summary>What was predicted of each pixel.</summary>
    public TResult Result { get; }

    /// <summary>The network that made it, with class names and palette: where the model is loaded anew, that of this result.</summary>
    public DenseNetwork Network { get; }

    /// <summary>
    /// The image in the result's size; brought to it when it is first asked for. Where the network sees fewer pixels than that, and so fewer were decoded, its file is decoded again.
    /// </summary>
    /// <exception cref="UnusableImageException">It is damaged where the first decoding passed over it.</exception>
    public RgbImage Image => field ??= _picture.At(_size);
}
