using Microsoft.ML.Binary.Graph;

namespace Microsoft.ML.Binary.Training.MixedPrecision;

/// <summary>
/// The width of every channel when a search is over: what the gates prefer, then what keeps heads of attention alive, what a limit takes away, and what
/// costs nothing more.
/// </summary>
internal sealed class WidthAssignment
{
    private readonly IReadOnlyList<GateGroup> _groups;
    private readonly WidthCost _cost;
    private readonly int[][] _chosen;

    /// <summary>Takes what the gates prefer; of equal ones the lowest.</summary>
    public WidthAssignment(IReadOnlyList<GateGroup> groups, WidthCost cost)
    {
        (_groups, _cost) = (groups, cost);
        _chosen = [.. groups.Select(group => Enumerable.Range(0, group.Channels).Select(c => group.Nodes[0].Preferred(c)).ToArray())];
        for (int g = 0; g < groups.Count; g++)
        {
            KeepHeads(g);
        }
    }

    /// <summary>Index of the precision of each channel of a group.</summary>
    public IReadOnlyList<int> Of(int group) => _chosen[group];

    /// <summary>By how much the cost is more than it is by the numbers of channels alone: where kernels work on groups of them, these may have gaps.</summary>
    public double Gaps => Enumerable.Range(0, _groups.Count).Sum(g => CostOf(g) - _groups[g].CostOf(_cost, Counts(g), new double[_groups[g].Precisions.Length]));

    /// <summary>The cost of all.</summary>
    public double Cost => Enumerable.Range(0, _groups.Count).Sum(CostOf);

    /// <summary>The lowest cost that precisions and heads of attention allow.</summary>
    public static double Lowest(IReadOnlyList<GateGroup> groups, WidthCost cost)
    {
        WidthAssignment assignment = new(groups, cost);
        for (int g = 0; g < groups.Count; g++)
        {
            Array.Clear(assignment._chosen[g]);
            assignment.KeepHeads(g);
        }

        return assignment.Cost;
    }

    /// <summary>
    /// Makes channels narrower until the cost is within a limit: always where the gates' loss for what is saved is least. Heads of attention keep a
    /// channel.
    /// </summary>
    public void Fit(double limit)
    {
        double cost = Cost;
        while (cost > limit && BestMove(wider: false, room: 0) is { } move)
        {
            cost += CostAfter(move.Group, move.Channel, move.Precision);
            _chosen[move.Group][move.Channel] = move.Precision;
        }
    }

    /// <summary>Makes channels wider while a limit allows it: always where the gates' gain for what it costs is most.</summary>
    public void Fill(double limit)
    {
        double cost = Cost;
        while (BestMove(wider: true, room: limit - cost) is { } move)
        {
            cost += CostAfter(move.Group, move.Channel, move.Precision);
            _chosen[move.Group][move.Channel] = move.Precision;
        }
    }

    private (int Group, int Channel, int Precision)? BestMove(bool wider, double room)
    {
        (int Group, int Channel, int Precision)? best = null;
        double highest = double.NegativeInfinity;
        for (int g = 0; g < _groups.Count; g++)
        {
            GateGroup group = _groups[g];
            double[] gradient = new double[group.Precisions.Length];
            group.CostOf(_cost, Counts(g), gradient);
            for (int c = 0; c < group.Channels; c++)
            {
                int from = _chosen[g][c];
                for (int to = wider ? from + 1 : 0; wider ? to < gradient.Length : to < from; to++)
                {
                    if (!wider && group.Precisions[to] == 0 && IsLastOfHead(g, c))
                    {
                        continue;
                    }

                    double gain = Gain(group, c, from, to);
                    // Of a cost that counted a little more, or less, these would be the first to change.
                    double score = gain / Math.Max(Math.Abs(gradient[to] - gradient[from]), 1e-12);
                    if (score > highest && (!wider || (IsOpen(gain) && CostAfter(g, c, to) <= room)))
                    {
                        (best, highest) = ((g, c, to), score);
                    }
                }
            }
        }

        return best;
    }

