using Microsoft.ML.Binary.Graph;

namespace Microsoft.ML.Binary.Tests.Graph;

[TestClass]
public sealed class RandomStreamTests
{
    // Standard errors of the estimates below are at most 1 / sqrt(Draws) times 1.5; bounds are five of them.
    private const int Draws = 200_000;

    private const double Bound = 5 * 1.5 / 447.2;

    [TestMethod]
    public void TheSameAddressGivesTheSameStream()
    {
        RandomStream a = new(7, 8, 9), b = new(7, 8, 9);
        for (int i = 0; i < 100; i++)
        {
            Assert.AreEqual(a.NextBits(), b.NextBits());
        }
    }

    [TestMethod]
    public void SplitMix64IsAsPublished()
    {
        // The first values of the reference implementation (S. Vigna) from state 0, which is that of an unseeded stream.
        RandomStream stream = default;
        Assert.AreEqual(0xE220A8397B1DCDAFUL, stream.NextBits());
        Assert.AreEqual(0x6E789E6AA1B965F4UL, stream.NextBits());
        Assert.AreEqual(0x06C45D188009454FUL, stream.NextBits());
    }

    [TestMethod]
    public void NeighbouringAddressesGiveUnrelatedStreams()
    {
        HashSet<ulong> firsts = [];
        for (long seed = 0; seed < 20; seed++)
        {
            for (long a = 0; a < 20; a++)
            {
                for (long b = 0; b < 20; b++)
                {
                    Assert.IsTrue(firsts.Add(new RandomStream(seed, a, b).NextBits()), $"({seed}, {a}, {b}) repeats another stream");
                }
            }
        }

        RandomStream one = new(1, 2, 3), next = new(1, 2, 4);
        double product = 0;
        for (int i = 0; i < Draws; i++)
        {
            product += one.NextNormal() * next.NextNormal();
        }

        Assert.AreEqual(0, product / Draws, Bound, "correlation");
    }

    [TestMethod]
    public void UniformDrawsFillTheirRangeEvenly()
    {
        RandomStream random = new(3);
        int[] tenths = new int[10];
        for (int i = 0; i < Draws; i++)
        {
            double x = random.NextDouble();
            Assert.IsTrue(x is >= 0 and < 1);
            tenths[(int)(x * 10)]++;
        }

        foreach (int count in tenths)
        {
            Assert.AreEqual(0.1, count / (double)Draws, Bound);
        }
    }

    [TestMethod]
    public void IntegersStayBelowTheBoundAndReachAllValues()
    {
        RandomStream random = new(4);
        int[] counts = new int[7];
        for (int i = 0; i < 7000; i++)
        {
            counts[random.NextInt(7)]++;
        }

        Assert.IsGreaterThan(800, counts.Min());
    }

    [TestMethod]
    public void SingleDrawsStayInTheirRange()
    {
        RandomStream random = new(5);
        double sum = 0;
        for (int i = 0; i < Draws; i++)
        {
            float x = random.NextSingle(-1, 3);
            Assert.IsTrue(x is >= -1 and <= 3);
            sum += x;
        }

        Assert.AreEqual(1, sum / Draws, 4 * Bound);
    }

    [TestMethod]
    public void NormalDrawsHaveTheMomentsOfTheStandardNormal()
    {
        RandomStream random = new(6);
        double[] moments = new double[4];
        for (int i = 0; i < Draws; i++)
        {
            double x = random.NextNormal();
            for (int k = 0; k < 4; k++)
            {
                moments[k] += Math.Pow(x, k + 1) / Draws;
            }
        }

        Assert.AreEqual(0, moments[0], Bound);
        Assert.AreEqual(1, moments[1], Bound);
        Assert.AreEqual(0, moments[2], 4 * Bound);
        Assert.AreEqual(3, moments[3], 10 * Bound);
    }
}
