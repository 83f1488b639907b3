using System.Collections.Immutable;
using System.Numerics.Tensors;
using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Training.Operations;

namespace Microsoft.ML.Binary.Training.MixedPrecision;

/// <summary>What a search adds to a training run.</summary>
/// <param name="Options">How to search.</param>
/// <param name="Strength">Weight of the cost, where there is no limit.</param>
internal sealed record GateSearchPlan(MixedPrecisionOptions Options, double Strength)
{
    public string Key => Options.KeyOf(Strength);
}

/// <summary>
/// A search within a training run: its phases, the cost in the loss, and the gates with an optimiser of their own. All that it does follows from the part
/// of the budget used up and from <see cref="State"/>, so that a resumed run goes on as if nothing had happened.
/// </summary>
internal sealed class GateSearch
{
    // Costs are spread over channels, and gradients over steps: with this, gates go about as far whatever the number of either.
    private const double UsualRate = 1;

    private readonly GateSearchPlan _plan;
    private readonly ImmutableArray<GateGroup> _groups;
    private readonly Dictionary<SearchConvolution, SearchConvolutionOperation> _operations;
    private readonly TrainingNetwork _network;
    private readonly float[][] _momentum;

    // The phase that the last step belonged to, and the step at which widths were settled.
    private readonly float[] _marks = [0, 0];
    private readonly double _unit;
    private double _temperature;

    public GateSearch(GateSearchPlan plan, TrainingNetwork network)
    {
        MixedPrecisionOptions options = plan.Options;
        (_plan, _network) = (plan, network);
        _groups = GateGroup.Of(network.Graph, options.ImageHeight, options.ImageWidth);
        _operations = network.Searched.ToDictionary(operation => operation.Node);
        _momentum = [.. _groups.Select(group => new float[group.Logits.Length])];
        _unit = UnitOf(_groups, options.Cost);
        if (options.Limit is { } limit)
        {
            CheckLimit(_groups, options.Cost, limit);
        }
    }

    /// <summary>What has to be kept to go on from here, beside the parameters.</summary>
    public IEnumerable<float[]> State => [.. _momentum, _marks];

    /// <summary>The step at which widths were settled, or 0; averages of weights start anew there.</summary>
    public int SettledAt => (int)_marks[1];

    private SearchPhase Phase => (SearchPhase)(int)_marks[0];

    /// <summary>The cost of the network with one bit in every channel.</summary>
    public static double UnitOf(IEnumerable<GateGroup> groups, WidthCost cost) =>
        groups.Sum(group => group.Shapes.Sum(shape => cost.Of(shape, Enumerable.Repeat((byte)1, shape.Outputs))));

    /// <summary>Checks that there are networks within a limit.</summary>
    /// <exception cref="ArgumentException">There are none.</exception>
    public static void CheckLimit(IReadOnlyList<GateGroup> groups, WidthCost cost, double limit)
    {
        double lowest = WidthAssignment.Lowest(groups, cost);
        if (!(limit >= lowest))
        {
            throw new ArgumentException(FormattableString.Invariant(
                $"A limit of {limit:#,0.###} {cost.Unit} is below the smallest network that the precisions allow, which has {lowest:#,0.###}. Raise the limit, or start from a smaller network."), nameof(limit));
        }
    }

    /// <summary>Sets what convolutions make of their gates in a step, after what has to be done where a phase begins.</summary>
    public void Begin(double fraction, int step, long batch)
    {
        MixedPrecisionOptions options = _plan.Options;
        SearchPhase phase = fraction < options.WarmUp ? SearchPhase.WarmUp : fraction < 1 - options.FineTuning ? SearchPhase.Search : SearchPhase.FineTuning;
        if (Phase < SearchPhase.Search && phase >= SearchPhase.Search)
        {
            Compensate();
        }

        if (Phase < SearchPhase.FineTuning && phase == SearchPhase.FineTuning)
        {
            Settle();
            _marks[1] = step;
        }

        _marks[0] = (float)phase;
        _temperature = SearchSchedule.Temperature(Progress(fraction), options.FirstTemperature, options.LastTemperature);
        _network.Pass.Widths = new(phase, _temperature, options.Sampling, options.StopsAtZero, options.Training.Seed, batch);
    }

    /// <summary>Between steps, what is measured is the network with the widths that count.</summary>
    public void Rest() => _network.Pass.Widths = WidthMixing.Settled;

