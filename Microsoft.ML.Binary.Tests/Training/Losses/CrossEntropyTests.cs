using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Training;
using Microsoft.ML.Binary.Training.Losses;

namespace Microsoft.ML.Binary.Tests.Training.Losses;

[TestClass]
public sealed class CrossEntropyTests
{
    private const byte Ignore = 255;

    [TestMethod]
    [DataRow(1, 2, 3, 5, Ignore)]
    [DataRow(3, 5, 4, 17, Ignore)]
    [DataRow(2, 4, 3, 9, (byte)2)]
    public void GradientAndValue(int images, int classes, int height, int width, byte ignore)
    {
        float[] weights = [.. Enumerable.Range(0, classes).Select(c => 0.5f + c * 0.75f)];
        TrainingValue logits = LogitGradient.Logits(images, classes, height, width);
        byte[] labels = Labels(images * height * width, classes, ignore);
        CrossEntropy loss = new(weights, ignore);
        Assert.AreEqual(Textbook(logits, labels, weights, ignore), loss.Run(LogitGradient.Pass(), logits, labels), 1e-5);
        LogitGradient.Check(logits, pass => loss.Run(pass, logits, labels));
    }

    [TestMethod]
    [DataRow(0.3f)]
    [DataRow(1f)]
    public void GradientAndValueWithATeacher(float share)
    {
        float[] weights = [0.5f, 2, 1];
        TrainingValue logits = LogitGradient.Logits(2, 3, 3, 17);
        byte[] labels = Labels(2 * 3 * 17, 3, Ignore);
        float[] teacher = Softmax(LogitGradient.Logits(2, 3, 3, 17, spread: 1));
        CrossEntropy loss = new(weights, Ignore, share);
        Assert.AreEqual(Textbook(logits, labels, weights, Ignore, teacher, share), loss.Run(LogitGradient.Pass(), logits, labels, teacher), 1e-5);
        LogitGradient.Check(logits, pass => loss.Run(pass, logits, labels, teacher));
    }

    [TestMethod]
    public void IgnoredPixelsHaveNoGradient()
    {
        TrainingValue logits = LogitGradient.Logits(1, 3, 2, 2);
        new CrossEntropy([1, 1, 1], Ignore).Run(LogitGradient.Pass(), logits, [0, Ignore, 2, Ignore]);
        for (int c = 0; c < 3; c++)
        {
            Assert.AreEqual(0, logits.GradientPlane(0, c)[1]);
            Assert.AreEqual(0, logits.GradientPlane(0, c)[3]);
            Assert.AreNotEqual(0, logits.GradientPlane(0, c)[0]);
        }
    }

    [TestMethod]
    [DataRow(new byte[] { Ignore, Ignore, Ignore, Ignore })]
    [DataRow(new byte[] { 1, 1, Ignore, 1 })]
    public void ABatchWithoutWeightHasNeitherLossNorGradient(byte[] labels)
    {
        TrainingValue logits = LogitGradient.Logits(1, 2, 2, 2);
        Assert.AreEqual(0, new CrossEntropy([1, 0], Ignore).Run(LogitGradient.Pass(), logits, labels));
        CollectionAssert.AreEqual(new float[8], logits.Gradient);
    }

    [TestMethod]
    public void LargeLogitsDoNotOverflow()
    {
        TrainingValue logits = LogitGradient.Logits(1, 3, 1, 2);
        new float[] { 1000, -1000, 0, 0, -1000, 1000 }.CopyTo(logits.Data, 0);
        Assert.AreEqual(500, new CrossEntropy([1, 1, 1], Ignore).Run(LogitGradient.Pass(), logits, [1, 2]), 1e-3);
        CollectionAssert.AreEqual(new[] { 0.5f, 0, -0.5f, 0, 0, 0 }, logits.Gradient);
    }

    [TestMethod]
    public void NotANumberIsSeenInTheLoss()
    {
        TrainingValue logits = LogitGradient.Logits(1, 2, 1, 2);
        logits.Data[1] = float.NaN;
        Assert.IsFalse(double.IsFinite(new CrossEntropy([1, 1], Ignore).Run(LogitGradient.Pass(), logits, [1, 0])));
    }

    private static byte[] Labels(int count, int classes, byte ignore)
    {
        RandomStream random = new(9);
        byte[] labels = new byte[count];
        for (int i = 0; i < count; i++)
        {
            labels[i] = i % 5 == 0 ? ignore : (byte)random.NextInt(classes);
        }

        return labels;
    }

    private static float[] Softmax(TrainingValue logits)
    {
        float[] result = new float[logits.Length];
        for (int i = 0; i < logits.Length; i++)
        {
            int image = i / (logits.Channels * logits.Pixels), pixel = i % logits.Pixels;
            result[i] = (float)(Math.Exp(logits.Data[i]) / Enumerable.Range(0, logits.Channels).Sum(c => Math.Exp(logits.Plane(image, c)[pixel])));
        }

        return result;
    }

    private static double Textbook(
        TrainingValue logits, byte[] labels, float[] weights, byte ignore, float[]? teacher = null, double share = 0)
    {
        double sum = 0, total = 0;
        for (int i = 0; i < labels.Length; i++)
        {
            if (labels[i] == ignore)
            {
                continue;
            }

            double[] z = [.. Enumerable.Range(0, logits.Channels).Select(c => (double)logits.Plane(i / logits.Pixels, c)[i % logits.Pixels])];
            for (int c = 0; c < z.Length; c++)
            {
                double taught = teacher?[logits.PlaneStart(i / logits.Pixels, c) + i % logits.Pixels] ?? 0;
                double target = (1 - share) * (c == labels[i] ? 1 : 0) + share * taught;
                sum -= weights[labels[i]] * target * Math.Log(Math.Exp(z[c]) / z.Sum(Math.Exp));
            }

            total += weights[labels[i]];
        }

        return sum / total;
    }
}
