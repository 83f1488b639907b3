using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Training;
using Microsoft.ML.Binary.Training.Losses;

namespace Microsoft.ML.Binary.Tests.Training.Losses;

[TestClass]
public sealed class SoftIoUTests
{
    private const byte Ignore = 255;
    private const float Weight = 0.7f;

    [TestMethod]
    [DataRow(1, 2, 3, 5, Ignore)]
    [DataRow(3, 5, 4, 17, Ignore)]
    [DataRow(2, 4, 3, 9, (byte)2)]
    public void GradientAndValue(int images, int classes, int height, int width, byte ignore)
    {
        TrainingValue logits = LogitGradient.Logits(images, classes, height, width);
        byte[] labels = Labels(images * height * width, classes, ignore);
        Assert.AreEqual(Weight * Textbook(logits, labels, ignore), Run(logits, labels, ignore), 1e-5);
        LogitGradient.Check(logits, pass => FromNothing(pass, logits, labels, classes, ignore));
    }

    [TestMethod]
    public void ClassesThatNoMaskHoldsDoNotCount()
    {
        // Class 2 is nowhere, though predicted; in a batch of its own each of the others would be the same half.
        TrainingValue logits = LogitGradient.Logits(1, 3, 1, 4, spread: 0);
        Assert.AreEqual(Weight * (1 - (2 / 3.0) / (4 / 3.0 + 2 - 2 / 3.0)), Run(logits, [0, 0, 1, 1], Ignore), 1e-6);
        LogitGradient.Check(logits, pass => FromNothing(pass, logits, [0, 0, 1, 1], 3, Ignore));
    }

    [TestMethod]
    public void AddsToTheGradientThatIsThere()
    {
        TrainingValue logits = LogitGradient.Logits(2, 3, 2, 5);
        byte[] labels = Labels(20, 3, Ignore);
        TrainingPass pass = LogitGradient.Pass();
        FromNothing(pass, logits, labels, 3, Ignore);
        float[] alone = (float[])logits.Gradient!.Clone();
        Array.Fill(logits.Gradient, 1);
        new SoftIoU([1, 1, 1], Ignore).Run(pass, logits, labels, Weight);
        for (int i = 0; i < alone.Length; i++)
        {
            Assert.AreEqual(1 + alone[i], logits.Gradient[i], 1e-6);
        }
    }

    [TestMethod]
    public void IgnoredPixelsHaveNoGradientAndNoPart()
    {
        TrainingValue logits = LogitGradient.Logits(1, 3, 1, 4);
        double before = FromNothing(LogitGradient.Pass(), logits, [0, Ignore, 2, Ignore], 3, Ignore);
        for (int c = 0; c < 3; c++)
        {
            Assert.AreEqual(0, logits.GradientPlane(0, c)[1]);
            Assert.AreEqual(0, logits.GradientPlane(0, c)[3]);
            Assert.AreNotEqual(0, logits.GradientPlane(0, c)[0]);
            logits.Plane(0, c)[1] += 1;
        }

        logits.Plane(0, 1)[3] = 30;
        Assert.AreEqual(before, Run(logits, [0, Ignore, 2, Ignore], Ignore));
        Assert.AreEqual(0, Run(logits, [Ignore, Ignore, Ignore, Ignore], Ignore));
    }

    [TestMethod]
    public void LargeLogitsDoNotOverflow()
    {
        TrainingValue logits = LogitGradient.Logits(1, 2, 1, 2);
        new float[] { 500, -500, -500, 500 }.CopyTo(logits.Data, 0);
        Assert.AreEqual(0, Run(logits, [0, 1], Ignore), 1e-6);
        Assert.AreEqual(Weight, Run(logits, [1, 0], Ignore), 1e-6);
        Assert.IsTrue(logits.Gradient!.All(float.IsFinite));
    }

    private static double Run(TrainingValue logits, byte[] labels, byte ignore) =>
        FromNothing(LogitGradient.Pass(), logits, labels, logits.Channels, ignore);

    private static double FromNothing(TrainingPass pass, TrainingValue logits, byte[] labels, int classes, byte ignore)
    {
        pass.BeginGradient(logits);
        Array.Clear(logits.Gradient!);
        return new SoftIoU([.. Enumerable.Repeat(0.5f, classes)], ignore).Run(pass, logits, labels, Weight);
    }

    private static byte[] Labels(int count, int classes, byte ignore)
    {
        RandomStream random = new(5);
        return [.. Enumerable.Range(0, count).Select(_ => random.NextInt(6) == 0 ? ignore : (byte)random.NextInt(classes))];
    }

    private static double Textbook(TrainingValue logits, byte[] labels, byte ignore)
    {
        double[] intersection = new double[logits.Channels], predicted = new double[logits.Channels], label = new double[logits.Channels];
        for (int i = 0; i < labels.Length; i++)
        {
            (int image, int pixel) = (i / logits.Pixels, i % logits.Pixels);
            double[] exponentials = [.. Enumerable.Range(0, logits.Channels).Select(c => Math.Exp(logits.Plane(image, c)[pixel]))];
            for (int c = 0; c < logits.Channels && labels[i] != ignore; c++)
            {
                double p = exponentials[c] / exponentials.Sum(), g = labels[i] == c ? 1 : 0;
                (intersection[c], predicted[c], label[c]) = (intersection[c] + p * g, predicted[c] + p, label[c] + g);
            }
        }

        return Enumerable.Range(0, logits.Channels).Where(c => label[c] > 0)
            .Average(c => 1 - intersection[c] / (predicted[c] + label[c] - intersection[c]));
    }
}
