using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Imaging;

namespace Microsoft.ML.Binary;

/// <summary>An image with the mask that a predictor made of it, for what is made of both in the same turn.</summary>
/// <typeparam name="TMask"><see cref="SegmentationMask"/> or <see cref="SaliencyMask"/>.</typeparam>
public sealed class PredictedImage<TMask>
{
    private readonly RgbImage _decoded;
    private readonly (int Width, int Height) _size;
    private RgbImage? _image;

    internal PredictedImage(RgbImage decoded, (int Width, int Height) size, TMask mask, DenseNetwork network) =>
        (_decoded, _size, Mask, Network) = (decoded, size, mask, network);

    /// <summary>The mask.</summary>
    public TMask Mask { get; }

    /// <summary>The network that made it, with class names and palette: where the model is loaded anew, that of this mask.</summary>
    public DenseNetwork Network { get; }

    /// <summary>The image in the mask's size; brought to it when it is first asked for.</summary>
    public RgbImage Image => _image ??= (_decoded.Width, _decoded.Height) == _size ? _decoded : _decoded.Resize(_size.Width, _size.Height);
}