    /// <summary>Settles the widths of a run that ends before its fine-tuning.</summary>
    public void End(int step)
    {
        if (Phase < SearchPhase.FineTuning && step > 0)
        {
            Settle();
            (_marks[0], _marks[1]) = ((float)SearchPhase.FineTuning, step);
        }

        Rest();
    }

    /// <summary>Adds the cost to the loss, and its gradient to that of the gates.</summary>
    public double AddCost(double fraction)
    {
        if (Phase != SearchPhase.Search)
        {
            return 0;
        }

        // A limit is meant for the network that would come of the gates now, with its gaps.
        MixedPrecisionOptions options = _plan.Options;
        double[][] gradients = [.. _groups.Select(group => new double[group.Precisions.Length])];
        double cost = options.Limit is null ? 0 : new WidthAssignment(_groups, options.Cost).Gaps;
        for (int g = 0; g < _groups.Length; g++)
        {
            cost += _groups[g].CostOf(options.Cost, Counts(_operations[_groups[g].Nodes[0]].Gates), gradients[g]);
        }

        double progress = Progress(fraction), weight = SearchSchedule.Ramp(progress) * (options.Limit is null ? _plan.Strength : options.LimitStrength) / _unit;
        double loss = options.Limit is { } limit ? SearchSchedule.Excess(cost / _unit, limit / _unit, options.LimitStrength, progress) : weight * cost;
        if (options.Limit is null || loss > 0)
        {
            for (int g = 0; g < _groups.Length; g++)
            {
                WidthGates gates = _operations[_groups[g].Nodes[0]].Gates;
                for (int p = 0; p < gates.Precisions; p++)
                {
                    Span<float> row = gates.ThetaGradient.AsSpan(p * gates.Channels, gates.Channels);
                    TensorPrimitives.Add(row, (float)(weight * gradients[g][p]), row);
                }
            }
        }

        return loss;
    }

    /// <summary>Changes the gates once: stochastic gradient descent with momentum.</summary>
    /// <param name="totalSteps">Steps of the whole run.</param>
    public void Step(int totalSteps)
    {
        if (Phase != SearchPhase.Search)
        {
            return;
        }

        MixedPrecisionOptions options = _plan.Options;
        float rate = options.GateLearningRate ?? (float)(UsualRate * _temperature * _groups.Sum(group => group.Channels) / Math.Max(1, totalSteps * (1 - options.WarmUp - options.FineTuning)));
        for (int g = 0; g < _groups.Length; g++)
        {
            float[] momentum = _momentum[g];
            TensorPrimitives.Multiply(momentum, options.GateMomentum, momentum);
            foreach (SearchConvolution node in _groups[g].Nodes)
            {
                TensorPrimitives.Add(momentum, _network.Gradients[node.GateLogits], momentum);
            }

            foreach (SearchConvolution node in _groups[g].Nodes)
            {
                TensorPrimitives.MultiplyAdd(momentum, -rate, node.GateLogits.Values, node.GateLogits.Values);
            }
        }
    }

    private static double[] Counts(WidthGates gates)
    {
        double[] counts = new double[gates.Precisions];
        for (int i = 0; i < gates.Theta.Length; i++)
        {
            counts[i / gates.Channels] += gates.Theta[i];
        }

        return counts;
    }

    private double Progress(double fraction) =>
        Math.Clamp((fraction - _plan.Options.WarmUp) / (1 - _plan.Options.WarmUp - _plan.Options.FineTuning), 0, 1);

    /// <summary>What no bits will take from channels is given to the batch norms after them first, so that they start as large as they were.</summary>
    private void Compensate()
    {
        foreach (SearchConvolution node in _groups.SelectMany(group => group.Nodes).Where(node => node.Precisions[0] == 0))
        {
            WidthGates gates = new(node.Precisions.Length, node.Weight.Shape[0]);
            gates.Update(node.GateLogits.Values, _plan.Options.FirstTemperature, GateSampling.Soft);
            foreach (BatchNorm norm in WidthGraphs.NormsAfter(_network.Graph, node))
            {
                for (int c = 0; c < gates.Channels; c++)
                {
                    // Of a channel that is pruned from the start nothing is left to be given.
                    norm.Gamma.Values[c] /= gates.Theta[c] < 1 ? 1 - gates.Theta[c] : 1;
                }
            }
        }
    }

    private void Settle()
    {
        MixedPrecisionOptions options = _plan.Options;
        WidthAssignment assignment = new(_groups, options.Cost);
        if (options.Limit is { } limit)
        {
            assignment.Fit(limit);
        }

        assignment.Promote();
        assignment.Fill(options.Limit ?? assignment.Cost);
        assignment.WriteGates();
    }
}
