using System.Text.Json;
using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Training;
using Microsoft.ML.Binary.Training.Data;

namespace Microsoft.ML.Binary.Tests.Training;

/// <summary>A task that the library does not have: how far the next border is, learned by absolute error. It takes the place of edges in a network.</summary>
internal sealed record MadeUpTask : TrainingTask
{
    public override DenseTask Task => DenseTask.Edges;

    public override string MeasureName => "MAE";

    public override bool LowerIsBetter => true;

    /// <summary>The distance in pixels that counts as 1.</summary>
    public int Reach { get; init; } = 8;

    public override bool CanBeDerived => true;

    internal override byte? IgnoredLabel => null;

    internal override bool HasOwnTarget => true;

    private protected override IReadOnlyList<TaskOption> Options =>
        [new("reach", nameof(Reach), "an integer from 1 to 64", Reach, value => value is >= 1 and <= 64 && float.IsInteger(value), value => this with { Reach = (int)value })];

    public override byte[] Shown(ReadOnlySpan<byte> mask, int width)
    {
        byte[] shown = new byte[mask.Length];
        Target(mask, width, shown);
        return shown;
    }

    internal override MadeUpTask On(TrainingTask owner) => this;

    // City-block distance in two passes.
    internal override void Target(ReadOnlySpan<byte> mask, int width, Span<byte> target)
    {
        int[] distance = new int[mask.Length];
        for (int i = 0; i < mask.Length; i++)
        {
            bool border = (i % width > 0 && mask[i] != mask[i - 1]) || (i >= width && mask[i] != mask[i - width]);
            distance[i] = border ? 0 : Math.Min(i % width > 0 ? distance[i - 1] + 1 : Reach, i >= width ? distance[i - width] + 1 : Reach);
        }

        for (int i = mask.Length - 1; i >= 0; i--)
        {
            int right = (i + 1) % width > 0 ? distance[i + 1] + 1 : Reach, below = i + width < mask.Length ? distance[i + width] + 1 : Reach;
            distance[i] = Math.Min(distance[i], Math.Min(right, below));
            target[i] = (byte)(255 * Math.Min(distance[i], Reach) / Reach);
        }
    }

    internal override TaskLearner Learner(DataSurvey survey, float distillationWeight) => new AbsoluteError();

    private protected override TaskMetricsAccumulator Accumulator(TaskHead head, bool forValidation) => new TaskMetricsAccumulator<MadeUpAccumulator, MadeUpMetrics>(head, new())
    {
        AddMap = (all, _, map, mask, width, _) => all.Add(map, Shown(mask, width)),
    };

    private sealed class AbsoluteError : TaskLearner
    {
        public override double Loss(TrainingPass pass, TrainingValue logits, byte[] masks, float[]? teacher)
        {
            pass.BeginGradient(logits);
            double[] losses = new double[logits.Images];
            pass.For(logits.Images, image =>
            {
                ReadOnlySpan<float> z = logits.Plane(image, 0);
                Span<float> gradient = logits.GradientPlane(image, 0);
                float[] map = [.. z.ToArray().Select(value => 1 / (1 + MathF.Exp(-value)))];
                float[] truth = [.. masks.Skip(image * logits.Pixels).Take(logits.Pixels).Select(value => value / 255f)];
                losses[image] = AbsoluteErrorLoss.Run(map, truth, ignored: -1, gradient);
                for (int i = 0; i < z.Length; i++)
                {
                    gradient[i] *= map[i] * (1 - map[i]) / logits.Images;
                }
            });
            return losses.Average();
        }
    }
}

/// <summary>The mean absolute error over the valid pixels: what a map of depths would be learned by, for which there are no data here.</summary>
internal static class AbsoluteErrorLoss
{
    public static double Run(ReadOnlySpan<float> map, ReadOnlySpan<float> truth, float ignored, Span<float> gradient)
    {
        int valid = truth.Length - truth.Count(ignored);
        double sum = 0;
        for (int i = 0; i < map.Length; i++)
        {
            float error = truth[i] == ignored ? 0 : map[i] - truth[i];
            sum += Math.Abs(error);
            gradient[i] = (float)Math.Sign(error) / valid;
        }

        return sum / valid;
    }
}

/// <summary>Its measures.</summary>
internal sealed class MadeUpMeasure : Measure<MadeUpMetrics>
{
    private MadeUpMeasure(string name, string title, Func<MadeUpMetrics, double> of, bool lowerIsBetter = false)
        : base(name, title, of, lowerIsBetter)
    {
    }

    public static MadeUpMeasure Closeness { get; } = new(nameof(Closeness), "Closeness", metrics => 1 - metrics.MeanAbsoluteError);

    public static MadeUpMeasure MeanAbsoluteError { get; } = new(nameof(MeanAbsoluteError), "Mean absolute error", metrics => metrics.MeanAbsoluteError, lowerIsBetter: true);
}

/// <summary>Its metrics.</summary>
internal sealed class MadeUpMetrics(long pixels, double error) : DenseMetrics<MadeUpMetrics>
{
    public double MeanAbsoluteError => error / pixels;

    private protected override IEnumerable<MadeUpMeasure> Measures => [MadeUpMeasure.Closeness, MadeUpMeasure.MeanAbsoluteError];

    private protected override MadeUpMeasure Compared => MadeUpMeasure.Closeness;

    private protected override MadeUpMeasure Validated => MadeUpMeasure.MeanAbsoluteError;

    private protected override void WriteDetails(Utf8JsonWriter json) => json.WriteNumber("pixelCount", pixels);
}

/// <summary>Its accumulator.</summary>
internal sealed class MadeUpAccumulator : IMetricsAccumulator<MadeUpAccumulator, MadeUpMetrics>
{
    private long _pixels;
    private double _error;

    public void Add(ReadOnlySpan<float> map, ReadOnlySpan<byte> truth)
    {
        for (int i = 0; i < map.Length; i++)
        {
            _error += Math.Abs(map[i] - (truth[i] / 255.0));
        }

        _pixels += map.Length;
    }

    public void Merge(MadeUpAccumulator other) => (_pixels, _error) = (_pixels + other._pixels, _error + other._error);

    public MadeUpMetrics ToMetrics() => new(_pixels, _error);
}
