using System.Security.Cryptography;

namespace Microsoft.ML.Binary.Imaging.Codec;

/// <summary>Decodes the picture of a JPEG file, whatever stands after it, and tells a missing end marker from missing pixels.</summary>
internal static class JpegPicture
{
    private const int PadBytes = 64;

    private static ReadOnlySpan<byte> EndMarker => [0xFF, 0xD9];

    /// <exception cref="InvalidDataException">The file is damaged, or its image data are not whole.</exception>
    public static RgbImage Decode(ReadOnlyMemory<byte> file, ImageInfo info, int reduction, IImageDecoder decoder, string name, ImageReadOptions options)
    {
        if (JpegHeader.FindEnd(file.Span, name) is int end)
        {
            return Decode(file[..end], reduction);
        }

        // Decoders make up pixels for missing data. Whole data end with the last pixel, so that what follows them changes nothing.
        ReadOnlyMemory<byte> data = file[..(file.Span.TrimEnd((byte)0xFF).Length)];
        byte[] pad = new byte[PadBytes];
        pad.AsSpan().Fill(0xB5);
        if (!HashOfPixels(Ended(data.Span, [])).AsSpan().SequenceEqual(HashOfPixels(Ended(data.Span, pad))))
        {
            throw new InvalidDataException($"{name}: the JPEG file is truncated: its image data end before the last pixel.");
        }

        options.OnWarning?.Invoke($"{name}: the JPEG file has no end marker; its image data are whole.");
        return Decode(Ended(data.Span, []), reduction);

        RgbImage Decode(ReadOnlyMemory<byte> bytes, int by) => ImageDecoders.Decode(decoder, new EncodedImage(bytes, info, by), name, options, by);

        // All pixels of both, without holding those of either.
        byte[] HashOfPixels(ReadOnlyMemory<byte> bytes)
        {
            using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            ImageRows rows = new(info, hash.AppendData, options.Cancellation);
            ImageDecoders.Decode(decoder, new EncodedImage(bytes, info, 1), name, rows);
            return hash.GetHashAndReset();
        }
    }

    private static byte[] Ended(ReadOnlySpan<byte> data, ReadOnlySpan<byte> pad) => [.. data, .. pad, .. EndMarker];
}
