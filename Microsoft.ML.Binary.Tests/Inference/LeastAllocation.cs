namespace Microsoft.ML.Binary.Tests.Inference;

/// <summary>What a call allocates on all threads, for a test beside which nothing else runs.</summary>
internal static class LeastAllocation
{
    // Not every call is shared with a second thread.
    private const int Calls = 20;

    /// <summary>The bytes of some calls: the least of several counts, as the host of the tests has threads of its own.</summary>
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
            for (int k = 0; k < Calls; k++)
            {
                call();
            }

            least = Math.Min(least, GC.GetTotalAllocatedBytes(precise: true) - before);
        }

        return least;
    }
}
