using Microsoft.ML.Binary.Graph;

namespace Microsoft.ML.Binary;

/// <summary>How often each value stands in a mask, counted row by row.</summary>
internal sealed class MaskFigures(int width, int height)
{
    private readonly long[] _pixels = new long[256];

    public static MaskFigures Of(int width, int height, ReadOnlySpan<byte> values)
    {
        MaskFigures figures = new(width, height);
        figures.Add(values);
        return figures;
    }

    public void Add(ReadOnlySpan<byte> values)
    {
        foreach (byte value in values)
        {
            _pixels[value]++;
        }
    }

    /// <param name="head">Whose mask it is.</param>
    /// <param name="path">What the mask's file is called.</param>
    public BatchMask For(TaskHead head, string path)
    {
        if (head.Task.HasClasses)
        {
            return new(path, width, height, [.. _pixels.Take(head.ClassNames.Length)], double.NaN);
        }

        long sum = 0;
        for (int value = 0; value < _pixels.Length; value++)
        {
            sum += value * _pixels[value];
        }

        return new(path, width, height, [], sum / (255.0 * ((long)width * height)));
    }
}
