namespace Microsoft.ML.Binary;

/// <summary>
/// The segmentation measures as functions of three pixel counts a class (labelled, predicted, correct).
/// A measure of a class whose denominator is empty is NaN, and means skip NaN.
/// </summary>
internal sealed class OverlapMeasures
{
    private readonly double[] _labelled;
    private readonly double[] _predicted;
    private readonly double[] _correct;

    /// <summary>Starts at zero pixels; counts are doubles because resampling weights them (exact up to 2^53 pixels).</summary>
    public OverlapMeasures(int numberOfClasses)
    {
        _labelled = new double[numberOfClasses];
        _predicted = new double[numberOfClasses];
        _correct = new double[numberOfClasses];
    }

    public static OverlapMeasures From(PixelConfusionMatrix matrix)
    {
        var measures = new OverlapMeasures(matrix.NumberOfClasses);
        for (int label = 0; label < matrix.NumberOfClasses; label++)
        {
            ReadOnlySpan<long> row = matrix.Row(label);
            for (int prediction = 0; prediction < row.Length; prediction++)
            {
                measures._labelled[label] += row[prediction];
                measures._predicted[prediction] += row[prediction];
            }

            measures._correct[label] = row[label];
        }

        return measures;
    }

    public static OverlapMeasures From(ClassPixels pixels)
    {
        var measures = new OverlapMeasures(pixels.Correct.Length);
        measures.Add(pixels, 1);
        return measures;
    }

    public void Clear()
    {
        Array.Clear(_labelled);
        Array.Clear(_predicted);
        Array.Clear(_correct);
    }

    public void Add(ClassPixels pixels, int times)
    {
        for (int c = 0; c < _correct.Length; c++)
        {
            _labelled[c] += (double)pixels.Labelled[c] * times;
            _predicted[c] += (double)pixels.Predicted[c] * times;
            _correct[c] += (double)pixels.Correct[c] * times;
        }
    }

    /// <summary>Adds another's counts; it may have more classes, which must not occur.</summary>
    public void Add(OverlapMeasures other)
    {
        for (int c = 0; c < _correct.Length; c++)
        {
            _labelled[c] += other._labelled[c];
            _predicted[c] += other._predicted[c];
            _correct[c] += other._correct[c];
        }
    }

    public double IoU(int c) => Ratio(_correct[c], _labelled[c] + _predicted[c] - _correct[c]);

    public double Accuracy(int c) => Ratio(_correct[c], _labelled[c]);

    public double Precision(int c) => Ratio(_correct[c], _predicted[c]);

    public double Dice(int c) => Ratio(2 * _correct[c], _labelled[c] + _predicted[c]);

    public double MeanIoU() => MeanOverPresent(IoU);

    public double MeanAccuracy() => MeanOverPresent(Accuracy);

    public double MeanDice() => MeanOverPresent(Dice);

    public double PixelAccuracy() => Ratio(_correct.Sum(), _labelled.Sum());

    public double FrequencyWeightedIoU()
    {
        double sum = 0;
        for (int c = 0; c < _labelled.Length; c++)
        {
            if (_labelled[c] > 0)
            {
                sum += _labelled[c] * IoU(c);
            }
        }

        return Ratio(sum, _labelled.Sum());
    }

    public double[] PerClass(Func<int, double> measure) => [.. Enumerable.Range(0, _correct.Length).Select(measure)];

    /// <summary>NaN for a part of nothing, since 0 / 0 is.</summary>
    private static double Ratio(double part, double whole) => part / whole;

    private double MeanOverPresent(Func<int, double> measure)
    {
        double sum = 0;
        int present = 0;
        for (int c = 0; c < _correct.Length; c++)
        {
            double value = measure(c);
            if (!double.IsNaN(value))
            {
                sum += value;
                present++;
            }
        }

        return present > 0 ? sum / present : double.NaN;
    }
}
