using Microsoft.ML.Binary.Imaging;

namespace Microsoft.ML.Binary.Training.Data;

/// <summary>Checks every training sample before the first step, the masks as a whole too, and counts labels for the class weights.</summary>
internal sealed class DataSurvey(TrainingTask task, int classes)
{
    private const double HighestWeight = 4;

    private readonly MaskSurvey? _masks = task.NewSurvey(classes);
    private readonly long[] _pixels = new long[256];
    private readonly long[] _pixelsOfImages = new long[256];

    /// <summary>Checks one sample and counts its labels.</summary>
    /// <exception cref="InvalidDataException">Its mask does not fit the image or the classes; the message names sample, pixel and value.</exception>
    public void Inspect(TrainingSample sample)
    {
        Check(sample);
        AddMask(sample);
        Count(sample);
    }

    /// <summary>Checks one sample as it was read.</summary>
    /// <exception cref="InvalidDataException">Its mask does not fit the image or the classes; the message names sample, pixel and value.</exception>
    public void Check(TrainingSample sample)
    {
        int pixels = sample.FullWidth * sample.FullHeight;
        if (sample.Mask.Length != pixels)
        {
            throw new InvalidDataException(
                $"{sample.Name}: the mask has {sample.Mask.Length} pixels and the image {sample.FullWidth}x{sample.FullHeight} = {pixels}; they must have one size.");
        }

        long[] counts = task.IgnoredLabel is null ? [] : SegmentationMask.CountLabels(sample.Mask);
        for (int label = classes; label < counts.Length; label++)
        {
            if (label != task.IgnoredLabel && counts[label] > 0)
            {
                int at = Array.IndexOf(sample.Mask, (byte)label);
                throw new InvalidDataException(
                    $"{sample.Name}: the mask's pixel ({at % sample.FullWidth}, {at / sample.FullWidth}) is {label}; labels are class indices 0..{classes - 1}, or {task.IgnoredLabel} for pixels to ignore.");
            }
        }
    }

    /// <summary>Adds the mask of a sample as it was read to those that are judged as a whole.</summary>
    public void AddMask(TrainingSample sample) => _masks?.Add(sample.Mask);

    /// <summary>Counts the labels of a sample that is trained on.</summary>
    public void Count(TrainingSample sample)
    {
        if (task.IgnoredLabel is not { } ignoreLabel)
        {
            return;
        }

        long[] counts = SegmentationMask.CountLabels(sample.Mask);
        long valid = sample.Mask.Length - counts[ignoreLabel];
        for (int label = 0; label < classes; label++)
        {
            _pixels[label] += label == ignoreLabel ? 0 : counts[label];
            _pixelsOfImages[label] += label != ignoreLabel && counts[label] > 0 ? valid : 0;
        }
    }

    /// <summary>Judges the masks seen so far.</summary>
    /// <param name="warn">Is told what is likely to be wrong.</param>
    /// <param name="forTraining">Whether they are to be learned from, not only measured on.</param>
    /// <exception cref="InvalidDataException">There is nothing to learn from them.</exception>
    public void Judge(Action<string>? warn, bool forTraining = true)
    {
        _masks?.Check(forTraining);
        foreach (string warning in warn is null ? [] : _masks?.Warnings ?? [])
        {
            warn!(warning);
        }
    }

    /// <summary>
    /// Median frequency balancing (Eigen and Fergus, arXiv 1411.4734): a class's frequency is its share of the pixels of the images it
    /// occurs in, and its weight the median of the frequencies over its own. Weights are softened by the square root and kept at most at
    /// <see cref="HighestWeight"/>; classes that do not occur get 1.
    /// </summary>
    /// <exception cref="InvalidDataException">At the working size every pixel is ignored.</exception>
    public float[] MedianFrequencyWeights()
    {
        double[] frequencies = [.. Enumerable.Range(0, classes).Select(c => _pixelsOfImages[c] == 0 ? 0 : (double)_pixels[c] / _pixelsOfImages[c])];
        double[] present = [.. frequencies.Where(f => f > 0).Order()];
        if (present.Length == 0)
        {
            throw new InvalidDataException(
                $"At the size that images are trained at, no pixel is labelled: most of the area of each has the ignored label {task.IgnoredLabel}. Train at a larger size.");
        }

        double median = present[present.Length / 2];
        return [.. frequencies.Select(f => f == 0 ? 1f : (float)Math.Min(HighestWeight, Math.Sqrt(median / f)))];
    }
}
