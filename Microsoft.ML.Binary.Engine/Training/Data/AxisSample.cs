namespace Microsoft.ML.Binary.Training.Data;

/// <summary>Where a position lies between two pixels along one axis.</summary>
/// <param name="First">The pixel before it; the edge is repeated outside.</param>
/// <param name="Second">The pixel after it.</param>
/// <param name="Weight">That of the second, 0..1.</param>
/// <param name="Nearest">The pixel it lies in.</param>
/// <param name="IsOutside">Whether it lies beyond the edge.</param>
internal readonly record struct AxisSample(int First, int Second, float Weight, int Nearest, bool IsOutside)
{
    /// <summary>For a position in pixels, where 0 is the outer edge of the first pixel.</summary>
    public static AxisSample At(float position, int size)
    {
        float pixel = position - 0.5f;
        int first = (int)MathF.Floor(pixel), nearest = (int)MathF.Floor(position);
        return new(
            Math.Clamp(first, 0, size - 1), Math.Clamp(first + 1, 0, size - 1), pixel - first, Math.Clamp(nearest, 0, size - 1),
            nearest < 0 || nearest >= size);
    }

    /// <summary>The value between two.</summary>
    public float Between(float first, float second) => first + Weight * (second - first);
}
