using Microsoft.ML.Binary.Graph;

namespace Microsoft.ML.Binary.Tests.Graph;

[TestClass]
public sealed class SignTensorTests
{
    [TestMethod]
    public void TakesSignsLeastSignificantBitFirst()
    {
        float[] latent = [1, -1, 0, -0f, -1e-30f, 1e-30f, -5, 5, -2];
        SignTensor tensor = SignTensor.FromLatent(new Parameter("w", ParameterRole.LatentSign, [1, 1, 3, 3], latent));

        // Both zeros are +1: a set bit means -1.
        CollectionAssert.AreEqual(new byte[] { 0b0101_0010, 0b1 }, tensor.Bits.ToArray());
        Assert.AreEqual((1, 1, 3, 9), (tensor.Outputs, tensor.Inputs, tensor.Kernel, tensor.Count));
    }

    [TestMethod]
    public void AddressesByOutputInputRowColumn()
    {
        byte[] bits = new byte[5];
        int index = ((1 * 2 + 1) * 3 + 0) * 3 + 2;
        bits[index / 8] = (byte)(1 << index % 8);
        SignTensor tensor = new(2, 2, 3, bits);

        for (int i = 0; i < 36; i++)
        {
            Assert.AreEqual(i == index, tensor.IsNegative(i / 18, i / 9 % 2, i / 3 % 3, i % 3));
        }
    }

    [TestMethod]
    public void TheBytesMustBeThoseOfTheShape()
    {
        ArgumentException e = Assert.ThrowsExactly<ArgumentException>(() => new SignTensor(1, 1, 3, new byte[1]));
        StringAssert.Contains(e.Message, "9 signs need 2 bytes, and 1 were given");
        e = Assert.ThrowsExactly<ArgumentException>(() => new SignTensor(1, 1, 3, [0, 2]));
        StringAssert.Contains(e.Message, "unused");
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new SignTensor(0, 1, 3, []));
    }
}
