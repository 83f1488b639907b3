using Microsoft.ML.Binary.Inference;
using Microsoft.ML.Binary.Kernels;

namespace Microsoft.ML.Binary.Tests.Inference;

[TestClass]
public class ArenaPlannerTests
{
    [TestMethod]
    public void AnArenaAndItsSurplusFitIntoOneArray()
    {
        const int Block = 64;
        int most = (Array.MaxLength - RunState.Surplus) / Block;

        Assert.AreEqual(most * Block, ArenaPlanner.Assign([Blocks(most)], PlanLimits.MaxArrayBytes));
        StringAssert.Contains(
            Assert.ThrowsExactly<ImageTooLargeException>(() => ArenaPlanner.Assign([Blocks(most + 1)], PlanLimits.MaxArrayBytes)).Message, "too large for this network");

        static PlanBuffer Blocks(int count) => new(new PlaneLayout(1, Block, 0), count, 1);
    }
}
