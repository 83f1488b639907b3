namespace Microsoft.ML.Binary;

/// <summary>
/// Counts for the boundary IoU (Cheng et al., Boundary IoU: Improving Object-Centric Image Segmentation Evaluation,
/// CVPR 2021): only pixels near the border of their own region take part, in labels and predictions each.
/// </summary>
/// <remarks>
/// A pixel is boundary if within d pixels of it, diagonals included, there is another class or the outside of the image;
/// d is a share of the image diagonal, rounded, at least 1. This is the paper's mask minus its d-fold 3x3 erosion. An
/// ignored pixel is never counted, and borders like a class of its own, in labels and predictions alike.
/// </remarks>
internal sealed class BoundaryOverlap(double width)
{
    /// <summary>No class has this index, because there are at most 255.</summary>
    private const byte Ignored = 255;

    private byte[] _labels = [];
    private byte[] _predictions = [];
    private bool[] _labelBoundary = [];
    private bool[] _predictionBoundary = [];
    private int[] _runs = [];

    /// <summary>Boundary pixels per class of an image whose values are known to be in range.</summary>
    public ClassPixels Count(
        ReadOnlySpan<byte> labels, ReadOnlySpan<byte> predictions, int imageWidth, int imageHeight, int numberOfClasses, int? ignoreIndex)
    {
        Reserve(labels.Length, imageWidth);
        for (int i = 0; i < labels.Length; i++)
        {
            bool ignored = labels[i] == ignoreIndex;
            _labels[i] = ignored ? Ignored : labels[i];
            _predictions[i] = ignored ? Ignored : predictions[i];
        }

        int distance = Math.Max(1, (int)Math.Round(width * Math.Sqrt((double)imageWidth * imageWidth + (double)imageHeight * imageHeight)));
        FindBoundary(_labels, imageWidth, imageHeight, distance, _labelBoundary);
        FindBoundary(_predictions, imageWidth, imageHeight, distance, _predictionBoundary);

        var pixels = new ClassPixels(numberOfClasses);
        for (int i = 0; i < labels.Length; i++)
        {
            byte label = _labels[i];
            if (label == Ignored)
            {
                continue;
            }

            byte prediction = _predictions[i];
            bool isLabelBoundary = _labelBoundary[i];
            bool isPredictionBoundary = _predictionBoundary[i];
            pixels.Labelled[label] += isLabelBoundary ? 1 : 0;
            pixels.Predicted[prediction] += isPredictionBoundary ? 1 : 0;
            pixels.Correct[label] += isLabelBoundary && isPredictionBoundary && label == prediction ? 1 : 0;
        }

        return pixels;
    }

    private void Reserve(int pixels, int imageWidth)
    {
        if (_labels.Length < pixels)
        {
            _labels = new byte[pixels];
            _predictions = new byte[pixels];
            _labelBoundary = new bool[pixels];
            _predictionBoundary = new bool[pixels];
        }

        if (_runs.Length < imageWidth)
        {
            _runs = new int[imageWidth];
        }
    }

    /// <summary>
    /// A square window is of one value exactly if each of its rows is, and their values agree down its middle column. Runs along
    /// the row answer the first, runs of such rows down the column the second: two passes, whatever the distance.
    /// </summary>
    private void FindBoundary(ReadOnlySpan<byte> map, int imageWidth, int imageHeight, int distance, Span<bool> boundary)
    {
        boundary[..map.Length].Fill(true);
        Span<int> runs = _runs.AsSpan(0, imageWidth);
        runs.Clear();
        for (int y = 0; y < imageHeight; y++)
        {
            ReadOnlySpan<byte> row = map.Slice(y * imageWidth, imageWidth);
            ReadOnlySpan<byte> above = y == 0 ? default : map.Slice((y - 1) * imageWidth, imageWidth);
            for (int start = 0; start < imageWidth;)
            {
                int length = row[start..].IndexOfAnyExcept(row[start]);
                int end = length < 0 ? imageWidth : start + length;
                for (int x = start; x < end; x++)
                {
                    bool windowRowIsUniform = x - start >= distance && end - x > distance;
                    bool continues = y > 0 && above[x] == row[x];
                    runs[x] = !windowRowIsUniform ? 0 : continues ? runs[x] + 1 : 1;
                    if (runs[x] > 2 * distance)
                    {
                        boundary[(y - distance) * imageWidth + x] = false;
                    }
                }

                start = end;
            }
        }
    }
}
