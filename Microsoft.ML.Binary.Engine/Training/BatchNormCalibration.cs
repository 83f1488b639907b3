using Microsoft.ML.Binary.Graph;

namespace Microsoft.ML.Binary.Training;

/// <summary>
/// Gives the batch norms of a network the statistics of the training data without changing what the network computes: scale and shift of
/// each channel make up for the new mean and variance. Afterwards a pass with the statistics of a batch is nearly one with the running ones.
/// Channels that never had statistics, those of new parts of a network, keep scale and shift instead: they start with what they are meant to give.
/// </summary>
internal static class BatchNormCalibration
{
    /// <summary>Measures over <paramref name="batches"/> batches, each of which <paramref name="fill"/> prepares.</summary>
    public static void Run(TrainingNetwork network, int batches, Action<int> fill)
    {
        BatchNorm[] all = [.. network.Graph.Nodes.OfType<BatchNorm>()], anew = [.. all.Where(norm => !norm.HasStatistics)];
        if (anew.Length > 0)
        {
            // What was there before is measured once they give what they are meant to. (Their own measures are those of a network in which none of them does: a start.)
            Measure(network, anew, batches, fill);
        }

        Measure(network, all.Except(anew), batches, fill);
    }

    private static void Measure(TrainingNetwork network, IEnumerable<BatchNorm> measured, int batches, Action<int> fill)
    {
        (BatchNorm Norm, ChannelMoments Input)[] norms = [.. measured.Select(norm => (norm, new ChannelMoments(network.Value(norm.Inputs[0]))))];
        ChannelMoments.Measure(network, [.. norms.Select(norm => norm.Input)], batches, fill);
        foreach ((BatchNorm norm, ChannelMoments input) in norms)
        {
            Exchange(norm, input);
        }
    }

    private static void Exchange(BatchNorm norm, ChannelMoments input)
    {
        for (int c = 0; c < norm.Gamma.Values.Length; c++)
        {
            bool isNew = norm.IsNew(c);
            double scale = norm.Gamma.Values[c] / Math.Sqrt((double)norm.Variance.Values[c] + BatchNorm.Epsilon);
            double offset = norm.Beta.Values[c] - norm.Mean.Values[c] * scale;
            norm.Mean.Values[c] = (float)input.Mean(c);
            norm.Variance.Values[c] = (float)input.Variance(c);
            if (!isNew)
            {
                norm.Gamma.Values[c] = (float)(scale * Math.Sqrt((double)norm.Variance.Values[c] + BatchNorm.Epsilon));
                norm.Beta.Values[c] = (float)(offset + norm.Mean.Values[c] * scale);
            }
        }
    }
}
