
namespace Microsoft.ML.Binary.Reporting;

/// <summary>A confusion matrix as shares of its rows: of all pixels of a class, how many were predicted as each class.</summary>
internal sealed class ConfusionShares
{
    private readonly PixelConfusionMatrix _matrix;
    private readonly long[] _labelled;

    public ConfusionShares(PixelConfusionMatrix matrix)
    {
        _matrix = matrix;
        _labelled = new long[matrix.NumberOfClasses];
        for (int label = 0; label < _labelled.Length; label++)
        {
            foreach (long count in matrix.Row(label))
            {
                _labelled[label] += count;
            }
        }
    }

    public int NumberOfClasses => _labelled.Length;

    /// <summary>A share of 0..1; NaN where no pixel has that label.</summary>
    public double this[int label, int prediction] => _matrix[label, prediction] / (double)_labelled[label];

    /// <summary>The pairs of classes that most pixels fell victim to, most first.</summary>
    public IReadOnlyList<(int Label, int Prediction, long Pixels)> Largest(int count)
    {
        var pairs = from label in Enumerable.Range(0, NumberOfClasses)
                    from prediction in Enumerable.Range(0, NumberOfClasses)
                    let pixels = _matrix[label, prediction]
                    where label != prediction && pixels > 0
                    orderby pixels descending
                    select (label, prediction, pixels);
        return [.. pairs.Take(count)];
    }
}
