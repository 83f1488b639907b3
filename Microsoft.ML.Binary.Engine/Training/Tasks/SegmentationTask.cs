using System.Globalization;
using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Training.Data;
using Microsoft.ML.Binary.Training.Losses;

namespace Microsoft.ML.Binary.Training;

/// <summary>Semantic segmentation: masks hold class indices, the loss is weighted cross-entropy and soft IoU, validation measures the mean IoU.</summary>
/// <example>
/// <code>
/// SegmentationTask task = new() { ClassWeights = [1, 2, 4], SoftIoUWeight = 1 };           // what is rare counts more
/// </code>
/// </example>
public sealed record SegmentationTask : TrainingTask
{
    /// <inheritdoc/>
    public override DenseTask Task => DenseTask.Segmentation;

    /// <inheritdoc/>
    public override string MeasureName => "mIoU";

    /// <inheritdoc/>
    public override bool LowerIsBetter => false;

    /// <summary>Names of the classes, for messages; null calls them by their indices.</summary>
    public IReadOnlyList<string>? ClassNames { get; init; }

    /// <summary>
    /// Weight of each class in the loss, one for each class, not negative and not all 0; pixels of a class of weight 0 are not learned from. Null weighs by the
    /// square root of median frequency balancing, at most 4, counted while the data is first read.
    /// </summary>
    public IReadOnlyList<float>? ClassWeights { get; init; }

    /// <summary>
    /// Share of the class weights that is taken back out of the logits of the trained network, 0..1: each class's bias loses that share of
    /// log(weight). Weights help training to find rare classes and make it call too much by their names; at 1 the network says how probable
    /// classes are in the training images (logit adjustment; Menon et al., arXiv 2007.07314). It pays after long training and costs after a
    /// short one (<c>docs/training.md</c>). Training itself is not changed by it.
    /// </summary>
    public float PriorCorrection { get; init; }

    /// <summary>
    /// Weight of the soft intersection over union (Rahman and Wang, ISVC 2016) in the loss, beside a cross-entropy of weight 1; at least 0. Cross-entropy
    /// with class weights finds rare classes in too many places; this holds against it.
    /// </summary>
    public float SoftIoUWeight { get; init; } = 0.5f;

    /// <summary>The label that is left out of the loss.</summary>
    public byte IgnoreLabel { get; init; } = 255;

    internal override byte? IgnoredLabel => IgnoreLabel;

    internal override bool LearnsFromTeacher => true;

    internal override string KeyOfResult => TrainingKey.Unusual("prior correction", PriorCorrection, 0);

    private protected override IReadOnlyList<TaskOption> Options =>
    [
        new("softIoU", nameof(SoftIoUWeight), "at least 0", SoftIoUWeight, value => value >= 0 && float.IsFinite(value), value => this with { SoftIoUWeight = value }),
        new("priorCorrection", nameof(PriorCorrection), "from 0 to 1", PriorCorrection, value => value is >= 0 and <= 1, value => this with { PriorCorrection = value }),
    ];

    internal override IReadOnlyList<string>? Names => ClassNames;

    internal override (string ClassWeights, float SoftIoU, byte IgnoredLabel) Key => (
        ClassWeights is { } given ? string.Join(' ', given.Select(w => w.ToString(CultureInfo.InvariantCulture))) : "balanced", SoftIoUWeight, IgnoreLabel);

    /// <inheritdoc/>
    public override TrainingTask WithClassNames(IReadOnlyList<string> names) => ClassNames is null ? this with { ClassNames = names } : this;

    internal override void CheckFor(int channels)
    {
        base.CheckFor(channels);
        TrainingOptions.Check(
            ClassNames is null || ClassNames.Count == channels,
            nameof(ClassNames), $"{ClassNames?.Count} names", $"one for each of the {channels} classes");
        if (ClassWeights is { } weights)
        {
            TrainingOptions.Check(weights.Count == channels, nameof(ClassWeights), $"{weights.Count} values", $"one for each of the {channels} classes");
            TrainingOptions.Check(
                weights.All(w => w >= 0 && float.IsFinite(w)) && weights.Any(w => w > 0),
                nameof(ClassWeights), string.Join(", ", weights.Select(w => w.ToString(CultureInfo.InvariantCulture))), "finite, not negative and not all 0");
        }
    }

    internal override TaskLearner Learner(DataSurvey survey, float distillationWeight)
    {
        float[] balanced = survey.MedianFrequencyWeights();
        return new SegmentationLearner(this, [.. ClassWeights ?? balanced], distillationWeight);
    }

    private protected override TaskMetricsAccumulator Accumulator(TaskHead head, bool forValidation) => new TaskMetricsAccumulator<SegmentationMetricsAccumulator, SegmentationMetrics>(
        head, new(head.ClassNames, new() { KeepImages = !forValidation, IgnoreIndex = IgnoreLabel }))
    {
        AddLabels = (all, name, labels, mask, width, height) => all.Add(name, mask, labels, width, height),
    };

    private sealed class SegmentationLearner(SegmentationTask task, float[] classWeights, float distillationWeight) : TaskLearner
    {
        private readonly CrossEntropy _crossEntropy = new(classWeights, task.IgnoreLabel, distillationWeight);
        private readonly SoftIoU? _softIoU = task.SoftIoUWeight > 0 ? new(classWeights, task.IgnoreLabel) : null;

        public override double Loss(TrainingPass pass, TrainingValue logits, byte[] masks, float[]? teacher)
        {
            double loss = _crossEntropy.Run(pass, logits, masks, teacher);
            return _softIoU is null ? loss : loss + _softIoU.Run(pass, logits, masks, task.SoftIoUWeight);
        }

        public override void Adjust(Convolution classifier)
        {
            if (classifier.Bias is { } bias)
            {
                Training.PriorCorrection.Apply(bias, classWeights, task.PriorCorrection);
            }
        }
    }
}
