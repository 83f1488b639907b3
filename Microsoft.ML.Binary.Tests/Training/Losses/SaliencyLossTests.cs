using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Training;
using Microsoft.ML.Binary.Training.Losses;

namespace Microsoft.ML.Binary.Tests.Training.Losses;

[TestClass]
public sealed class SaliencyLossTests
{
    [TestMethod]
    [DataRow(1, 3, 5, null)]
    [DataRow(3, 4, 17, null)]
    [DataRow(3, 4, 17, 0.3f)]
    [DataRow(2, 3, 5, 1f)]
    [DataRow(2, 3, 5, 4f)]
    public void GradientAndValue(int images, int height, int width, float? betaSquared)
    {
        TrainingValue logits = LogitGradient.Logits(images, 1, height, width);
        byte[] masks = Masks(images * height * width);
        Assert.AreEqual(Textbook(logits, masks, betaSquared), SaliencyLoss.Run(LogitGradient.Pass(), logits, masks, betaSquared), 1e-5);
        LogitGradient.Check(logits, pass => SaliencyLoss.Run(pass, logits, masks, betaSquared));
    }

    [TestMethod]
    public void GradientAndValueWithATeacher()
    {
        TrainingValue logits = LogitGradient.Logits(2, 1, 4, 17);
        byte[] masks = Masks(2 * 4 * 17);
        float[] teacher = [.. LogitGradient.Logits(2, 1, 4, 17, spread: 1).Data.Select(z => 1 / (1 + MathF.Exp(-z)))];
        Assert.AreEqual(Textbook(logits, masks, teacher: teacher, share: 0.4), SaliencyLoss.Run(LogitGradient.Pass(), logits, masks, teacher: teacher, distillationWeight: 0.4f), 1e-5);
        LogitGradient.Check(logits, pass => SaliencyLoss.Run(pass, logits, masks, teacher: teacher, distillationWeight: 0.4f));
    }

    [TestMethod]
    [DataRow((byte)0, null)]
    [DataRow((byte)255, null)]
    [DataRow((byte)0, 0.3f)]
    [DataRow((byte)255, 0.3f)]
    public void ImagesWithoutObjectOrBackground(byte gray, float? betaSquared)
    {
        TrainingValue logits = LogitGradient.Logits(2, 1, 3, 5);
        byte[] masks = [.. Enumerable.Repeat(gray, 30)];
        Assert.AreEqual(Textbook(logits, masks, betaSquared), SaliencyLoss.Run(LogitGradient.Pass(), logits, masks, betaSquared), 1e-5);
        LogitGradient.Check(logits, pass => SaliencyLoss.Run(pass, logits, masks, betaSquared));
    }

    [TestMethod]
    public void GrayAbove128IsObject()
    {
        TrainingValue logits = LogitGradient.Logits(1, 1, 1, 2);
        SaliencyLoss.Run(LogitGradient.Pass(), logits, [128, 129]);
        Assert.IsGreaterThan(0, logits.Gradient![0]);
        Assert.IsLessThan(0, logits.Gradient[1]);
    }

    [TestMethod]
    public void LargeLogitsDoNotOverflow()
    {
        TrainingValue logits = LogitGradient.Logits(1, 1, 1, 2);
        new float[] { 500, -500 }.CopyTo(logits.Data, 0);

        // Wrong by 500 and by 1 in both pixels; of the soft IoU only the smoothing is left, 1 / (1 + 2).
        Assert.AreEqual(500 + 1 + 1 - 1 / 3.0, SaliencyLoss.Run(LogitGradient.Pass(), logits, [0, 255]), 1e-4);
        Assert.IsTrue(logits.Gradient!.All(float.IsFinite));
    }

    private static byte[] Masks(int count)
    {
        RandomStream random = new(9);
        byte[] masks = new byte[count];
        for (int i = 0; i < count; i++)
        {
            masks[i] = (byte)random.NextInt(256);
        }

        return masks;
    }

    private static double Textbook(TrainingValue logits, byte[] masks, double? betaSquared = null, float[]? teacher = null, double share = 0)
    {
        double sum = 0;
        for (int image = 0; image < logits.Images; image++)
        {
            double entropy = 0, error = 0, intersection = 0, predicted = 0, labelled = 0;
            for (int i = 0; i < logits.Pixels; i++)
            {
                double p = 1 / (1 + Math.Exp(-(double)logits.Plane(image, 0)[i])), g = masks[image * logits.Pixels + i] > 128 ? 1 : 0;
                double target = (1 - share) * g + share * (teacher?[image * logits.Pixels + i] ?? 0);
                entropy -= target * Math.Log(p) + (1 - target) * Math.Log(1 - p);
                error += Math.Abs(p - g);
                intersection += p * g;
                predicted += p;
                labelled += g;
            }

            // The smoothing is a pixel found more; F = (1 + beta^2) p g / (p + beta^2 g), IoU = p g / (p + g - p g).
            double overlap = betaSquared is { } b
                ? (1 + b) * (intersection + 1) / (predicted + 1 + b * (labelled + 1))
                : (intersection + 1) / (predicted + labelled - intersection + 1);
            sum += (entropy + error) / logits.Pixels + 1 - overlap;
        }

        return sum / logits.Images;
    }
}
