using Microsoft.ML.Binary.Training;

namespace Microsoft.ML.Binary.Tests.Training;

/// <summary>Runs that are cancelled and go on from their checkpoint, against runs that were not.</summary>
internal static class Interruption
{
    /// <summary>Trains as a whole, cancelled, and resumed: what comes of it is the same.</summary>
    /// <param name="train">Trains with options, and tells its reports.</param>
    /// <param name="options">How to train, with a place for the checkpoint; each step is reported.</param>
    /// <param name="cancelAt">The step after which the run is cancelled.</param>
    /// <param name="threads">Threads of the resumed run; null for those of the options.</param>
    /// <returns>The whole run.</returns>
    public static TrainingResult AssertGoesOn(Func<TrainingOptions, Reports, TrainingResult> train, TrainingOptions options, int cancelAt, int? threads = null)
    {
        TrainingResult whole = train(options with { CheckpointPath = null }, new Reports());
        TrainingResult part = train(options, new Reports(cancelAt));
        Assert.IsTrue(part.Cancelled);
        Assert.AreEqual(cancelAt, part.Steps);

        Reports reports = new();
        TrainingResult rest = train(options with { Resume = true, Threads = threads ?? options.Threads }, reports);
        Assert.AreEqual(cancelAt + 1, reports.All[0].Step);
        AssertSame(whole, rest);
        return whole;
    }

    public static void AssertSame(TrainingResult expected, TrainingResult actual)
    {
        Assert.AreEqual((expected.Steps, expected.Loss), (actual.Steps, actual.Loss));
        Assert.AreEqual((expected.BestStep, expected.ValidationMetric), (actual.BestStep, actual.ValidationMetric));
        CollectionAssert.AreEqual(expected.TaskWeights.ToArray(), actual.TaskWeights.ToArray());
        CollectionAssert.AreEqual(TinyTask.Bits(expected.Graph), TinyTask.Bits(actual.Graph));
    }
}
