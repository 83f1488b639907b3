using System.Globalization;
using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Inference;
using Microsoft.ML.Binary.Training.Data;
using Microsoft.ML.Binary.Training.Losses;

namespace Microsoft.ML.Binary.Training;

/// <summary>Semantic segmentation: masks hold class indices, the loss is weighted cross-entropy and soft IoU, validation measures the mean IoU.</summary>
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

        TrainingOptions.Check(PriorCorrection is >= 0 and <= 1, nameof(PriorCorrection), PriorCorrection, "from 0 to 1");
        TrainingOptions.Check(SoftIoUWeight >= 0 && float.IsFinite(SoftIoUWeight), nameof(SoftIoUWeight), SoftIoUWeight, "at least 0");
    }

    internal override TaskLearner Learner(DataSurvey survey, float distillationWeight)
    {
        float[] balanced = survey.MedianFrequencyWeights();
        return new SegmentationLearner(this, [.. ClassWeights ?? balanced], distillationWeight);
    }

    internal override double Measure(CompiledNetwork network, IEnumerable<TrainingSample> samples)
    {
        SegmentationMetricsAccumulator metrics = new(network.LogitChannels, new() { KeepImages = false, IgnoreIndex = IgnoreLabel });
        foreach (TrainingSample sample in samples)
        {
            byte[] labels = new byte[sample.Mask.Length];
            network.PredictLabels(sample.Image, labels);
            metrics.Add(sample.Name, sample.Mask, labels, sample.Image.Width, sample.Image.Height);
        }

        return metrics.ToMetrics().MeanIoU;
    }

    private sealed class SegmentationLearner(SegmentationTask task, float[] classWeights, float distillationWeight) : TaskLearner
    {
        private readonly SegmentationLoss _loss = new(classWeights, task, distillationWeight);

        public override double Loss(TrainingPass pass, TrainingValue logits, byte[] masks, float[]? teacher) => _loss.Run(pass, logits, masks, teacher);

        public override IEnumerable<Parameter> Adjusted(DenseGraph graph, int logits) => Training.PriorCorrection.Parameters(graph, logits);

        public override void Adjust(IEnumerable<Parameter> parameters) => Training.PriorCorrection.Apply(parameters, classWeights, task.PriorCorrection);
    }
}
