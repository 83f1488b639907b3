namespace Microsoft.ML.Binary.Training.Losses;

/// <summary>What segmentation learns by: weighted cross-entropy, and <see cref="SegmentationTask.SoftIoUWeight"/> times the soft intersection over union.</summary>
internal sealed class SegmentationLoss(float[] classWeights, SegmentationTask task, float distillationWeight)
{
    private readonly CrossEntropy _crossEntropy = new(classWeights, task.IgnoreLabel, distillationWeight);
    private readonly SoftIoU? _softIoU = task.SoftIoUWeight > 0 ? new(classWeights, task.IgnoreLabel) : null;

    /// <summary>The loss of a batch; sets the gradient of the logits. Parameters as in <see cref="CrossEntropy.Run"/>.</summary>
    public double Run(TrainingPass pass, TrainingValue logits, byte[] labels, float[]? teacher)
    {
        double loss = _crossEntropy.Run(pass, logits, labels, teacher);
        return _softIoU is null ? loss : loss + _softIoU.Run(pass, logits, labels, task.SoftIoUWeight);
    }
}
