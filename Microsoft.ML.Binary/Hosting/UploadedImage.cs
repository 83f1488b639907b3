using Microsoft.ML.Binary.Imaging;
using Microsoft.ML.Binary.Messages;

namespace Microsoft.ML.Binary;

/// <summary>An encoded image that somebody sent: read, checked and decoded within the limits of a predictor.</summary>
internal sealed class UploadedImage
{
    private const int FormHeaderBytes = 512;

    private readonly string _name;
    private readonly PredictorOptions _limits;

    // Null where there are more than may be.
    private readonly ReadOnlyMemory<byte>? _bytes;

    private UploadedImage(ReadOnlyMemory<byte>? bytes, string name, PredictorOptions limits) => (_bytes, _name, _limits) = (bytes, name, limits);

    /// <summary>Reads a stream from its position to its end, or to the limit.</summary>
    /// <param name="stream">The image.</param>
    /// <param name="name">What messages call it.</param>
    /// <param name="limits">The limits.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public static async Task<UploadedImage> ReadAsync(Stream stream, string name, PredictorOptions limits, CancellationToken cancellationToken)
    {
        using MemoryStream copy = new();
        byte[] block = new byte[81920];
        int count;
        while ((count = await stream.ReadAsync(block, cancellationToken).ConfigureAwait(false)) > 0)
        {
            if (copy.Length + count > limits.MaxFileBytes)
            {
                return new(null, name, limits);
            }

            copy.Write(block, 0, count);
        }

        return new(copy.GetBuffer().AsMemory(0, (int)copy.Length), name, limits);
    }

    /// <summary>The pixels of an image of a size.</summary>
    /// <exception cref="UnusableImageException">There are more than may be.</exception>
    public static long CheckPixels(int width, int height, PredictorOptions limits) => (long)width * height <= limits.MaxPixels
        ? (long)width * height
        : throw new UnusableImageException(ImageProblem.TooLarge, $"The image has {width}x{height} pixels; at most {limits.MaxPixels} are looked at.");

    /// <summary>Looks at the header.</summary>
    /// <returns>The pixels that it says.</returns>
    /// <exception cref="UnusableImageException">The image cannot be used.</exception>
    public long Check()
    {
        if (_bytes is not { } bytes)
        {
            throw new UnusableImageException(ImageProblem.TooLarge, $"{_name}: the file has more than {_limits.MaxFileBytes} bytes; no more are read.");
        }

        if (bytes.IsEmpty)
        {
            throw new UnusableImageException(ImageProblem.Empty, $"{_name}: the file is empty.");
        }

        ImageInfo info;
        long most;
        try
        {
            info = ImageReader.ReadInfo(bytes, _name);
            most = ImageReader.MostPixels(bytes, _name, ImageReadOptions.Default with { MaxPixels = _limits.MaxPixels });
        }
        catch (InvalidDataException e) when (IsForm(bytes.Span))
        {
            throw new UnusableImageException(
                ImageProblem.UnknownFormat, $"{_name}: this is a form (multipart/form-data); send the image itself as the body, or give the predictor the stream of the form's file.", e);
        }
        catch (InvalidDataException e)
        {
            throw new UnusableImageException(ImageReader.FormatOf(bytes.Span) is null ? ImageProblem.UnknownFormat : ImageProblem.Damaged, e.Message, e);
        }

        long pixels = CheckPixels(info.Width, info.Height, _limits);
        return pixels <= most ? pixels : throw new UnusableImageException(
            ImageProblem.TooLarge, $"{_name}: the image has {info.Width}x{info.Height} pixels, of a kind that is decoded all at once; of these at most {most} are looked at.");
    }

    /// <summary>Decodes what was checked.</summary>
    /// <param name="needed">Pixels that are needed along the longest side; 0 for all.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="UnusableImageException">The image is damaged.</exception>
    public LoadedImage Decode(int needed, CancellationToken cancellationToken)
    {
        try
        {
            return ImageReader.Load(
                _bytes!.Value, _name, ImageReadOptions.Default with { MaxPixels = _limits.MaxPixels, NeededLongestSide = needed, Cancellation = cancellationToken });
        }
        catch (InvalidDataException e) when (ErrorText.MissingLibrary(e) is null)
        {
            throw new UnusableImageException(ImageProblem.Damaged, e.Message, e);
        }
    }

    // As browsers and tools send files unless told otherwise.
    private static bool IsForm(ReadOnlySpan<byte> bytes) =>
        bytes.StartsWith("--"u8) && bytes[..Math.Min(bytes.Length, FormHeaderBytes)].IndexOf("form-data"u8) > 0;
}
