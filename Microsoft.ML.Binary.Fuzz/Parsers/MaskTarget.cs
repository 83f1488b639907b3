using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Imaging;

namespace Microsoft.ML.Binary.Fuzz.Parsers;

/// <summary>Masks of every format, read as class indices, as colours of classes and as gray values.</summary>
internal sealed class MaskTarget : Target
{
    private const int MaxPixels = 1 << 16;

    private static readonly MaskColors s_colors = new([new RgbColor(0, 0, 0), null, new RgbColor(16, 32, 48)], ignored: [new RgbColor(255, 0, 255)]);

    private readonly PngTarget _png = new();
    private readonly TiffTarget _tiff = new();

    public override string Name => "mask";

    public override IReadOnlyList<byte[]> Seeds { get; } =
        [.. new PngTarget().Seeds, .. new TiffTarget().Seeds, .. new BmpTarget().Seeds, .. new PnmTarget().Seeds, Written(WithColors), Written(WithPalette)];

    public override byte[] Forge(ref RandomStream random, byte[] file) => ImageReader.FormatOf(file) switch
    {
        ImageFormat.Png => _png.Forge(ref random, file),
        ImageFormat.Tiff => _tiff.Forge(ref random, file),
        _ => file,
    };

    public override bool Read(byte[] file, bool thoroughly)
    {
        // Masks have the limit of all files alone, which takes more memory than there is here.
        if (Try(() => ImageReader.ReadInfo(file, "fuzzed")) is not { } info || (long)info.Width * info.Height > MaxPixels)
        {
            return false;
        }

        SegmentationMask? indices = Try(() => MaskReader.ReadClassIndices(new MemoryStream(file, writable: false), "fuzzed"));
        SegmentationMask? colors = Try(() => MaskReader.ReadClassIndices(new MemoryStream(file, writable: false), "fuzzed", s_colors));
        SaliencyMask? gray = Try(() => MaskReader.ReadGray(new MemoryStream(file, writable: false), "fuzzed"));
        Expect(indices is null || indices.Labels.Length == indices.Width * indices.Height, "Labels are missing.");
        Expect(gray is null || gray.Values.Length == gray.Width * gray.Height, "Gray values are missing.");
        Expect(colors is null || colors.Labels.Length == colors.Width * colors.Height, "Labels by colours are missing.");
        Expect(
            gray is null || (Size(indices) ?? (gray.Width, gray.Height), Size(colors) ?? (gray.Width, gray.Height)) == ((gray.Width, gray.Height), (gray.Width, gray.Height)),
            "As classes, it has another size.");
        if (thoroughly)
        {
            SegmentationMask? onDisk = Try(() => MaskReader.ReadClassIndices(ScratchFile.Of(file), s_colors));
            Expect(onDisk is null == colors is null && (onDisk is null || onDisk.Labels.AsSpan().SequenceEqual(colors!.Labels)), "From disk, it is another mask.");
        }

        // An index beyond the palette is a class, and no colour.
        return gray is not null || indices is not null || colors is not null;
    }

    private static (int Width, int Height)? Size(SegmentationMask? mask) => mask is null ? null : (mask.Width, mask.Height);

    private static byte[] Written(Action<Stream> write)
    {
        using MemoryStream stream = new();
        write(stream);
        return stream.ToArray();
    }

    private static void WithColors(Stream stream) =>
        new RgbImage(4, 3, [.. Enumerable.Range(0, 12).SelectMany(i => (i % 3) switch { 0 => new byte[] { 0, 0, 0 }, 1 => [16, 32, 48], _ => [255, 0, 255] })]).SavePng(stream);

    private static void WithPalette(Stream stream) => MaskWriter.Save(stream, new SegmentationMask(4, 3, [0, 1, 2, 255, 3, 4, 5, 6, 7, 8, 9, 10]));
}
