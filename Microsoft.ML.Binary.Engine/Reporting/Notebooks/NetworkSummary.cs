using System.Globalization;
using Microsoft.ML.Binary.Graph;
using static System.FormattableString;

namespace Microsoft.ML.Binary.Reporting.Notebooks;

/// <summary>A network at a glance: what it tells, what it weighs and costs, its layers to unfold.</summary>
internal static class NetworkSummary
{
    // Costs grow with the image; this is the size that the documentation gives them for.
    private const int UsualWidth = 480, UsualHeight = 360;

    public static void Write(HtmlWriter html, DenseNetwork network)
    {
        GraphCost cost = CostModel.Measure(network.Graph, UsualHeight, UsualWidth);
        long bytes = (cost.OneBitParameters + (32 * cost.FloatParameters) + 7) / 8;
        FigureCard.WriteAll(
            html,
            new("Network", string.Join(" + ", network.Heads.Select(head => head.Task.Name)), $"images seen at {(network.WorkingSize.IsOwn ? "their own size" : $"a longest side of {network.WorkingSize}")}{(network.Exposure.IsAsIs ? "" : $", exposure {network.Exposure}")}"),
            new("Weights", Invariant($"{bytes / 1024.0:N0} KiB"), Invariant($"{cost.OneBitParameters:N0} of one bit, {cost.FloatParameters:N0} real")),
            new("One image", Invariant($"{cost.Macs.Weighted / 1e6:N0} M MAC"), Invariant($"at {UsualWidth}x{UsualHeight}; of one bit {cost.Macs.Binary:N0}, counted as 1/{MacCount.BinaryPerFloat}")));
        foreach (TaskHead head in network.Heads)
        {
            HtmlLegend.Write(
                html, head.ClassNames.Select((name, i) => (name, head.Palette.IsEmpty ? Imaging.Palette.Default.ColorOf((byte)i).ToString() : head.Palette[i])));
        }

        if (!network.Provenance.IsEmpty)
        {
            FactList.Write(html, network.Provenance.Select(fact => new ReportFact("Where it comes from", fact.Key, fact.Value)));
        }

        using (html.Open("div", ("class", "nests")))
        using (html.Open("details"))
        {
            html.Element("summary", string.Create(CultureInfo.InvariantCulture, $"{cost.Nodes.Length} layers"));
            html.Element("pre", string.Join('\n', cost.Nodes.Select(node => Invariant($"{node.Name,-34} {node.Operation,-22} {node.Channels}x{node.Height}x{node.Width}"))));
        }
    }
}
