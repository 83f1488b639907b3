using Microsoft.ML.Binary.Messages;

namespace Microsoft.ML.Binary.Imaging;

/// <summary>What the files of a folder are taken for: which extensions count, and what is said of the others.</summary>
/// <param name="Name">What messages call one of them.</param>
/// <param name="Extensions">Extensions of files that are taken.</param>
internal sealed record FolderRole(string Name, IReadOnlyList<string> Extensions)
{
    public static readonly FolderRole Image = new("image", ImageFolder.ImageExtensions);

    public static readonly FolderRole Mask = new("mask", ImageFolder.MaskExtensions);

    public static readonly FolderRole Prediction = new("prediction", ImageFolder.MaskExtensions);

    private const string Lossy =
        "a lossy format changes values near every edge, so that classes and borders can no longer be told. Export the masks again as PNG, from what they were made of";

    private const string OftenLossy =
        "as a rule it is lossy, and changes values near every edge. Convert lossless files to PNG; of others, export the masks again as PNG, from what they were made of";

    private const string NoReader = "this format is not read here. Convert the files to PNG";

    /// <summary>Pictures of other formats, with what to do about them.</summary>
    private static readonly (string Format, string[] Extensions)[] Formats =
    [
        ("JPEG", [".jpg", ".jpeg", ".jpe", ".jfif", ".jif", ".pjpeg", ".pjp"]),
        ("WebP", [".webp"]),
        ("GIF", [".gif"]),
        ("PPM", [".ppm", ".pnm"]),
        ("BMP", [".bmp", ".dib"]),
        ("TIFF", [".tif", ".tiff"]),
        ("HEIF", [".heic", ".heif"]),
        ("AVIF", [".avif"]),
        ("JPEG 2000", [".jp2", ".j2k", ".jpf", ".jpx"]),
        ("JPEG XL", [".jxl"]),
        ("PBM", [".pbm"]),
        ("camera raw", [".dng", ".cr2", ".cr3", ".nef", ".arw", ".orf", ".raf", ".rw2"]),
        ("NumPy", [".npy", ".npz"]),
        ("MATLAB", [".mat"]),
    ];

    public bool Takes(string path) => Extensions.Contains(Path.GetExtension(path), StringComparer.OrdinalIgnoreCase);

    /// <summary>Whether nobody stores masks in such a file; beside one, a lossless file of its name is its mask.</summary>
    public static bool IsLossy(string path) => FormatOf(path) is "JPEG" or "WebP";

    /// <summary>Why a file is not taken, as the end of a sentence about several; null for files that are no pictures.</summary>
    public (string Format, string Reason)? Refusal(string path) => FormatOf(path) is { } format ? (format, this == Image || !IsLossy(path) ? NoReader : format == "WebP" ? OftenLossy : Lossy) : null;

    public string Count(int count) => Plural.Of(count, Name);

    private static string? FormatOf(string path)
    {
        string extension = Path.GetExtension(path);
        return Formats.FirstOrDefault(known => known.Extensions.Contains(extension, StringComparer.OrdinalIgnoreCase)).Format;
    }
}
