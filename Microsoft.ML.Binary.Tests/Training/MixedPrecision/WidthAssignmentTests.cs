using System.Collections.Immutable;
using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Training.MixedPrecision;

namespace Microsoft.ML.Binary.Tests.Training.MixedPrecision;

/// <summary>What becomes of the gates: moves of channels between widths, and groups of them.</summary>
[TestClass]
public sealed class WidthAssignmentTests
{
    [TestMethod]
    public void EveryHeadOfAttentionKeepsAChannel()
    {
        DenseGraph search = WidthGraphs.ToSearch(TinyTask.Graph(), [0, 1, 2]);
        foreach (SearchConvolution node in search.Nodes.OfType<SearchConvolution>())
        {
            node.GateLogits.Values.AsSpan(0, node.Weight.Shape[0]).Fill(5);
        }

        ImmutableArray<GateGroup> groups = GateGroup.Of(search, 64, 64);
        WidthAssignment assignment = new(groups, WidthCost.Size);
        Assert.IsTrue(groups.Any(group => group.Heads > 0 && group.Nodes.Length == 2));
        for (int g = 0; g < groups.Length; g++)
        {
            Assert.AreEqual(groups[g].Heads, assignment.Of(g).Count(p => p > 0), groups[g].Nodes[0].Name);
        }

        Assert.AreEqual(WidthAssignment.Lowest(groups, WidthCost.Size), assignment.Cost);
        assignment.Fit(0);
        Assert.AreEqual(WidthAssignment.Lowest(groups, WidthCost.Size), assignment.Cost, "nothing more can be taken");
    }

    [TestMethod]
    public void ChannelsMoveUpWhereThatIsFree()
    {
        DenseGraph search = WidthGraphs.ToSearch(TinyTask.Graph(), [0, 2, 8]);
        RandomStream random = new(2);
        foreach (Parameter gates in search.Parameters.Where(p => p.Role == ParameterRole.Architecture))
        {
            for (int i = 0; i < gates.Values.Length; i++)
            {
                gates.Values[i] = random.NextSingle(0, 1);
            }
        }

        ImmutableArray<GateGroup> groups = GateGroup.Of(search, 64, 64);
        GroupsOfFour cost = new();
        WidthAssignment assignment = new(groups, cost);
        double before = assignment.Cost;
        int bits = Bits(groups, assignment);
        assignment.Promote();
        Assert.IsLessThanOrEqualTo(before, assignment.Cost);
        Assert.IsGreaterThan(bits, Bits(groups, assignment));
        for (int g = 0; g < groups.Length; g++)
        {
            if (groups[g].Channels % 4 == 0)
            {
                Assert.IsTrue(Enumerable.Range(1, 2).All(p => assignment.Of(g).Count(chosen => chosen == p) % 4 == 0), $"{groups[g].Nodes[0].Name}: whole groups");
            }
        }
    }

    [TestMethod]
    public void WhatWasPrunedBeforeDoesNotComeBackToFillGroups()
    {
        DenseGraph search = WidthGraphs.ToSearch(TinyTask.Graph(), [0, 1, 2], GateStart.Present, keepsPruning: true);
        foreach (SearchConvolution node in search.Nodes.OfType<SearchConvolution>())
        {
            // As of a network of which every fourth channel is pruned: of eight, the second group of four has two.
            int channels = node.Weight.Shape[0];
            for (int i = 0; i < node.GateLogits.Values.Length; i++)
            {
                (int precision, int channel) = (i / channels, i % channels);
                node.GateLogits.Values[i] = (precision == 0) != (channel % 4 == 3) ? -WidthGraphs.Settled : precision == 2 ? 0 : 1;
            }
        }

        ImmutableArray<GateGroup> groups = GateGroup.Of(search, 64, 64);
        WidthAssignment assignment = new(groups, new GroupsOfFour());
        assignment.Promote();
        for (int g = 0; g < groups.Length; g++)
        {
            Assert.IsTrue(Enumerable.Range(0, groups[g].Channels).All(c => (assignment.Of(g)[c] == 0) == (c % 4 == 3)), groups[g].Nodes[0].Name);
        }
    }

    [TestMethod]
    public void GroupsThatKernelsMakeAreFilled()
    {
        DenseGraph search = WidthGraphs.ToSearch(TinyTask.Graph(), [0, 1]);
        RandomStream random = new(3);
        foreach (SearchConvolution node in search.Nodes.OfType<SearchConvolution>())
        {
            for (int i = 0; i < node.GateLogits.Values.Length; i++)
            {
                node.GateLogits.Values[i] = random.NextSingle(0, 1);
            }
        }

        WidthCost cost = Table().Cost();
        ImmutableArray<GateGroup> groups = GateGroup.Of(search, 64, 64);
        WidthAssignment assignment = new(groups, cost);
        Assert.IsGreaterThan(0, assignment.Gaps);
        double limit = 0.8 * assignment.Cost;
        assignment.Fit(limit);
        assignment.Fill(limit);
        Assert.IsLessThanOrEqualTo(limit, assignment.Cost);
        Assert.AreEqual(0, assignment.Gaps, 1e-6 * limit);
    }

    [TestMethod]
    public void AKernelTakesAsLongForAGroupAsForAnyPartOfIt()
    {
        WidthCost cost = Table().Cost();
        ConvolutionShape shape = new("layer", 16, 48, new(3), 8, 8);
        double group = cost.Of(shape, [1, 1, 1, 1]);
        Assert.AreEqual(4 * 64 * (2 * 16 * 9 + 3), group, 1e-6);
        Assert.AreEqual(group, cost.Of(shape, [0, 1, 0, 1, 1, 0, 0, 0, 0, 0, 0, 0]), 1e-6);
        Assert.AreEqual(2 * group, cost.Of(shape, [1, 1, 0, 1, 1, 1, 0, 0, 0, 0, 0, 0]), 1e-6);
        Assert.AreEqual(2 * group, cost.Of(shape, [1, .. Enumerable.Repeat((byte)0, 46), 1]), 1e-6, "of two blocks");
        Assert.AreEqual(0, cost.Of(shape, Enumerable.Repeat((byte)0, 48)), 1e-6);
    }

    private static LatencyTable Table() => new(
        LatencyTable.ThisCpu, LatencyTable.ThisPath, "2026-01-01", [.. from kind in LatencyTable.Kinds from bits in new[] { 1, 2, 4, 8 } select new LatencyEntry(kind, bits, 2 * bits, 3)], 0);

    private static int Bits(ImmutableArray<GateGroup> groups, WidthAssignment assignment) =>
        Enumerable.Range(0, groups.Length).Sum(g => assignment.Of(g).Sum(p => groups[g].Precisions[p]));
}
