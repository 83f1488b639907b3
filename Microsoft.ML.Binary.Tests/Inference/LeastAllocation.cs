namespace Microsoft.ML.Binary.Tests.Inference;

/// <summary>What a call allocates on all threads, for a test beside which nothing else runs.</summary>
internal static class LeastAllocation
{
    /// <summary>The bytes of one call: the least of some, as the host of the tests has threads of its own.</summary>
    public static long Of(Action call)
    {
        for (int i = 0; i < 3; i++)
        {
            call();
        }

        long least = long.MaxValue;
        for (int i = 0; i < 20 && least > 0; i++)
        {
            long before = GC.GetTotalAllocatedBytes(precise: true);
            call();
            least = Math.Min(least, GC.GetTotalAllocatedBytes(precise: true) - before);
        }

        return least;
    }
}
