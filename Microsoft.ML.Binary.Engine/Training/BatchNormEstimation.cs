namespace Microsoft.ML.Binary.Training;

/// <summary>
/// Estimates running statistics anew for given weights: the plain mean over some training batches. Averaged weights need it, because
/// where their signs differ from those of the weights in training, the statistics of training are not theirs.
/// </summary>
internal static class BatchNormEstimation
{
    /// <summary>Runs forward passes over <paramref name="batches"/> batches, each of which <paramref name="fill"/> prepares.</summary>
    public static void Run(TrainingNetwork network, int batches, Action<int> fill)
    {
        double momentum = network.Pass.StatisticMomentum;
        for (int i = 0; i < batches; i++)
        {
            fill(i);
            network.Pass.StatisticMomentum = 1.0 / (i + 1);
            network.Forward(usesBatchStatistics: true);
        }

        network.Pass.StatisticMomentum = momentum;
    }
}
