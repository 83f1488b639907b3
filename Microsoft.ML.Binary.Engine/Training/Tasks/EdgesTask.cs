using System.Globalization;
using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Imaging;
using Microsoft.ML.Binary.Training.Data;
using Microsoft.ML.Binary.Training.Losses;

namespace Microsoft.ML.Binary.Training;

/// <summary>What the masks show that edges are learned from.</summary>
/// <example>
/// <code>
/// DenseTaskOptions outlines = new("outlines", new EdgesTask { Source = EdgeSource.Objects, Widening = 1 }) { From = "person" };
/// </code>
/// </example>
public enum EdgeSource
{
    /// <summary>Class indices; edges are the pixels on both sides of every change of class.</summary>
    Classes,

    /// <summary>Gray values, object above 128; edges are the pixels on both sides of its border.</summary>
    Objects,

    /// <summary>The edges themselves: gray values above 128.</summary>
    Edges,
}

/// <summary>
/// Edge detection: the loss is balanced cross-entropy (Xie and Tu, ICCV 2015), validation measures the F of the best common threshold (ODS, <see cref="EdgeMetrics"/>).
/// Where masks show classes or objects, edges are derived from them after augmentation, so that lines are equally thick in every crop.
/// </summary>
/// <example>
/// <code>
/// LearnedTask[] tasks = [new("classes", new SegmentationTask()), new("edges", new EdgesTask { Widening = 1 }) { From = "classes" }];
/// </code>
/// </example>
public sealed record EdgesTask : TrainingTask
{
    /// <inheritdoc/>
    public override DenseTask Task => DenseTask.Edges;

    /// <inheritdoc/>
    public override string MeasureName => EdgeMeasure.OdsF.Title;

    /// <inheritdoc/>
    public override bool LowerIsBetter => false;

    /// <summary>What the masks show.</summary>
    public EdgeSource Source { get; init; }

    /// <summary>The class index near which there are no edges to learn, where masks show classes.</summary>
    public byte IgnoreLabel { get; init; } = 255;

    /// <summary>By how many pixels derived lines are widened to every side for the loss, 0..8; without, they are two pixels wide. Masks that show edges themselves are learned as they are, with 0.</summary>
    public int Widening { get; init; }

    /// <summary>Weight of edges in the loss, above 0 and below 1, other pixels having the rest; null for the share of pixels in the batch that are no edges.</summary>
    public float? EdgeWeight { get; init; }

    /// <inheritdoc/>
    public override bool CanBeDerived => true;

    internal override byte? IgnoredLabel => Source == EdgeSource.Classes ? IgnoreLabel : null;

    internal override bool HasOwnTarget => true;

    internal override string KeyOfOptions => string.Create(
        CultureInfo.InvariantCulture,
        $", edges of {Source} without {IgnoreLabel}, widened by {Widening}, weight {(EdgeWeight is { } weight ? weight.ToString(CultureInfo.InvariantCulture) : "balanced")}");

    private protected override IReadOnlyList<TaskOption> Options =>
    [
        new("width", nameof(Widening), "an integer from 0 to 8", Widening, value => value is >= 0 and <= 8 && float.IsInteger(value), value => this with { Widening = (int)value }),
        new("edgeWeight", nameof(EdgeWeight), "above 0 and below 1", EdgeWeight, value => value is > 0 and < 1, value => this with { EdgeWeight = value }),
    ];

    internal override void CheckFor(int channels)
    {
        base.CheckFor(channels);
        TrainingOptions.Check(Enum.IsDefined(Source), nameof(Source), Source, "what masks can show");
        TrainingOptions.Check(Source != EdgeSource.Edges || Widening == 0, nameof(Widening), Widening, "0 where masks show the edges themselves, which are learned as they are drawn");
    }

    // Masks of another task are looked at as what they are there.
    private bool IsDerived { get; init; }

    internal override MaskSurvey? NewSurvey(int classes) => IsDerived ? null : Source == EdgeSource.Classes ? MaskSurvey.OfLabels(IgnoreLabel) : MaskSurvey.OfSaliency();

    internal override int Labels(int channels) => 256;

