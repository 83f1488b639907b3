using Microsoft.ML.Binary.Imaging;

namespace Microsoft.ML.Binary.Tests.Imaging;

/// <summary>A decoder of GIF files such as a program adds, which decodes only what a test reads with it: decoders stay for the whole process.</summary>
internal sealed class ProgramDecoder(Action<ImageRows> decode) : IImageDecoder
{
    private readonly AsyncLocal<bool> _isAsked = new();

    public bool CanDecode(ImageFormat format) => _isAsked.Value && format == ImageFormat.Gif;

    public void Decode(EncodedImage file, ImageRows rows) => decode(rows);

    public LoadedImage Load(byte[] gif, ImageReadOptions? options = null)
    {
        _isAsked.Value = true;
        try
        {
            return ImageReader.Load(gif, "gif", options);
        }
        finally
        {
            _isAsked.Value = false;
        }
    }
}
