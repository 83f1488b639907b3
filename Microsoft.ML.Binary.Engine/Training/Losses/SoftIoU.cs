using System.Numerics.Tensors;

namespace Microsoft.ML.Binary.Training.Losses;

/// <summary>
/// Soft intersection over union of a batch (Rahman and Wang, ISVC 2016): 1 - mean of I / U over the classes that its masks hold, where with
/// p = softmax(logits) and g the mask, I = sum p g and U = sum (p + g - p g) over the pixels of all images. It asks for what mIoU measures:
/// a rare class counts as much as a frequent one, and a pixel wrongly given to it costs as well as one missed, where weighted
/// cross-entropy alone gives rare classes too much. Pixels with the ignored label, or of a class of weight 0, take no part.
/// </summary>
internal sealed class SoftIoU(float[] classWeights, byte ignoreLabel)
{
    private readonly float[] _gainOnLabel = new float[classWeights.Length], _costElsewhere = new float[classWeights.Length];
    private float[] _probabilities = [];

    /// <summary>The loss of a batch; adds its gradient, times the weight, to that of the logits.</summary>
    /// <param name="pass">Threads.</param>
    /// <param name="logits">[image, class, row, column]; their gradient is set.</param>
    /// <param name="labels">[image, row, column].</param>
    /// <param name="weight">Weight of this loss beside others.</param>
    public double Run(TrainingPass pass, TrainingValue logits, byte[] labels, float weight)
    {
        if (_probabilities.Length < logits.Length)
        {
            _probabilities = new float[logits.Length];
        }

        Overlap[][] overlaps = new Overlap[logits.Images][];
        pass.For(logits.Images, image =>
        {
            FindProbabilities(logits, image, LabelsOf(image));
            overlaps[image] = Measure(logits, image, LabelsOf(image));
        });

        int classes = classWeights.Length;
        Overlap[] total = [.. Enumerable.Range(0, classes).Select(c => overlaps.Aggregate(default(Overlap), (sum, of) => sum + of[c]))];
        int present = total.Count(overlap => overlap.Label > 0);
        double loss = 0;
        for (int c = 0; c < classes; c++)
        {
            // dI/U by p is 1 / U where the label is c, and -I / U^2 elsewhere.
            double union = total[c].Union, share = total[c].Label > 0 ? (double)weight / present : 0;
            loss += total[c].Label > 0 ? (1 - total[c].Intersection / union) / present : 0;
            _gainOnLabel[c] = share == 0 ? 0 : (float)(-share / union);
            _costElsewhere[c] = share == 0 ? 0 : (float)(share * total[c].Intersection / (union * union));
        }

        pass.For(logits.Images, image => AddGradient(logits, image, LabelsOf(image)));
        return weight * loss;

        ReadOnlySpan<byte> LabelsOf(int image) => labels.AsSpan(image * logits.Pixels, logits.Pixels);
    }

    private bool TakesPart(byte label) => label != ignoreLabel && classWeights[label] > 0;

    private Span<float> Probabilities(TrainingValue logits, int image, int c) => _probabilities.AsSpan(logits.PlaneStart(image, c), logits.Pixels);

    /// <summary>softmax(logits), and 0 in all classes where the label takes no part.</summary>
    private void FindProbabilities(TrainingValue logits, int image, ReadOnlySpan<byte> labels)
    {
        float[] highest = new float[logits.Pixels], sum = new float[logits.Pixels];
        logits.Plane(image, 0).CopyTo(highest);
        for (int c = 1; c < logits.Channels; c++)
        {
            TensorPrimitives.Max(highest, logits.Plane(image, c), highest);
        }

        for (int c = 0; c < logits.Channels; c++)
        {
            Span<float> exponential = Probabilities(logits, image, c);
            TensorPrimitives.Subtract(logits.Plane(image, c), highest, exponential);
            TensorPrimitives.Exp(exponential, exponential);
            TensorPrimitives.Add(sum, exponential, sum);
        }

        for (int i = 0; i < labels.Length; i++)
        {
            sum[i] = TakesPart(labels[i]) ? sum[i] : float.PositiveInfinity;
        }

        for (int c = 0; c < logits.Channels; c++)
        {
            TensorPrimitives.Divide(Probabilities(logits, image, c), sum, Probabilities(logits, image, c));
        }
    }

    private Overlap[] Measure(TrainingValue logits, int image, ReadOnlySpan<byte> labels)
    {
        double[] intersections = new double[logits.Channels];
        long[] counts = new long[logits.Channels];
        for (int i = 0; i < labels.Length; i++)
        {
            if (TakesPart(labels[i]))
            {
                intersections[labels[i]] += _probabilities[logits.PlaneStart(image, labels[i]) + i];
                counts[labels[i]]++;
            }
        }

        return [.. Enumerable.Range(0, logits.Channels).Select(
            c => new Overlap(intersections[c], TensorPrimitives.Sum<float>(Probabilities(logits, image, c)), counts[c]))];
    }

    // With d the loss's derivative by the probabilities of a pixel, that by its logits is p (d - sum p d).
    private void AddGradient(TrainingValue logits, int image, ReadOnlySpan<byte> labels)
    {
        float[] mean = new float[logits.Pixels], difference = new float[logits.Pixels];
        for (int c = 0; c < logits.Channels; c++)
        {
            TensorPrimitives.MultiplyAdd(Probabilities(logits, image, c), _costElsewhere[c], mean, mean);
        }

        for (int i = 0; i < labels.Length; i++)
        {
            if (TakesPart(labels[i]))
            {
                int c = labels[i];
                float onLabel = _probabilities[logits.PlaneStart(image, c) + i] * (_gainOnLabel[c] - _costElsewhere[c]);
                mean[i] += onLabel;
                logits.GradientPlane(image, c)[i] += onLabel;
            }
        }

        for (int c = 0; c < logits.Channels; c++)
        {
            Span<float> gradient = logits.GradientPlane(image, c);
            TensorPrimitives.Subtract(_costElsewhere[c], mean, difference);
            TensorPrimitives.MultiplyAdd(Probabilities(logits, image, c), difference, gradient, gradient);
        }
    }

    /// <summary>A class in some pixels: the sums of p g, of p, and of g.</summary>
    private readonly record struct Overlap(double Intersection, double Predicted, double Label)
    {
        public double Union => Predicted + Label - Intersection;

        public static Overlap operator +(Overlap a, Overlap b) => new(a.Intersection + b.Intersection, a.Predicted + b.Predicted, a.Label + b.Label);
    }
}
