using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Inference;

namespace Microsoft.ML.Binary.Tests.Inference;

/// <summary>The memory of finished runs, and who holds it.</summary>
[TestClass]
public sealed class PlanCacheTests
{
    private static readonly DenseGraph Graph = Freezing.Freeze(RandomNetworks.Preset(NetworkPreset.Tiny, 3, Precision.Binary));

    [TestMethod]
    public void APlanThatWasDroppedHoldsNoMemory()
    {
        using CompiledNetwork network = CompiledNetwork.Compile(Graph, new InferenceOptions { PlanCacheSize = 1 });
        InferencePlan first = network.Plan(32, 32);
        RunState done = first.Rent(), running = first.Rent();
        network.Return(first, done);
        Assert.AreEqual(first.StateBytes, first.KeptBytes);

        InferencePlan second = network.Plan(64, 32);
        Assert.AreEqual(0, first.KeptBytes, "another plan took its place");
        network.Return(first, running);
        Assert.AreEqual(0, first.KeptBytes, "a run that ended after that");

        network.Return(second, second.Rent());
        Assert.AreEqual(second.StateBytes, second.KeptBytes);
        network.Dispose();
        Assert.AreEqual(0, second.KeptBytes, "the network was disposed");
    }

    /// <summary>A run may begin, and take memory, between the moment when it was counted and the moment when it is to be forgotten.</summary>
    [TestMethod]
    public void MemoryThatWasTakenMeanwhile_IsNotLookedForForEver()
    {
        using CompiledNetwork network = CompiledNetwork.Compile(Graph);
        InferencePlan first = network.Plan(32, 32), second = network.Plan(64, 32);
        List<PlanCache.Entry> plans = [new(32, 32, first), new(64, 32, second)];
        RunState taken = first.Rent();
        second.Return(second.Rent());
        PlanCache.Forget(plans, first.StateBytes + second.StateBytes);
        Assert.AreEqual(0, first.KeptBytes + second.KeptBytes);

        first.Return(taken);
        second.Return(second.Rent());
        PlanCache.Forget(plans, 1);
        Assert.AreEqual(0, first.KeptBytes);
        Assert.AreEqual(second.StateBytes, second.KeptBytes, "no more than need be");
    }
}
