using System.Collections.Immutable;
using Microsoft.ML.Binary.Graph;

namespace Microsoft.ML.Binary.Training.MixedPrecision;

/// <summary>
/// How to search for the width of every output channel (<see cref="MixedPrecisionSearch"/>). The defaults are those published with arXiv 2407.01054 but
/// for the precisions, which go down to one bit, the length of the phases, and the rate and, with a limit, the start of the gates.
/// </summary>
/// <example>
/// <code>
/// MixedPrecisionOptions options = new() { Cost = WidthCost.Size, Strengths = [1, 3, 10], Training = new() { Budget = TrainingBudget.OfSteps(3000) } };
/// </code>
/// </example>
public sealed record MixedPrecisionOptions
{
    /// <summary>How to train: the budget is that of one point, all phases together.</summary>
    public TrainingOptions Training { get; init; } = new();

    /// <summary>Ascending widths in bits to choose from, of 0 (prunes a channel), 1, 2, 4 and 8.</summary>
    public ImmutableArray<byte> Precisions { get; init; } = ChannelQuantizer.Widths;

    /// <summary>What is to be kept low.</summary>
    public WidthCost Cost { get; init; } = WidthCost.Size;

    /// <summary>
    /// Weights of the cost in the loss, each for a point of the front; above 0. The cost counts in units of that of the network with one bit in every
    /// channel. Not used where there is a <see cref="Limit"/>.
    /// </summary>
    public ImmutableArray<double> Strengths { get; init; } = [1];

    /// <summary>
    /// The highest cost that the result may have, in units of <see cref="Cost"/>; null for none. While it is exceeded, the excess is part of the loss, and
    /// what is still too much when the search is over is taken where the gates miss it least.
    /// </summary>
    public double? Limit { get; init; }

    /// <summary>Weight of the excess over <see cref="Limit"/> in the loss, above 0; the excess counts in the units of <see cref="Strengths"/>.</summary>
    public double LimitStrength { get; init; } = 3;

    /// <summary>Rows of the image that costs are counted for, at least 1.</summary>
    public int ImageHeight { get; init; } = 360;

    /// <summary>Columns of the image that costs are counted for, at least 1.</summary>
    public int ImageWidth { get; init; } = 480;

    /// <summary>Part of the budget in which weights are real, at least 0.</summary>
    public double WarmUp { get; init; } = 0.3;

    /// <summary>Part of the budget, at its end, in which widths are settled; at least 0, and with <see cref="WarmUp"/> below 1.</summary>
    public double FineTuning { get; init; } = 0.2;

    /// <summary>Temperature of the gates when the search starts, above 0.</summary>
    public double FirstTemperature { get; init; } = 1;

    /// <summary>Temperature when it ends, above 0; in between it falls geometrically.</summary>
    public double LastTemperature { get; init; } = 0.05;

    /// <summary>
    /// Learning rate of the gates (stochastic gradient descent without decay), above 0; published is 0.01. Null takes one by the number of channels and of
    /// steps, by which gates go about as far whatever these are.
    /// </summary>
    public float? GateLearningRate { get; init; }

    /// <summary>Where gates start; null for <see cref="GateStart.Present"/> where there is a <see cref="Limit"/>, else <see cref="GateStart.Widest"/>.</summary>
    public GateStart? Start { get; init; }

    /// <summary>
    /// Whether channels of no bits in the network to start from stay so and, as far as a limit allows, no others become so: for a network that was pruned
    /// before. <see cref="Precisions"/> must have 0 then.
    /// </summary>
    public bool KeepsPruning { get; init; }

    /// <summary>Momentum of the gates, at least 0 and below 1.</summary>
    public float GateMomentum { get; init; } = 0.9f;

    /// <summary>How precisions are mixed.</summary>
    public GateSampling Sampling { get; init; }

    /// <summary>Whether the share of no bits keeps its part of the gradient from the weights; published without.</summary>
    public bool StopsAtZero { get; init; }

    internal GateStart StartOrUsual => Start ?? (Limit is null ? GateStart.Widest : GateStart.Present);

    internal void Check()
    {
        WidthGraphs.CheckPrecisions(Precisions);
        TrainingOptions.Check(Limit is not null || !Strengths.IsDefaultOrEmpty, nameof(Strengths), "empty", "at least one weight where there is no Limit");
        foreach (double strength in Strengths.IsDefault ? [] : Strengths)
        {
            TrainingOptions.Check(strength > 0 && double.IsFinite(strength), nameof(Strengths), strength, "above 0 each");
        }

        TrainingOptions.Check(LimitStrength > 0 && double.IsFinite(LimitStrength), nameof(LimitStrength), LimitStrength, "above 0");
        TrainingOptions.Check(ImageHeight is >= 1 and <= 16384, nameof(ImageHeight), ImageHeight, "from 1 to 16384");
        TrainingOptions.Check(ImageWidth is >= 1 and <= 16384, nameof(ImageWidth), ImageWidth, "from 1 to 16384");
        TrainingOptions.Check(WarmUp >= 0 && WarmUp < 1, nameof(WarmUp), WarmUp, "at least 0 and below 1");
        TrainingOptions.Check(FineTuning >= 0 && WarmUp + FineTuning < 1, nameof(FineTuning), FineTuning, $"at least 0, and less than 1 together with WarmUp ({WarmUp})");
        TrainingOptions.Check(FirstTemperature > 0 && double.IsFinite(FirstTemperature), nameof(FirstTemperature), FirstTemperature, "above 0");
        TrainingOptions.Check(LastTemperature > 0 && double.IsFinite(LastTemperature), nameof(LastTemperature), LastTemperature, "above 0");
        TrainingOptions.Check(GateLearningRate is null || (GateLearningRate > 0 && float.IsFinite(GateLearningRate.Value)), nameof(GateLearningRate), GateLearningRate!, "above 0");
        TrainingOptions.Check(GateMomentum is >= 0 and < 1, nameof(GateMomentum), GateMomentum, "at least 0 and below 1");
        TrainingOptions.Check(Training.DeepSupervision == 0, nameof(Training.DeepSupervision), Training.DeepSupervision, "0 in a search");
        TrainingOptions.Check(Training.RestartPath is null, nameof(Training.RestartPath), $"'{Training.RestartPath}'", "null in a search, whose networks have widths to choose from");
        TrainingOptions.Check(Training.EarlyStopping is null, nameof(Training.EarlyStopping), "given", "null in a search, whose phases each have their time");
    }

    /// <summary>What of the options decides the result of a run, for its checkpoint.</summary>
    internal string KeyOf(double strength) => FormattableString.Invariant(
        $", search precisions {string.Join(' ', Precisions)}, cost {Cost.Key} at {ImageWidth}x{ImageHeight}, {(Limit is { } limit ? $"limit {limit} of weight {LimitStrength}" : $"strength {strength}")}, warm-up {WarmUp}, fine-tuning {FineTuning}, temperature {FirstTemperature} to {LastTemperature}, gates {GateLearningRate?.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? "usual"} {GateMomentum} {Sampling} {StartOrUsual}{(KeepsPruning ? " pruned before" : "")}{(StopsAtZero ? " stopped" : "")} promoted");
}
