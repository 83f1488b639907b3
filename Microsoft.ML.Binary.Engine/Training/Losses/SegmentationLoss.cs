namespace Microsoft.ML.Binary.Training.Losses;

/// <summary>What segmentation learns by: weighted cross-entropy, and <see cref="TrainingOptions.SoftIoUWeight"/> times the soft intersection over union.</summary>
internal sealed class SegmentationLoss(float[] classWeights, TrainingOptions options)
{
    private readonly CrossEntropy _crossEntropy = new(classWeights, options.IgnoreLabel, options.DistillationWeight);
    private readonly SoftIoU? _softIoU = options.SoftIoUWeight > 0 ? new(classWeights, options.IgnoreLabel) : null;

    /// <summary>The loss of a batch; sets the gradient of the logits. Parameters as in <see cref="CrossEntropy.Run"/>.</summary>
    public double Run(TrainingPass pass, TrainingValue logits, byte[] labels, float[]? teacher)
    {
        double loss = _crossEntropy.Run(pass, logits, labels, teacher);
        return _softIoU is null ? loss : loss + _softIoU.Run(pass, logits, labels, options.SoftIoUWeight);
    }
}
