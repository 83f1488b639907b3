using System.Runtime.Intrinsics;

namespace Microsoft.ML.Binary;

/// <summary>
/// How often each of the 65,536 pairs (label byte, predicted byte) occurs in one image. Counting every
/// possible pair needs no range check per pixel; values out of range are found afterwards, as non-empty cells.
/// </summary>
internal sealed class LabelPairHistogram
{
    private const int Values = 256;
    private readonly uint[] _counts = new uint[Values * Values];

    /// <summary>Predicted values that occur under one label: element p counts the pairs (label, p).</summary>
    public ReadOnlySpan<uint> Row(int label) => _counts.AsSpan(label * Values, Values);

    /// <summary>Replaces the counts by those of one image.</summary>
    public void Count(ReadOnlySpan<byte> labels, ReadOnlySpan<byte> predictions)
    {
        uint[] counts = _counts;
        Array.Clear(counts);
        int i = 0;

        // Masks are made of long runs: most blocks hold one single pair and cost one addition.
        for (; i + Vector256<byte>.Count <= labels.Length; i += Vector256<byte>.Count)
        {
            ReadOnlySpan<byte> l = labels.Slice(i, Vector256<byte>.Count);
            ReadOnlySpan<byte> p = predictions.Slice(i, Vector256<byte>.Count);
            if (Vector256.EqualsAll(Vector256.Create(l), Vector256.Create(l[0]))
                && Vector256.EqualsAll(Vector256.Create(p), Vector256.Create(p[0])))
            {
                counts[(l[0] << 8) | p[0]] += (uint)Vector256<byte>.Count;
                continue;
            }

            for (int j = 0; j < l.Length; j++)
            {
                counts[(l[j] << 8) | p[j]]++;
            }
        }

        for (; i < labels.Length; i++)
        {
            counts[(labels[i] << 8) | predictions[i]]++;
        }
    }
}
