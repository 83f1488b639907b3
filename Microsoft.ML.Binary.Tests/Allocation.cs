namespace Microsoft.ML.Binary.Tests;

/// <summary>What a call allocates on the thread of the test.</summary>
internal static class Allocation
{
    public static long Of(Action call)
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        call();
        return GC.GetAllocatedBytesForCurrentThread() - before;
    }
}
