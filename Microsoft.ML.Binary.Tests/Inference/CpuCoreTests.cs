using Microsoft.ML.Binary.Inference;

namespace Microsoft.ML.Binary.Tests.Inference;

[TestClass]
[OSCondition(OperatingSystems.Linux)]
public class CpuCoreTests
{
    [TestMethod]
    public void AThreadThatLeavesACoreMayUseItAgain()
    {
        string allowed = Allowed();
        bool moved = false;
        for (int i = 0; i < 100; i++)
        {
            int core = CpuCore.Current;
            Assert.IsTrue(core >= 0);
            CpuCore.Leave(core);
            moved |= CpuCore.Current != core;
            Assert.AreEqual(allowed, Allowed());
        }

        // A bit for each core, in hexadecimal digits.
        int cores = allowed.Split('\t')[1].Replace(",", "", StringComparison.Ordinal).Sum(digit => int.PopCount(Convert.ToInt32(digit.ToString(), fromBase: 16)));
        Assert.AreEqual(cores > 1, moved);
    }

    [TestMethod]
    [DataRow(-1)]
    [DataRow(1023)]
    [DataRow(1024)]
    [DataRow(int.MaxValue)]
    public void LeavingACoreThatIsNotThereChangesNothing(int core)
    {
        string allowed = Allowed();
        CpuCore.Leave(core);
        Assert.AreEqual(allowed, Allowed());
    }

    private static string Allowed() => File.ReadLines("/proc/thread-self/status").Single(line => line.StartsWith("Cpus_allowed:", StringComparison.Ordinal));
}
