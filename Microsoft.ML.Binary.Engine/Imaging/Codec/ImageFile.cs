namespace Microsoft.ML.Binary.Imaging.Codec;

/// <summary>Picks the reader for a file by its first bytes.</summary>
internal static class ImageFile
{
    /// <summary>Starts of files of other formats.</summary>
    private static readonly (byte[] Start, string Format)[] Others =
    [
        ([0xFF, 0xD8, 0xFF], "JPEG"), ([.. "GIF8"u8], "GIF"), ([.. "RIFF"u8], "WebP"), ([.. "II*\0"u8], "TIFF"), ([.. "MM\0*"u8], "TIFF"),
        ([.. "P1"u8], "PBM"), ([.. "P2"u8], "PGM as text"), ([.. "P3"u8], "PPM as text"), ([.. "P4"u8], "PBM"),
    ];

    /// <exception cref="InvalidDataException">Neither a PNG nor a binary PGM or PPM file nor a bitmap, or a damaged one.</exception>
    /// <exception cref="IOException">The file is missing or cannot be read.</exception>
    public static Raster Load(string path) => Decode(File.ReadAllBytes(path), path);

    /// <param name="stream">Read from its position to its end.</param>
    /// <param name="name">What error messages call the stream.</param>
    public static Raster Load(Stream stream, string name)
    {
        using var copy = new MemoryStream();
        stream.CopyTo(copy);
        return Decode(copy.GetBuffer().AsSpan(0, (int)copy.Length), name);
    }

    public static Raster Decode(ReadOnlySpan<byte> file, string name)
    {
        if (PnmReader.IsPnm(file))
        {
            return PnmReader.Decode(file, name);
        }

        if (BmpReader.IsBmp(file))
        {
            return BmpReader.Decode(file, name);
        }

        return PngReader.IsPng(file) ? PngReader.Decode(file, name) : throw new InvalidDataException($"{name}: {Problem(file)}");
    }

    private static string Problem(ReadOnlySpan<byte> file)
    {
        const string formats = "neither PNG nor binary PGM or PPM (P5, P6) nor BMP, the formats read here";
        foreach ((byte[] start, string format) in Others)
        {
            if (file.StartsWith(start))
            {
                return $"{formats}: its content is {format}, whatever its name. Masks must be lossless; convert the file to PNG from what it was made of.";
            }
        }

        return file.IsEmpty ? "the file is empty." : $"{formats}; or the start of the file is damaged.";
    }
}
