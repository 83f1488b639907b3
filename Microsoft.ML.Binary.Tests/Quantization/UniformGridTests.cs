using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Quantization;

namespace Microsoft.ML.Binary.Tests.Quantization;

[TestClass]
public sealed class UniformGridTests
{
    [TestMethod]
    [DataRow(1)]
    [DataRow(2)]
    [DataRow(3)]
    [DataRow(8)]
    public void ValuesOnAGrid_StayAsTheyAre(int bits)
    {
        RandomStream random = new(3);
        float[] values = [.. Enumerable.Range(0, 500).Select(i => -1.5f + 0.25f * (i < 1 << bits ? i : random.NextInt(1 << bits)))];
        float[] quantized = [.. values];
        UniformGrid.Fit(values, bits).Apply(quantized);
        for (int i = 0; i < values.Length; i++)
        {
            Assert.AreEqual(values[i], quantized[i], 1e-4f);
        }
    }

    [TestMethod]
    public void OneBit_TakesTheMeansOfBothHalves()
    {
        // For numbers of a normal distribution the best two values are -+ sqrt(2 / pi), and a fraction 1 - 2 / pi of the square is lost.
        float[] values = Normal(20_000);
        UniformGrid grid = UniformGrid.Fit(values, 1);
        Assert.AreEqual(-Math.Sqrt(2 / Math.PI), grid.Low, 0.03);
        Assert.AreEqual(2 * Math.Sqrt(2 / Math.PI), grid.Step, 0.04);
        Assert.AreEqual(1 - 2 / Math.PI, Error(values, 1), 0.01);
    }

    [TestMethod]
    [DataRow(2, 0.1188)]
    [DataRow(3, 0.03744)]
    [DataRow(4, 0.01154)]
    [DataRow(5, 0.00349)]
    public void NormalNumbers_LoseAsMuchAsTheBestUniformQuantiser(int bits, double least)
    {
        // Least errors of uniform quantisers for the normal distribution: Max, Quantizing for minimum distortion, 1960.
        double error = Error(Normal(20_000), bits);
        Assert.IsLessThan(1.06 * least, error);
        Assert.IsGreaterThan(0.94 * least, error);
    }

    [TestMethod]
    public void FarValues_DoNotCostTheOthersTheirResolution()
    {
        float[] values = [.. Normal(10_000), 60, -45];
        float[] near = values[..^2];
        UniformGrid.Fit(values, 4).Apply(near);
        double error = near.Zip(values).Average(pair => Math.Pow(pair.First - pair.Second, 2));

        // A grid over the whole range has one place for all of them: an error of their variance, 1.
        Assert.IsLessThan(0.1, error);
    }

    [TestMethod]
    public void EqualValues_AreTheirOwnGrid()
    {
        float[] values = [2.5f, 2.5f, 2.5f], quantized = [.. values];
        UniformGrid.Fit(values, 3).Apply(quantized);
        CollectionAssert.AreEqual(values, quantized);
    }

    private static float[] Normal(int count)
    {
        RandomStream random = new(11);
        float[] values = new float[count];
        for (int i = 0; i < count; i++)
        {
            values[i] = random.NextNormal();
        }

        return values;
    }

    private static double Error(float[] values, int bits)
    {
        float[] quantized = [.. values];
        UniformGrid.Fit(values, bits).Apply(quantized);
        return quantized.Zip(values).Average(pair => Math.Pow(pair.First - pair.Second, 2));
    }
}
