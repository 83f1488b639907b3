using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Imaging;

namespace Web;

/// <summary>A class of a network: its name, its colour, and where asked for, how much of the image it has.</summary>
internal sealed record ClassInfo(string Name, string Color, double? Share = null)
{
    /// <summary>The classes of a network, in the colours that overlays and masks have: its own, or the built-in ones.</summary>
    public static IReadOnlyList<ClassInfo> Of(DenseNetwork network) =>
        [.. network.ClassNames.Zip(Palette.Of(network.Palette), (name, color) => new ClassInfo(name, $"{color}"))];
}
