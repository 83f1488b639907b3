using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Training;

namespace Microsoft.ML.Binary.Tests.Training.Losses;

/// <summary>Random logits, and the gradient that a loss sets beside central differences of the loss.</summary>
internal static class LogitGradient
{
    private const float Step = 0.01f;

    public static TrainingPass Pass() => new(threads: 2, new Dictionary<Parameter, float[]>());

    public static TrainingValue Logits(int images, int channels, int height, int width, float spread = 2)
    {
        TrainingValue logits = new(images, channels, height, width, needsGradient: true);
        RandomStream random = new(3);
        for (int i = 0; i < logits.Length; i++)
        {
            logits.Data[i] = spread * random.NextNormal();
        }

        return logits;
    }

    public static void Check(TrainingValue logits, Func<TrainingPass, double> loss)
    {
        TrainingPass pass = Pass();
        pass.BeginGradient(logits);
        Array.Fill(logits.Gradient!, float.NaN);
        loss(pass);
        float[] gradient = (float[])logits.Gradient!.Clone();
        double scale = gradient.Max(Math.Abs);
        for (int i = 0; i < gradient.Length; i++)
        {
            float value = logits.Data[i];
            logits.Data[i] = value + Step;
            double above = loss(pass), high = logits.Data[i];
            logits.Data[i] = value - Step;
            double difference = (above - loss(pass)) / (high - logits.Data[i]);
            logits.Data[i] = value;
            Assert.AreEqual(difference, gradient[i], 1e-3 * scale, $"logit {i}");
        }
    }
}
