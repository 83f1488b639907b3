namespace Microsoft.ML.Binary.Training;

/// <summary>Linear warm-up, then a half cosine down to zero (Loshchilov and Hutter, arXiv 1608.03983), over the fraction of the budget used.</summary>
internal static class LearningRateSchedule
{
    public static double At(double fraction, double warmUp, double highest) =>
        fraction < warmUp
            ? highest * fraction / warmUp
            : highest * 0.5 * (1 + Math.Cos(Math.PI * (fraction - warmUp) / (1 - warmUp)));
}
