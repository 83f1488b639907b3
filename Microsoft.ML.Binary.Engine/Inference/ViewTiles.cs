using System.Globalization;
using Microsoft.ML.Binary.Graph;

namespace Microsoft.ML.Binary.Inference;

/// <summary>
/// Looks at large images in tiles that overlap, so that memory does not grow with the image. What is near the edge of a tile is left to its neighbour:
/// with a halo of the network's receptive field (<see cref="ReceptiveField"/>) the result is that of the whole image, to the last bit, for a network
/// without attention and other means over the whole map. Those see their tile only, and the result differs by that.
/// </summary>
/// <example>
/// <code>
/// ViewOptions views = ViewOptions.InTiles(new ViewTiles { Side = 1024 });  // for images that do not fit into memory
/// </code>
/// </example>
public sealed record ViewTiles
{
    /// <summary>The largest side of a tile.</summary>
    public const int MaxSide = 16384;

    // Of networks that see all of their tile: measured, see docs/scale.md.
    internal const int UsualSide = 1536, UsualHalo = 128;

    /// <summary>Side and halo that suit the network.</summary>
    public static ViewTiles Auto { get; } = new();

    /// <summary>
    /// Pixels along each side of what the network sees at a time, the halo included; rounded up to what the network divides images by. An image that is no larger is seen whole.
    /// Null, the default, takes 1536, or four times the halo if that is more.
    /// </summary>
    /// <exception cref="ArgumentException">It is not from 1 to <see cref="MaxSide"/>.</exception>
    public int? Side
    {
        get;
        init => field = value is null or (>= 1 and <= MaxSide) ? value : throw new ArgumentException($"Tiles have {value} pixels a side; they must have from 1 to {MaxSide}.", nameof(Side));
    }

    /// <summary>
    /// Pixels at each edge of a tile inside the image whose result is not used; rounded up as <see cref="Side"/>. Null, the default, takes the network's receptive
    /// field, or 128 for a network with attention or means over the whole map.
    /// </summary>
    /// <exception cref="ArgumentException">It is negative or too large.</exception>
    public int? Halo
    {
        get;
        init => field = value is null or (>= 0 and <= MaxSide) ? value : throw new ArgumentException($"The halo has {value} pixels; it must have from 0 to {MaxSide}.", nameof(Halo));
    }

    /// <summary>What <see cref="ToString"/> gives: <c>auto</c>, a side, or side and halo with a + between. Null if it is something else.</summary>
    public static ViewTiles? Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        string[] parts = text.Split('+');
        int? side = Number(parts[0]), halo = Number(parts[^1]);
        return parts.Length switch
        {
            1 when text == "auto" => Auto,
            1 when side >= 1 => new() { Side = side },
            2 when side >= 1 && halo is not null => new() { Side = side, Halo = halo },
            2 when parts[0] == "auto" && halo is not null => new() { Halo = halo },
            _ => null,
        };

        static int? Number(string digits) => int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out int value) && value <= MaxSide ? value : null;
    }

    /// <summary>As <see cref="Parse"/> reads it.</summary>
    public override string ToString()
    {
        string side = Side is { } given ? given.ToString(CultureInfo.InvariantCulture) : "auto";
        return Halo is { } halo ? string.Create(CultureInfo.InvariantCulture, $"{side}+{halo}") : side;
    }

    /// <summary>Side and halo of a graph, both multiples of its alignment.</summary>
    /// <exception cref="ArgumentException">The halo takes all of a tile.</exception>
    public (int Side, int Halo) For(DenseGraph graph)
    {
        ArgumentNullException.ThrowIfNull(graph);
        ReceptiveField field = ReceptiveField.Of(graph);
        int halo = Aligned(Halo ?? (field.IsGlobal ? UsualHalo : field.Radius)), side = Aligned(Side ?? Math.Max(UsualSide, 4 * halo));
        return 2 * halo < side
            ? (side, halo)
            : throw new ArgumentException($"Tiles have {side} pixels a side and a halo of {halo} on both, which leaves nothing; they must be larger, or the halo smaller.");

        int Aligned(int pixels) => (pixels + graph.Alignment - 1) / graph.Alignment * graph.Alignment;
    }
}
