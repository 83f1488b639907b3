using System.Numerics.Tensors;
using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Training.Data;
using Microsoft.ML.Binary.Training.Losses;

namespace Microsoft.ML.Binary.Training;

/// <summary>
/// Salient-object detection: masks hold gray values, object above 128; the loss is binary cross-entropy, absolute error and soft IoU (or the soft F-measure); validation measures the
/// mean absolute error.
/// </summary>
/// <example>
/// <code>
/// SaliencyTask task = new() { Sharpness = 4 };
/// </code>
/// </example>
public sealed record SaliencyTask : TrainingTask
{
    private const float UsualSharpness = 4;

    /// <inheritdoc/>
    public override DenseTask Task => DenseTask.Saliency;

    /// <inheritdoc/>
    public override string MeasureName => "MAE";

    /// <inheritdoc/>
    public override bool LowerIsBetter => true;

    /// <summary>
    /// Factor of the logits of the trained network, above 0: at 1 a map says how likely each pixel is salient, above 1 it decides
    /// more clearly, which is what maps are wanted and measured (mean absolute error) for. Training itself is not changed by it. A start from a
    /// network that was sharpened before is sharpened again: for a few steps of fine-tuning take 1; many learn their own shades anew.
    /// </summary>
    public float Sharpness { get; init; } = UsualSharpness;

    /// <summary>
    /// Learn by the soft F-measure of this beta^2, above 0, in place of soft IoU (Zhao et al., ICCV 2019): at 0.3, as maps are measured, what is found wrongly counts
    /// more than what is missed; 1 is soft Dice. Null learns by soft IoU, which would rather have a pixel too many than one too few.
    /// </summary>
    public float? SoftFBetaSquared { get; init; }

    /// <inheritdoc/>
    public override bool IsShownOnImage => true;

    internal override byte? IgnoredLabel => null;

    internal override bool LearnsFromTeacher => true;

    internal override string KeyOfOptions => TrainingKey.Unusual("soft F", SoftFBetaSquared ?? 0, 0);

    internal override string KeyOfResult => TrainingKey.Unusual("sharpness", Sharpness, UsualSharpness);

    private protected override IReadOnlyList<TaskOption> Options =>
    [
        new("sharpness", nameof(Sharpness), "above 0", Sharpness, IsAboveZero, value => this with { Sharpness = value }),
        new("softF", nameof(SoftFBetaSquared), "above 0", SoftFBetaSquared, IsAboveZero, value => this with { SoftFBetaSquared = value }),
    ];

    internal override TaskLearner Learner(DataSurvey survey, float distillationWeight) => new SaliencyLearner(this, distillationWeight);

    private static bool IsAboveZero(float value) => value > 0 && float.IsFinite(value);

    private protected override TaskMetricsAccumulator Accumulator(TaskHead head, bool forValidation) => new TaskMetricsAccumulator<SaliencyMetricsAccumulator, SaliencyMetrics>(
        head, new(forValidation ? new() { KeepImages = false, Measures = SaliencyMeasures.ErrorAndF } : null))
    {
        AddMap = (all, name, map, mask, width, height) => all.Add(name, map, mask, width, height),
    };

    private sealed class SaliencyLearner(SaliencyTask task, float distillationWeight) : TaskLearner
    {
        public override double Loss(TrainingPass pass, TrainingValue logits, byte[] masks, float[]? teacher) =>
            SaliencyLoss.Run(pass, logits, masks, task.SoftFBetaSquared, teacher, distillationWeight);

        // Of a pixel that is salient with probability p, a map that says p is wrong by 2 p (1 - p) on average and one that decides by min(p, 1 - p), which is never more: absolute
        // error asks for decisions. What is above 1/2 stays above it, and the order of values stays, so precision and recall at thresholds only move along their curve.
        public override void Adjust(Convolution classifier)
        {
            foreach (Parameter parameter in classifier.Parameters)
            {
                TensorPrimitives.Multiply(parameter.Values, task.Sharpness, parameter.Values);
            }
        }
    }
}
