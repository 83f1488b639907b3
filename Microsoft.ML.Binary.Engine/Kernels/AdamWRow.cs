using System.Runtime.CompilerServices;

namespace Microsoft.ML.Binary.Kernels;

/// <summary>
/// A step of Adam with decoupled weight decay (arXiv 1711.05101) on a row of values: moments m and s of the gradient g,
/// m = beta1 m + (1 - beta1) g and s = beta2 s + (1 - beta2) g^2, then w = keep w - rate m / (sqrt(secondScale s) + epsilon), clipped.
/// </summary>
/// <param name="values">w.</param>
/// <param name="gradient">g.</param>
/// <param name="first">m.</param>
/// <param name="second">s.</param>
/// <param name="step">The factors.</param>
internal readonly unsafe struct AdamWRow(float* values, float* gradient, float* first, float* second, AdamWRow.Factors step) : IRowBody
{
    public const float Beta1 = 0.9f, Beta2 = 0.999f, Epsilon = 1e-8f;

    /// <summary>What is the same for a whole row.</summary>
    /// <param name="Rate">Learning rate, divided by the bias correction of m.</param>
    /// <param name="SecondScale">One over the bias correction of s.</param>
    /// <param name="Keep">One minus the weight decay of a step.</param>
    /// <param name="Limit">Values are clipped to plus and minus this.</param>
    internal readonly record struct Factors(float Rate, float SecondScale, float Keep, float Limit);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void At<V>(int index) where V : struct, ILanes<V>
    {
        V g = V.Load(gradient + index);
        V m = V.Load(first + index) * V.Broadcast(Beta1) + g * V.Broadcast(1 - Beta1);
        V s = V.Load(second + index) * V.Broadcast(Beta2) + g * g * V.Broadcast(1 - Beta2);
        V next = V.Load(values + index) * V.Broadcast(step.Keep) - m * V.Broadcast(step.Rate) / (V.Sqrt(s * V.Broadcast(step.SecondScale)) + V.Broadcast(Epsilon));
        m.Store(first + index);
        s.Store(second + index);
        V.Max(V.Broadcast(-step.Limit), V.Min(V.Broadcast(step.Limit), next)).Store(values + index);
    }
}
