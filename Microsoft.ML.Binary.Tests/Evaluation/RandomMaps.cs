namespace Microsoft.ML.Binary.Tests.Evaluation;

/// <summary>Seeded maps made of runs, as real masks are, so that both the block and the pixel paths are taken.</summary>
internal static class RandomMaps
{
    /// <summary>Labels and predictions of <paramref name="classes"/> classes; predictions agree with labels about half the time.</summary>
    public static (byte[] Labels, byte[] Predictions) Segmentation(Random random, int length, int classes, double ignoreShare)
    {
        byte[] labels = Runs(random, length, () => random.NextDouble() < ignoreShare ? (byte)255 : (byte)random.Next(classes));
        byte[] other = Runs(random, length, () => (byte)random.Next(classes));
        byte[] predictions = new byte[length];
        bool agree = false;
        for (int i = 0; i < length; i++)
        {
            agree = random.Next(20) == 0 ? !agree : agree;
            predictions[i] = agree && labels[i] != 255 ? labels[i] : other[i];
        }

        return (labels, predictions);
    }

    public static byte[] Runs(Random random, int length, Func<byte> value)
    {
        byte[] map = new byte[length];
        for (int start = 0; start < length;)
        {
            int run = Math.Min(random.Next(2) == 0 ? random.Next(1, 4) : random.Next(1, 200), length - start);
            map.AsSpan(start, run).Fill(value());
            start += run;
        }

        return map;
    }
}
