namespace Microsoft.ML.Binary.Imaging.Codec;

/// <summary>Picks the reader for a file by its first bytes.</summary>
internal static class ImageFile
{
    /// <exception cref="InvalidDataException">Neither a PNG nor a binary PGM or PPM file, or a damaged one.</exception>
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

        return PngReader.IsPng(file)
            ? PngReader.Decode(file, name)
            : throw new InvalidDataException(file.IsEmpty
                ? $"{name}: the file is empty."
                : $"{name}: neither PNG nor binary PGM or PPM (P5, P6), the formats read here; or the start of the file is damaged.");
    }
}