    internal override EdgesTask On(TrainingTask owner) => owner is EdgesTask edges
        ? this with { Source = edges.Source, IgnoreLabel = edges.IgnoreLabel, IsDerived = true }
        : this with { IsDerived = true, Source = owner.Task.HasClasses ? EdgeSource.Classes : EdgeSource.Objects, IgnoreLabel = owner.IgnoredLabel ?? 255 };

    internal override void Target(ReadOnlySpan<byte> mask, int width, Span<byte> target) => Derive(mask, width, Widening, target);

    // One pixel of the small mask is an edge if any pixel of its area is: a vote would lose every line.
    internal override byte[] Resize(byte[] mask, int width, int height, int newWidth, int newHeight)
    {
        if (Source != EdgeSource.Edges)
        {
            return base.Resize(mask, width, height, newWidth, newHeight);
        }

        byte[] result = new byte[newWidth * newHeight];
        for (int i = 0; i < mask.Length; i++)
        {
            (int y, int x) = Math.DivRem(i, width);
            int first = (int)((long)x * newWidth / width), last = Math.Max(first, (int)((((long)x + 1) * newWidth - 1) / width));
            int top = (int)((long)y * newHeight / height), bottom = Math.Max(top, (int)((((long)y + 1) * newHeight - 1) / height));
            for (int row = top; row <= bottom && mask[i] > SaliencyMask.Threshold; row++)
            {
                result.AsSpan((row * newWidth) + first, last - first + 1).Fill(255);
            }
        }

        return result;
    }

    internal override TaskLearner Learner(DataSurvey survey, float distillationWeight) => new EdgesLearner(EdgeWeight);

    private protected override TaskMetricsAccumulator Accumulator(TaskHead head, bool forValidation) => new TaskMetricsAccumulator<EdgeMetricsAccumulator, EdgeMetrics>(head, new() { Masks = NewSurvey(head.Channels) })
    {
        AddMap = (all, name, map, mask, width, height) =>
        {
            (byte[] edges, byte[] ignored) = Annotation(mask, width);
            all.Add(name, map, [edges], width, height, ignored);
            all.Masks?.Add(mask);
        },
    };

    /// <summary>What a map is measured by: where its edges are, without widening, and which pixels take no part.</summary>
    /// <param name="mask">The mask.</param>
    /// <param name="width">Pixels in a row.</param>
    /// <returns>Two maps of the mask's size, 1 where there is an edge and where a pixel is ignored.</returns>
    public (byte[] Edges, byte[] Ignored) Annotation(ReadOnlySpan<byte> mask, int width)
    {
        byte[] derived = new byte[mask.Length];
        Derive(mask, width, widening: 0, derived);
        return ([.. derived.Select(value => value == EdgeLoss.Edge ? (byte)1 : (byte)0)], [.. derived.Select(value => value == EdgeLoss.Ignored ? (byte)1 : (byte)0)]);
    }

    /// <inheritdoc/>
    public override byte[] Shown(ReadOnlySpan<byte> mask, int width) => [.. Annotation(mask, width).Edges.Select(edge => (byte)(255 * edge))];

    private void Derive(ReadOnlySpan<byte> mask, int width, int widening, Span<byte> edges)
    {
        if (Source == EdgeSource.Classes)
        {
            EdgeMasks.Derive(mask, width, IgnoreLabel, widening, edges);
            return;
        }

        byte[] objects = new byte[mask.Length];
        for (int i = 0; i < mask.Length; i++)
        {
            objects[i] = mask[i] > SaliencyMask.Threshold ? EdgeLoss.Edge : (byte)0;
        }

        if (Source == EdgeSource.Objects)
        {
            EdgeMasks.Derive(objects, width, ignoreLabel: 255, widening, edges);
        }
        else
        {
            objects.CopyTo(edges);
        }
    }

    private sealed class EdgesLearner(float? edgeWeight) : TaskLearner
    {
        public override double Loss(TrainingPass pass, TrainingValue logits, byte[] masks, float[]? teacher) => EdgeLoss.Run(pass, logits, masks, edgeWeight);
    }
}
