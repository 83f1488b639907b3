namespace Microsoft.ML.Binary;

/// <summary>
/// What the overlap measures of one image need, and all that is kept of it: pixels per class that are labelled,
/// predicted, and both. Sums of these over any choice of images give the measures of that choice.
/// </summary>
internal sealed class ClassPixels(int numberOfClasses)
{
    public int[] Labelled { get; } = new int[numberOfClasses];

    public int[] Predicted { get; } = new int[numberOfClasses];

    public int[] Correct { get; } = new int[numberOfClasses];

    /// <summary>A copy without the last classes, which do not occur.</summary>
    public ClassPixels WithClasses(int classes)
    {
        ClassPixels fewer = new(classes);
        Labelled.AsSpan(0, classes).CopyTo(fewer.Labelled);
        Predicted.AsSpan(0, classes).CopyTo(fewer.Predicted);
        Correct.AsSpan(0, classes).CopyTo(fewer.Correct);
        return fewer;
    }
}
