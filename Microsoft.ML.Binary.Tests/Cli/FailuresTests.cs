using Microsoft.ML.Binary.Cli;
using Microsoft.ML.Binary.Inference;
using Microsoft.ML.Binary.Tests.Pipeline;

namespace Microsoft.ML.Binary.Tests.Cli;

/// <summary>What commands go on without.</summary>
[TestClass]
public sealed class FailuresTests
{
    [TestMethod]
    public void AnImageThatIsTooLargeForTheNetwork_IsLeftOutAndNamed()
    {
        using CompiledNetwork network = CompiledNetwork.Compile(PipelineNetworks.Segmentation().Freeze());
        Failure? failure = new Failures(endsAtFirst: false).Try("wide", TooLarge).Failure;
        Assert.AreEqual("wide", failure?.Name);
        StringAssert.Contains(failure!.Reason, "too large for this network");
        Assert.ThrowsExactly<ImageTooLargeException>(() => new Failures(endsAtFirst: true).Try("wide", TooLarge));

        InferenceMemory TooLarge() => network.Prepare(1 << 24, 1 << 20);
    }

    [TestMethod]
    public void AFaultOfTheProgram_EndsTheCommand() => Assert.ThrowsExactly<InvalidOperationException>(
        () => new Failures(endsAtFirst: false).Try<int>("a", () => throw new InvalidOperationException()));
}
