using Microsoft.ML.Binary.Kernels;

namespace Microsoft.ML.Binary.Tests.Kernels;

[TestClass]
public sealed class ExponentialTests
{
    [TestMethod]
    public void RelativeErrorStaysBelowWhatIsPromised()
    {
        double worst = 0;
        for (int i = 0; i <= 1_750_000; i++)
        {
            float x = Exponential.Lowest + i * 1e-4f;
            double exact = Math.Exp(Math.Min(x, Exponential.Highest));
            worst = Math.Max(worst, Math.Abs(Exponential.Exp(x) - exact) / exact);
        }

        Assert.IsLessThan(2e-7, worst);
    }

    [TestMethod]
    public void ExpOfZeroIsOne()
    {
        Assert.AreEqual(1f, Exponential.Exp(0));
        Assert.AreEqual(1f, Exponential.Exp(-0f));
    }

    [TestMethod]
    public void ArgumentsAreClamped()
    {
        Assert.AreEqual(Exponential.Exp(-87), Exponential.Exp(-1000));
        Assert.AreEqual(Exponential.Exp(-87), Exponential.Exp(float.NegativeInfinity));
        Assert.AreEqual(Exponential.Exp(88), Exponential.Exp(float.PositiveInfinity));
        Assert.IsTrue(float.IsFinite(Exponential.Exp(88)));
        Assert.IsTrue(float.IsNormal(Exponential.Exp(-87)));
    }

    [TestMethod]
    public void SigmoidMatchesItsDefinition()
    {
        for (float x = -60; x <= 60; x += 0.01f)
        {
            double exact = 1 / (1 + Math.Exp(-(double)x));
            Assert.AreEqual(exact, Exponential.Sigmoid(x), 4e-7 * exact, $"x = {x}");
        }

        Assert.AreEqual(0.5f, Exponential.Sigmoid(0));
        Assert.AreEqual(1f, Exponential.Sigmoid(1000));
    }
}
