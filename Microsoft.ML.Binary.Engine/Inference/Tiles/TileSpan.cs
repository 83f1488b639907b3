namespace Microsoft.ML.Binary.Inference.Tiles;

/// <summary>A tile along one axis of an image.</summary>
/// <param name="Start">The first pixel that it sees.</param>
/// <param name="Length">How many it sees.</param>
/// <param name="First">The first pixel whose result is used.</param>
/// <param name="Last">The first pixel after those.</param>
internal readonly record struct TileSpan(int Start, int Length, int First, int Last)
{
    /// <summary>
    /// The tiles of a side: they begin at multiples of what the network divides images by, so that cells lie as in the whole image, and all but those of
    /// an image that is smaller have one length once it is padded, so that they share a plan.
    /// </summary>
    /// <param name="pixels">Pixels of the image.</param>
    /// <param name="side">Pixels of a tile, a multiple of <paramref name="alignment"/>.</param>
    /// <param name="halo">Pixels at its ends that are not used, likewise.</param>
    /// <param name="alignment">What the network divides images by.</param>
    public static TileSpan[] Of(int pixels, int side, int halo, int alignment)
    {
        List<int> starts = [0];
        while (starts[^1] + side < pixels)
        {
            int end = (pixels - side + alignment - 1) / alignment * alignment;
            starts.Add(Math.Min(starts[^1] + side - 2 * halo, end));
        }

        // Neighbours overlap by two halos at least; the middle between them is as far from the end of one as of the other.
        int Cut(int index) => index == 0 ? 0 : index == starts.Count ? pixels : (starts[index] + starts[index - 1] + side) / 2;
        return [.. starts.Select((start, i) => new TileSpan(start, Math.Min(side, pixels - start), Cut(i), Cut(i + 1)))];
    }
}
