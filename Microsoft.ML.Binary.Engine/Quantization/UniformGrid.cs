using System.Numerics.Tensors;

namespace Microsoft.ML.Binary.Quantization;

/// <summary>
/// 2^bits equally spaced values that stand for all others: the nearest one takes a value's place. Where the grid lies is chosen such that the
/// mean squared error is small. With one bit it is two values.
/// </summary>
/// <param name="Low">The lowest value.</param>
/// <param name="Step">Distance of neighbours; 0 if all values are one.</param>
/// <param name="Steps">Number of values, less one.</param>
internal readonly record struct UniformGrid(float Low, float Step, int Steps)
{
    /// <summary>The most bits: float32 tells no more values apart.</summary>
    public const int MaxBits = 24;

    private const int Covers = 25, Refinements = 8;

    // Each first grid covers so much less than the one before: a few far values must not cost the many their resolution.
    private const double Shrinkage = 0.85;

    /// <summary>
    /// Fits a grid: the best of several that cover more or less of the range around the mean; from there, in turn each value goes to its nearest
    /// place and the grid to where these values lie best (least squares).
    /// </summary>
    /// <param name="values">The values, at least one.</param>
    /// <param name="bits">1 to <see cref="MaxBits"/>.</param>
    public static UniformGrid Fit(ReadOnlySpan<float> values, int bits)
    {
        float lowest = TensorPrimitives.Min(values), highest = TensorPrimitives.Max(values);
        int steps = (1 << bits) - 1;
        if (!(highest > lowest))
        {
            return new(lowest, 0, steps);
        }

        double mean = 0;
        foreach (float value in values)
        {
            mean += value;
        }

        mean /= values.Length;
        UniformGrid best = default, refined = default;
        double least = double.PositiveInfinity, cover = 1;
        for (int i = 0; i < Covers; i++, cover *= Shrinkage)
        {
            double low = mean + cover * (lowest - mean), high = mean + cover * (highest - mean);
            Try(new((float)low, (float)((high - low) / steps), steps), values);
        }

        for (int i = 0; i < Refinements && refined.Step > 0 && refined != best; i++)
        {
            if (!Try(refined, values))
            {
                break;
            }
        }

        return best;

        bool Try(UniformGrid grid, ReadOnlySpan<float> values)
        {
            UniformGrid next = grid.Refine(values, out double error);
            if (!(error < least))
            {
                return false;
            }

            (best, refined, least) = (grid, next, error);
            return true;
        }
    }

    /// <summary>Puts the nearest value of the grid in each value's place.</summary>
    public void Apply(Span<float> values)
    {
        if (Step == 0)
        {
            values.Fill(Low);
            return;
        }

        TensorPrimitives.Subtract(values, Low, values);
        TensorPrimitives.Divide(values, Step, values);
        TensorPrimitives.Round(values, values);
        TensorPrimitives.Clamp(values, 0f, Steps, values);
        TensorPrimitives.Multiply(values, Step, values);
        TensorPrimitives.Add(values, Low, values);
    }

    /// <summary>The squared error of this grid, and the grid for which the values, each kept to its place, have the least.</summary>
    private UniformGrid Refine(ReadOnlySpan<float> values, out double error)
    {
        double n = values.Length, sumX = 0, sumK = 0, sumKK = 0, sumKX = 0;
        error = 0;
        foreach (float value in values)
        {
            double k = Math.Clamp(Math.Round((value - (double)Low) / Step), 0, Steps), off = value - (Low + k * Step);
            error += off * off;
            sumX += value;
            sumK += k;
            sumKK += k * k;
            sumKX += k * value;
        }

        double determinant = n * sumKK - sumK * sumK;
        if (!(determinant > 0))
        {
            return this with { Step = 0 };
        }

        double step = (n * sumKX - sumK * sumX) / determinant;
        return new((float)((sumX - step * sumK) / n), (float)step, Steps);
    }
}
