namespace Microsoft.ML.Binary.KernelBenchmarks;

internal static class RandomValues
{
    /// <summary>Values in -1..1; the same ones each time.</summary>
    public static float[] Make(int count)
    {
        Random random = new(1);
        return [.. Enumerable.Range(0, count).Select(_ => 2 * random.NextSingle() - 1)];
    }
}
