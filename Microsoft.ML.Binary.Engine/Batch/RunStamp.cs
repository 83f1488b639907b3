using System.Globalization;
using System.Security.Cryptography;
using Microsoft.ML.Binary.Files;
using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Imaging.Codec;
using Microsoft.ML.Binary.Inference;

namespace Microsoft.ML.Binary;

/// <summary>
/// What made a file of results: the network and how it saw the image. It stands in every file, so that what is done can be told from the file alone, by any
/// worker, and what another network made is never taken for it.
/// </summary>
/// <param name="Network">The first 16 bytes of the SHA-256 of the frozen network's file, in hexadecimal digits.</param>
/// <param name="Views">Size, scales, mirroring and all else that decides results, for people too.</param>
internal sealed record RunStamp(string Network, string Views)
{
    private const string Keyword = "MlBinary", NetworkPart = "network=", ViewsPart = " views=";

    private const int NetworkBytes = 16;

    public PngNote Note { get; } = new(Keyword, $"{NetworkPart}{Network}{ViewsPart}{Views}");

    public static RunStamp Of(DenseNetwork network, ViewOptions views)
    {
        WorkingSize size = views.Size ?? network.WorkingSize;
        string scales = string.Join(',', views.Scales.Select(scale => scale.ToString("R", CultureInfo.InvariantCulture)));
        return new(
            Convert.ToHexStringLower(SHA256.HashData(network.Freeze().ToBytes()).AsSpan(0, NetworkBytes)),
            $"{(size.IsOwn ? "own size" : $"longest side {size}")}, scales {scales}{(views.Mirrored ? ", mirrored too" : "")}"
            + (views.AttentionReduction == AttentionReduction.AsTrained ? "" : $", attention reduced by {views.AttentionReduction}")
            + (views.Tiles is { } tiles ? $", tiles {tiles}" : ""));
    }

    /// <summary>The stamp of a file, null where it has none; and whether the file is whole.</summary>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static (RunStamp? Stamp, bool IsWhole) Read(string path)
    {
        (PngNote? note, bool isWhole) = PngNote.Read(path);
        return (note is { Keyword: Keyword } && note.Text.StartsWith(NetworkPart, StringComparison.Ordinal) && note.Text.Split(ViewsPart, 2) is [var network, var views]
            ? new(network[NetworkPart.Length..], views)
            : null, isWhole);
    }

    /// <summary>Whether this run made a file, wholly and after the image was last changed.</summary>
    public bool Made(string path, DateTime imageChanged) =>
        File.Exists(path) && FileKind.IsRegular(path) && Read(path) is var (stamp, isWhole) && isWhole && stamp == this && RealPath.FileOf(path).LastWriteTimeUtc >= imageChanged;

    /// <summary>How another run differs.</summary>
    public string DifferenceOf(RunStamp other) =>
        other.Network != Network ? $"it was made by another network ({other.Network[..Math.Min(8, other.Network.Length)]}, not {Network[..8]})"
        : $"it was made with other views ({other.Views}; now {Views})";
}
