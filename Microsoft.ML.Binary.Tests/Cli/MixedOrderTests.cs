using Microsoft.ML.Binary.Cli;

namespace Microsoft.ML.Binary.Tests.Cli;

[TestClass]
public sealed class MixedOrderTests
{
    [TestMethod]
    public void EveryImageComesOnce()
    {
        for (int count = 0; count < 500; count++)
        {
            int[] all = [.. Enumerable.Range(0, count)];
            CollectionAssert.AreEquivalent(all, MixedOrder.Of(all).ToArray(), $"{count} images");
        }
    }

    /// <summary>A tenth of the set in a row has from every tenth of the names about a tenth.</summary>
    [TestMethod]
    [DataRow(1000)]
    [DataRow(1024)]
    [DataRow(11704)]
    public void WhatIsReadInARowIsFromAllOfTheSet(int count)
    {
        int part = count / 10;
        IReadOnlyList<int> order = MixedOrder.Of([.. Enumerable.Range(0, count)]);
        for (int start = 0; start + part <= count; start += part)
        {
            foreach (IGrouping<int, int> tenth in order.Skip(start).Take(part).GroupBy(i => Math.Min(9, i / part)))
            {
                Assert.AreEqual(part / 10.0, tenth.Count(), 0.3 * part / 10 + 2, $"tenth {tenth.Key} from {start} on");
            }
        }
    }
}
