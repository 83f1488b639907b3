using System.Numerics.Tensors;

namespace Microsoft.ML.Binary;

/// <summary>
/// Weighted F-measure (Margolin, Zelnik-Manor and Tal, How to Evaluate Foreground Maps?, CVPR 2014; beta = 1): errors inside
/// the object count less where their neighbours are right, errors outside count more the farther they are from it.
/// </summary>
/// <remarks>Holds its working memory, about 24 bytes per pixel of the largest image seen; not thread-safe.</remarks>
internal sealed class WeightedFMeasure
{
    private const int Radius = 3;
    private const double Sigma = 5;

    private static readonly double[] Gaussian = GaussianWeights();

    private readonly NearestObjectPixel _nearestObjectPixel = new();
    private int[] _nearest = [];
    private double[] _errors = [];
    private double[] _blurred = [];
    private double[] _padded = [];
    private double[] _row = [];

    /// <summary>Score of the image that <paramref name="counts"/> was made of; 0 if it has no object.</summary>
    public double Score(SaliencyCounts counts, ReadOnlySpan<byte> saliency, ReadOnlySpan<byte> mask)
    {
        if (counts.ObjectPixelCount == 0)
        {
            return 0;
        }

        int width = counts.Width;
        int height = counts.Height;
        Reserve(width, height);
        _nearestObjectPixel.Find(mask, width, height, _nearest);
        SpreadErrors(counts, saliency, mask);
        BlurRows(width, height);

        double errorInObject = 0;
        double errorOutside = 0;
        for (int y = 0; y < height; y++)
        {
            BlurColumns(y, width, height);
            for (int x = 0; x < width; x++)
            {
                int i = y * width + x;
                if (mask[i] > SaliencyCounts.ObjectAbove)
                {
                    errorInObject += Math.Min(_errors[i], _row[x]);
                }
                else if (counts.Values[saliency[i]] is > 0 and double error)
                {
                    int nearest = _nearest[i];
                    double dx = x - nearest % width;
                    double dy = y - nearest / width;
                    errorOutside += error * (2 - Math.Exp(Math.Log(0.5) / 5 * Math.Sqrt(dx * dx + dy * dy)));
                }
            }
        }

        double truePositives = counts.ObjectPixelCount - errorInObject;
        double recall = 1 - errorInObject / counts.ObjectPixelCount;
        double precision = truePositives / (truePositives + errorOutside + SMeasure.Epsilon);
        return 2 * recall * precision / (recall + precision + SMeasure.Epsilon);
    }

    /// <summary>The 7x7 Gaussian of the definition is the product of two of these.</summary>
    private static double[] GaussianWeights()
    {
        double[] weights = [.. Enumerable.Range(-Radius, 2 * Radius + 1).Select(d => Math.Exp(-(d * d) / (2 * Sigma * Sigma)))];
        double sum = weights.Sum();
        return [.. weights.Select(weight => weight / sum)];
    }

    private void Reserve(int width, int height)
    {
        int pixels = width * height;
        if (_errors.Length < pixels)
        {
            _nearest = new int[pixels];
            _errors = new double[pixels];
            _blurred = new double[pixels];
        }

        if (_row.Length < width)
        {
            _row = new double[width];
            _padded = new double[width + 2 * Radius];
        }
    }

    /// <summary>Errors of object pixels; a background pixel takes that of its nearest object pixel, so that the blur sees no edge.</summary>
    private void SpreadErrors(SaliencyCounts counts, ReadOnlySpan<byte> saliency, ReadOnlySpan<byte> mask)
    {
        Span<double> errorOfLevel = stackalloc double[SaliencyCounts.Levels];
        for (int level = 0; level < errorOfLevel.Length; level++)
        {
            errorOfLevel[level] = Math.Abs(counts.Values[level] - 1);
        }

        for (int i = 0; i < mask.Length; i++)
        {
            _errors[i] = errorOfLevel[saliency[_nearest[i]]];
        }
    }

    private void BlurRows(int width, int height)
    {
        Span<double> padded = _padded.AsSpan(0, width + 2 * Radius);
        for (int y = 0; y < height; y++)
        {
            padded.Clear();
            _errors.AsSpan(y * width, width).CopyTo(padded[Radius..]);
            Span<double> blurred = _blurred.AsSpan(y * width, width);
            blurred.Clear();
            for (int tap = 0; tap < Gaussian.Length; tap++)
            {
                TensorPrimitives.MultiplyAdd(padded.Slice(tap, width), Gaussian[tap], blurred, blurred);
            }
        }
    }

    private void BlurColumns(int y, int width, int height)
    {
        Span<double> row = _row.AsSpan(0, width);
        row.Clear();
        for (int tap = Math.Max(-Radius, -y); tap <= Math.Min(Radius, height - 1 - y); tap++)
        {
            TensorPrimitives.MultiplyAdd(_blurred.AsSpan((y + tap) * width, width), Gaussian[tap + Radius], row, row);
        }
    }
}
