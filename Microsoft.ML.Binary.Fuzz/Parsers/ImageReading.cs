using Microsoft.ML.Binary.Imaging;
using static Microsoft.ML.Binary.Fuzz.Parsers.Target;

namespace Microsoft.ML.Binary.Fuzz.Parsers;

/// <summary>An image in every way that it can be read: whole, reduced while it is decoded, and row by row from disk.</summary>
internal static class ImageReading
{
    private const int Needed = 3;

    // Of its own, so that its warnings reach nobody.
    private static readonly ImageReadOptions s_options = new() { MaxPixels = 1 << 16 };

    /// <summary>Reads a file; null where it is refused.</summary>
    /// <param name="file">The file.</param>
    /// <param name="thoroughly">Whether in each of the ways, which must agree.</param>
    public static RgbImage? Read(byte[] file, bool thoroughly)
    {
        RgbImage? image = Load(file, s_options)?.Image;
        Expect(image is null || image.Pixels.Length == 3 * image.Width * image.Height, "Pixels are missing.");
        if (thoroughly)
        {
            LoadedImage? reduced = Load(file, s_options with { NeededLongestSide = Needed });
            Expect(reduced is null == image is null, $"Reduced, it is {(reduced is null ? "refused" : "taken")}.");
            Expect(
                reduced is null || ((reduced.FullWidth, reduced.FullHeight) == (image!.Width, image.Height) && Math.Max(reduced.Image.Width, reduced.Image.Height) >= Math.Min(Needed, Math.Max(image.Width, image.Height))),
                "Reduced, it has another size.");
            byte[]? rows = Rows(file);
            Expect(rows is null == image is null, $"Row by row, it is {(rows is null ? "refused" : "taken")}.");
            Expect(rows is null || rows.AsSpan().SequenceEqual(image!.Pixels), "Row by row, it is another image.");
        }

        return image;
    }

    private static LoadedImage? Load(byte[] file, ImageReadOptions options) => Try(() => ImageReader.Load(new MemoryStream(file, writable: false), "fuzzed", options));

    private static byte[]? Rows(byte[] file) => Try(() =>
    {
        List<byte> rows = [];
        ImageReader.ReadRows(ScratchFile.Of(file), _ => row => rows.AddRange(row), s_options);
        return rows.ToArray();
    });
}
