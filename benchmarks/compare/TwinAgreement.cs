using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Inference;
using Microsoft.ML.Binary.Onnx;
using Microsoft.ML.Binary.Training;

namespace Microsoft.ML.Binary.Compare;

/// <summary>Whether a float network gives the same here and in ONNX Runtime.</summary>
internal static class TwinAgreement
{
    public const double MaxDifference = 1e-3, MinAgreement = 0.9999;

    /// <returns>Whether logits and masks agree as they should.</returns>
    public static bool Print(TextWriter output, DenseNetwork twin, IReadOnlyList<TrainingSample> samples)
    {
        using OnnxModel rival = new(OnnxExporter.ToBytes(twin));
        using CompiledNetwork network = CompiledNetwork.Compile(twin.Graph);
        double worst = 0, largest = 0;
        long equal = 0, pixels = 0;
        foreach (TrainingSample sample in samples)
        {
            float[] theirs = Outputs(rival, sample)[DenseGraph.LogitsOutput], ours = new float[theirs.Length];
            network.PredictLogits(sample.Image, ours);
            for (int i = 0; i < ours.Length; i++)
            {
                worst = Math.Max(worst, Math.Abs(ours[i] - theirs[i]));
                largest = Math.Max(largest, Math.Abs(ours[i]));
            }

            byte[] a = Labels(ours, sample.Mask.Length), b = Labels(theirs, sample.Mask.Length);
            equal += a.Zip(b).Count(pair => pair.First == pair.Second);
            pixels += a.Length;
        }

        bool holds = worst <= MaxDifference && equal >= MinAgreement * pixels;
        output.WriteLine(
            $"- Float twin, {samples.Count} images: largest difference of a logit {Table.Text(worst)} (logits up to {Table.Text(largest)}); "
            + $"masks equal in {equal} of {pixels} pixels ({100.0 * equal / pixels:0.0000} %). {(holds ? "As required" : "**Not as required**")}: "
            + $"at most {MaxDifference}, at least {100 * MinAgreement} %.");
        return holds;
    }

    public static Dictionary<string, float[]> Outputs(OnnxModel rival, TrainingSample sample)
    {
        rival.Feed(SampleImages.Planes(sample.Image), 1, 3, sample.Image.Height, sample.Image.Width);
        return rival.Run();
    }

    /// <summary>The class with the highest logit for each pixel; of equal ones the lowest class.</summary>
    public static byte[] Labels(float[] logits, int pixels)
    {
        byte[] labels = new byte[pixels];
        for (int p = 0; p < pixels; p++)
        {
            for (int c = 1; c < logits.Length / pixels; c++)
            {
                if (logits[c * pixels + p] > logits[labels[p] * pixels + p])
                {
                    labels[p] = (byte)c;
                }
            }
        }

        return labels;
    }
}
