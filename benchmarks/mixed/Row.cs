using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Training.MixedPrecision;

namespace Mixed;

/// <summary>A network that is trained and measured.</summary>
/// <param name="Name">What journals and tables call it.</param>
/// <param name="Train">Makes it; networks of other rows that it needs have been made before.</param>
internal sealed record Row(string Name, Func<Work, DenseNetwork> Train)
{
    public const string Binary = "binary";

    /// <summary>In the order in which claims become complete.</summary>
    public static Row[] All { get; } =
    [
        OneBit,
        BytesOfBinary(0.85),
        BytesOfBinary(1),
        TimeOf(0.85),
        BytesOfBinary(0.7),
        TimeOf(0.7),
        new("pruned, then quantised: bytes 0.85", work => work.PruneThenQuantize(0.85)),

        // The phases of a search with nothing to choose.
        OneBitInPhases,

        // Networks whose encoder and last convolutions read activations of two bits.
        OfLevels("2-bit activations", OneBit),
        OfLevels($"2-bit activations, {OneBitInPhases.Name}", OneBitInPhases),
        OfLevels($"2-bit activations, {Bytes(0.85)}", BytesOfBinary(0.85)),
    ];

    private static Row OneBit => new(Binary, work => work.TrainBinary());

    private static Row OneBitInPhases => new("one bit, in the phases of a search", work => work.Search(new() { Precisions = [1] }));

    /// <summary>The same network as that of another row, but for its activations.</summary>
    private static Row OfLevels(string name, Row other) => new(name, work =>
    {
        work.ActivationBits = 2;
        return other.Train(work);
    });

    /// <summary>A search for at most a share of the bytes of the binary network.</summary>
    private static Row BytesOfBinary(double share) => new(
        Bytes(share), work => work.Search(new() { Cost = WidthCost.Weights, Limit = work.BitsOf(share) }));

    /// <summary>
    /// A search for at most the predicted time of what the search for bytes has found, so that the two can be compared at equal time. Of pruning only: wider
    /// channels cost more time than they can bring where one-bit kernels are fastest.
    /// </summary>
    private static Row TimeOf(double share) => new(
        FormattableString.Invariant($"time of bytes {share:0.00}"), work => work.Search(new() { Cost = work.Latency, Precisions = [0, 1], Limit = work.CostOf(Bytes(share), work.Latency) }));

    private static string Bytes(double share) => FormattableString.Invariant($"bytes {share:0.00}");
}
