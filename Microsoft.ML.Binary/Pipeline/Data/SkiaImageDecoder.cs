using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Microsoft.ML.Binary.Imaging;
using Microsoft.ML.Binary.Messages;
using SkiaSharp;

namespace Microsoft.ML.Binary;

/// <summary>Decodes JPEG, GIF and WebP with the codecs of Skia, which ML.NET's image package brings.</summary>
internal sealed class SkiaImageDecoder : IImageDecoder
{
#pragma warning disable CA2255 // A module initializer in a library: the engine knows nothing of this assembly, which has to come to it.
    [ModuleInitializer]
    internal static void AddToEngine() => ImageReader.AddFallbackDecoder(new SkiaImageDecoder());
#pragma warning restore CA2255

    public bool CanDecode(ImageFormat format) => format is ImageFormat.Jpeg or ImageFormat.Gif or ImageFormat.WebP;

    public void Decode(EncodedImage file, ImageRows rows)
    {
        try
        {
            DecodeBySkia(file, rows);
        }
        catch (Exception fault) when (ErrorText.MissingLibrary(fault) is not null)
        {
            throw new InvalidDataException(ErrorText.Of(fault), fault);
        }
    }

    private static unsafe void DecodeBySkia(EncodedImage file, ImageRows rows)
    {
        using var pinned = file.Bytes.Pin();
        using SKData data = SKData.Create((nint)pinned.Pointer, file.Bytes.Length);
        using SKCodec codec = SKCodec.Create(data)
            ?? throw new InvalidDataException("the file is damaged, or of a variety that is not known here.");
        // WebP takes any smaller size, and rounds otherwise than we do; of a JPEG the codec says what there is.
        SKSizeI size = file.Reduction == 1 ? codec.Info.Size
            : file.Info.Format == ImageFormat.Jpeg ? codec.GetScaledDimensions(1f / file.Reduction)
            : SizeOf(codec.Info.Size, file.Reduction);
        if ((size.Width, size.Height) != (rows.Width, rows.Height))
        {
            throw new InvalidDataException($"its data are {size.Width}x{size.Height} pixels, {rows.Width}x{rows.Height} by its header.");
        }

        SKImageInfo info = new(size.Width, size.Height, SKColorType.Rgba8888, codec.Info.IsOpaque ? SKAlphaType.Opaque : SKAlphaType.Unpremul);
        if (codec.StartScanlineDecode(info) == SKCodecResult.Success && codec.ScanlineOrder == SKCodecScanlineOrder.TopDown)
        {
            DecodeRowByRow(codec, info, rows);
        }
        else
        {
            DecodeAtOnce(codec, info, rows);
        }
    }

    private static SKSizeI SizeOf(SKSizeI size, int reduction) =>
        new((size.Width + reduction - 1) / reduction, (size.Height + reduction - 1) / reduction);

    private static unsafe void DecodeRowByRow(SKCodec codec, SKImageInfo info, ImageRows rows)
    {
        byte[] row = new byte[info.RowBytes];
        fixed (byte* pixels = row)
        {
            for (int y = 0; y < info.Height; y++)
            {
                if (codec.GetScanlines((nint)pixels, 1, info.RowBytes) != 1)
                {
                    throw new InvalidDataException($"it is damaged or truncated in row {y} of {info.Height}.");
                }

                rows.SetRgba(y, row);
            }
        }
    }

    private static unsafe void DecodeAtOnce(SKCodec codec, SKImageInfo info, ImageRows rows)
    {
        byte* pixels = (byte*)NativeMemory.AllocZeroed((nuint)info.BytesSize64);
        try
        {
            SKCodecResult result = codec.GetPixels(info, (nint)pixels);
            if (result != SKCodecResult.Success)
            {
                throw new InvalidDataException(result == SKCodecResult.IncompleteInput ? "the file is truncated." : $"it is damaged ({result}).");
            }

            for (int y = 0; y < info.Height; y++)
            {
                rows.SetRgba(y, new ReadOnlySpan<byte>(pixels + ((long)y * info.RowBytes), info.RowBytes));
            }
        }
        finally
        {
            NativeMemory.Free(pixels);
        }
    }
}
