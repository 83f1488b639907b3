using Microsoft.ML.Binary.Diagnostics;
using Microsoft.ML.Binary.Inference;
using Microsoft.ML.Binary.Kernels;

namespace Microsoft.ML.Binary.Tests.Diagnostics;

[TestClass]
[TestCategory("SameBits")]
public sealed class SelfTestTests
{
    [TestMethod]
    public void KnownDigest_IsThatOfTheReferenceInterpreter() => Assert.AreEqual(
        SelfTest.KnownDigest, SelfTest.Digest(ReferenceViews.Logits(PretrainedNetworks.Load(PretrainedModel.Nuclei), SelfTest.Image(), ViewOptions.AsIs).Values));

    [TestMethod]
    public void EveryPathOfThisProcessor_GivesTheKnownBits()
    {
        IReadOnlyList<SelfTestResult> results = SelfTest.Run();
        CollectionAssert.AreEqual(KernelPaths.Supported.Order().Select(path => path.ToString()).ToArray(), results.Select(result => result.Kernels).ToArray());
        foreach (SelfTestResult result in results)
        {
            Assert.IsTrue(result.IsRight, $"{result.Kernels}: {result.Digest}");
        }
    }

    [TestMethod]
    public void OneOtherBit_IsAnotherDigest()
    {
        float[] values = [1f, 2f, 3f];
        string right = SelfTest.Digest(values);
        values[1] = BitConverter.Int32BitsToSingle(BitConverter.SingleToInt32Bits(values[1]) ^ 1);
        Assert.AreNotEqual(right, SelfTest.Digest(values));
        Assert.IsFalse(new SelfTestResult("Scalar", right, TimeSpan.Zero).IsRight);
    }
}