    /// <summary>What the cost grows by where a channel gets another precision.</summary>
    private double CostAfter(int g, int channel, int precision)
    {
        int before = _chosen[g][channel];
        double cost = CostOf(g);
        _chosen[g][channel] = precision;
        cost = CostOf(g) - cost;
        _chosen[g][channel] = before;
        return cost;
    }

    /// <summary>
    /// In each group, moves channels to wider precisions where the cost gets lower by it, or stays and bits are gained, as where kernels work on groups of
    /// channels. Those that the gates would most like to see there move first.
    /// </summary>
    public void Promote()
    {
        for (int g = 0; g < _groups.Count; g++)
        {
            int precisions = _groups[g].Precisions.Length;
            bool moved = true;
            while (moved)
            {
                moved = false;
                for (int narrow = 0; narrow < precisions - 1 && !moved; narrow++)
                {
                    for (int wide = precisions - 1; wide > narrow && !moved; wide--)
                    {
                        moved = TryMove(g, narrow, wide);
                    }
                }
            }
        }
    }

    /// <summary>Makes the gates say what was chosen: 1 for that precision, 0 for the others.</summary>
    public void WriteGates()
    {
        for (int g = 0; g < _groups.Count; g++)
        {
            foreach (SearchConvolution node in _groups[g].Nodes)
            {
                Array.Clear(node.GateLogits.Values);
                for (int c = 0; c < _chosen[g].Length; c++)
                {
                    node.GateLogits.Values[_chosen[g][c] * _chosen[g].Length + c] = 1;
                }
            }
        }
    }

    private bool TryMove(int g, int narrow, int wide)
    {
        GateGroup group = _groups[g];
        int[] candidates =
        [
            .. Enumerable.Range(0, group.Channels).Where(c => _chosen[g][c] == narrow && IsOpen(Gain(group, c, narrow, wide)))
                .OrderByDescending(c => group.Logits[wide * group.Channels + c]),
        ];
        double before = CostOf(g), lowest = before;
        int best = 0;
        for (int n = 0; n < candidates.Length; n++)
        {
            _chosen[g][candidates[n]] = wide;
            double after = CostOf(g);
            if (after <= lowest)
            {
                (lowest, best) = (after, n + 1);
            }
        }

        foreach (int channel in candidates.Skip(best))
        {
            _chosen[g][channel] = narrow;
        }

        return best > 0;
    }

    /// <summary>By how much the gates of a channel prefer another precision.</summary>
    private static double Gain(GateGroup group, int channel, int from, int to) => group.Logits[to * group.Channels + channel] - group.Logits[from * group.Channels + channel];

    /// <summary>Whether gates leave a wider precision open: not to channels that are pruned for good.</summary>
    private static bool IsOpen(double gain) => gain > -WidthGraphs.Settled / 2;

    private double CostOf(int g) => _groups[g].CostOf(_cost, _chosen[g]);

    private double[] Counts(int g)
    {
        double[] counts = new double[_groups[g].Precisions.Length];
        foreach (int p in _chosen[g])
        {
            counts[p]++;
        }

        return counts;
    }

    private IEnumerable<int> HeadOf(int g, int channel)
    {
        int size = _groups[g].Channels / _groups[g].Heads;
        return Enumerable.Range(channel / size * size, size);
    }

    private bool IsLastOfHead(int g, int channel) => _groups[g].Heads > 0 && HeadOf(g, channel).All(c => c == channel || _chosen[g][c] == 0);

    private void KeepHeads(int g)
    {
        GateGroup group = _groups[g];
        if (group.Heads == 0 || group.Precisions[0] != 0)
        {
            return;
        }

        for (int head = 0; head < group.Heads; head++)
        {
            int[] channels = [.. HeadOf(g, head * (group.Channels / group.Heads))];
            if (channels.All(c => _chosen[g][c] == 0))
            {
                int kept = channels.MaxBy(c => group.Logits[group.Nodes[0].Preferred(c, first: 1) * group.Channels + c] - group.Logits[c]);
                _chosen[g][kept] = 1;
            }
        }
    }
}
