using Microsoft.ML.Binary.Training;

namespace QuickStart;

/// <summary>What both trainers are told beside the task.</summary>
internal static class TrainingRecipe
{
    /// <summary>
    /// Painted scenes have all the variety they need, so the images are only mirrored; and a short run averages its weights over fewer
    /// steps than the default, which is meant for thousands.
    /// </summary>
    public static TrainingOptions Scenes { get; } = new()
    {
        Augmentation = AugmentationOptions.None with { Flip = true },
        AverageDecay = 0.99f,
    };

    public static void Report(TrainingProgress progress)
    {
        if (progress.Step % 100 == 0 || progress.Step == progress.TotalSteps)
        {
            Console.WriteLine($"  step {progress.Step} of {progress.TotalSteps}, loss {progress.Loss:0.000}, {progress.Remaining.TotalSeconds:0} s left");
        }
    }
}
