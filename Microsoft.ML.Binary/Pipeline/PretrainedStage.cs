using Microsoft.ML.Binary.Graph;

namespace Microsoft.ML.Binary;

/// <summary>Pretrained networks for callers that serve one task.</summary>
internal static class PretrainedStage
{
    /// <param name="model">The model.</param>
    /// <param name="task">What the caller is for.</param>
    /// <param name="otherwise">What to call for a task that is another.</param>
    /// <exception cref="ArgumentException">The model is for another task.</exception>
    public static DenseNetwork Load(PretrainedModel model, DenseTask task, Func<DenseTask, string> otherwise)
    {
        DenseNetwork network = PretrainedNetworks.Load(model);
        return network.Task == task
            ? network
            : throw new ArgumentException(
                $"{nameof(PretrainedModel)}.{model} is a network for {network.Task.Name}; use {otherwise(network.Task)}.", nameof(model));
    }
}
