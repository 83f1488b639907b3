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
    private readonly RgbImage _decoded;
    private readonly (int Width, int Height) _size;
    private RgbImage? _image;

    internal PredictedImage(RgbImage decoded, (int Width, int Height) size, TResult result, DenseNetwork network) =>
        (_decoded, _size, Result, Network) = (decoded, size, result, network);

    /// <summary>What was predicted of each pixel.</summary>
    public TResult Result { get; }

    /// <summary>The network that made it, with class names and palette: where the model is loaded anew, that of this result.</summary>
    public DenseNetwork Network { get; }

    /// <summary>The image in the result's size; brought to it when it is first asked for.</summary>
    public RgbImage Image => _image ??= (_decoded.Width, _decoded.Height) == _size ? _decoded : _decoded.Resize(_size.Width, _size.Height);
}
