using System.Collections;
using Microsoft.ML.Binary.Kernels;

namespace Microsoft.ML.Binary.Tests.Kernels;

/// <summary>Which kernels this process runs on: the tests of the same bits are run once with each switch of the runtime that takes some away.</summary>
[TestClass]
[TestCategory("SameBits")]
public sealed class KernelPathTests
{
    private static readonly Dictionary<string, KernelPath> HighestWithout = new()
    {
        ["DOTNET_EnableAVX512v2"] = KernelPath.Avx512,
        ["DOTNET_EnableAVX512"] = KernelPath.Avx2,
        ["DOTNET_EnableAVX2"] = KernelPath.Portable,
    };

    /// <summary>In the name of the test, so that a log shows it.</summary>
    public static IEnumerable<object[]> Best => [[KernelPaths.Best.ToString()]];

    [TestMethod]
    [DynamicData(nameof(Best))]
    public void KernelsOfThisProcessAreNoneThatWereSwitchedOff(string path)
    {
        foreach (DictionaryEntry variable in Environment.GetEnvironmentVariables())
        {
            if (variable is { Key: string name, Value: "0" } && name.StartsWith("DOTNET_Enable", StringComparison.Ordinal))
            {
                Assert.IsTrue(HighestWithout.TryGetValue(name, out KernelPath highest), $"{name} is no switch that this test knows.");
                Assert.IsTrue(Enum.Parse<KernelPath>(path) <= highest, name);
            }
        }
    }
}
