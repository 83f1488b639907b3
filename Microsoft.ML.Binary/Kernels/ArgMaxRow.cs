using System.Numerics;

namespace Microsoft.ML.Binary.Kernels;

/// <summary>For each pixel of a row the channel with the highest value; of equal ones the first.</summary>
internal static class ArgMaxRow
{
    /// <summary>Channel c of the row starts at <c>values[c * pitch]</c>; there are at most 256.</summary>
    public static void Run(ReadOnlySpan<float> values, int channels, int pitch, Span<byte> labels)
    {
        int x = 0, lanes = Vector<float>.Count;
        for (; x <= labels.Length - lanes; x += lanes)
        {
            Vector<float> best = new(values[x..]);
            Vector<int> index = default;
            for (int c = 1; c < channels; c++)
            {
                Vector<float> value = new(values[(c * pitch + x)..]);
                Vector<int> better = Vector.GreaterThan(value, best);
                best = Vector.ConditionalSelect(better, value, best);
                index = Vector.ConditionalSelect(better, new Vector<int>(c), index);
            }

            for (int i = 0; i < lanes; i++)
            {
                labels[x + i] = (byte)index[i];
            }
        }

        for (; x < labels.Length; x++)
        {
            int best = 0;
            for (int c = 1; c < channels; c++)
            {
                best = values[c * pitch + x] > values[best * pitch + x] ? c : best;
            }

            labels[x] = (byte)best;
        }
    }
}
