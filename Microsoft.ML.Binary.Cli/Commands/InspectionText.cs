using System.Collections.Immutable;
using Microsoft.ML.Binary.Cli.Options;
using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Messages;
using Microsoft.ML.Binary.Training.MixedPrecision;
using static System.FormattableString;

namespace Microsoft.ML.Binary.Cli.Commands;

/// <summary>What <c>mlbinary inspect</c> shows.</summary>
internal static class InspectionText
{
    private static readonly string[] Header = ["layer", "operation", "output", "one-bit", "float", "binary MACs", "float MACs"];

    public static IEnumerable<string> Lines(ModelSource source, ImageDimensions size, GraphCost cost, LatencyTable? latency = null)
    {
        DenseNetwork network = source.Network;
        if (source.Card is { } card)
        {
            foreach (string line in card.Text.Split('\n'))
            {
                yield return line;
            }

            yield return "";
        }

        yield return $"{SafeText.OneLine(source.Name)}: {network.Task}{(network.ClassNames.IsEmpty ? "" : $", {Plural.Of(network.ClassNames.Length, "class", "classes")}: {string.Join(", ", network.ClassNames.Select(SafeText.OneLine))}")}";
        foreach (TaskHead head in network.Heads.Length > 1 ? network.Heads : [])
        {
            MacCount macs = network.CostOf(head, cost).Macs;
            yield return Invariant($"head '{head.Name}': {head.Task.Name}{(head.ClassNames.IsEmpty ? "" : $", {Plural.Of(head.ClassNames.Length, "class", "classes")}")}; of its own {macs.Binary:N0} binary + {macs.Float:N0} float MACs");
        }

        if (!network.Provenance.IsEmpty)
        {
            yield return string.Join(", ", network.Provenance.Select(fact => SafeText.OneLine($"{fact.Key} {fact.Value}")));
        }

        yield return $"images seen at {source.Views.Describe(network)}";
        yield return "";
        foreach (string line in Table(cost))
        {
            yield return line;
        }

        foreach (string line in Widths(network.Graph, cost, latency))
        {
            yield return line;
        }

        long bits = cost.OneBitParameters + 32 * cost.FloatParameters;
        yield return "";
        yield return Invariant($"parameters    {cost.OneBitParameters:N0} one-bit + {cost.FloatParameters:N0} float = {bits:N0} bits ({bits / 8:N0} bytes)");
        yield return Invariant($"MACs          {cost.Macs.Binary:N0} binary + {cost.Macs.Float:N0} float at {size} (padded to {cost.Width}x{cost.Height})");
        yield return Invariant($"weighted      {cost.Macs.Weighted:N0}, a binary MAC counted as 1/{MacCount.BinaryPerFloat}");
        foreach (AttentionCost attention in cost.Attentions)
        {
            foreach (string line in Attention(attention))
            {
                yield return line;
            }
        }

        string file = source.FileBytes is { } bytes ? Invariant($"{bytes:N0} bytes; ") : "";
        yield return Invariant($"file          {file}as a network file {network.ToBytes().Length:N0} bytes");
    }

    /// <summary>How many channels of each convolution of few bits have each width, where not all have one bit and read signs, and what time is predicted by a table.</summary>
    private static IEnumerable<string> Widths(DenseGraph graph, GraphCost cost, LatencyTable? latency)
    {
        ImmutableArray<ConvolutionWidths> layers = ConvolutionWidths.Of(graph, cost.Height, cost.Width);
        if (layers.IsEmpty && latency is not null)
        {
            yield return "";
            yield return "predicted     no time, as the network has no convolutions of signs or of few bits";
        }

        if (layers.IsEmpty || (latency is null && layers.All(layer => layer.Shape.ActivationBits == 1 && layer.Bits.All(bits => bits == 1))))
        {
            yield break;
        }

        yield return "";
        yield return "channels of each width in bits";
        int longest = layers.Max(layer => SafeText.OneLine(layer.Shape.Name).Length), counts = layers.Max(layer => layer.ToString().Length);
        WidthCost? time = latency?.Cost();
        foreach (ConvolutionWidths layer in layers)
        {
            string predicted = time is null ? "" : Invariant($"  {time.Of(layer.Shape, layer.Bits) / 1e6:0.000} ms");
            yield return Invariant($"{SafeText.OneLine(layer.Shape.Name).PadRight(longest)}  {layer.ToString().PadRight(counts)}  {layer.Bits.Sum(b => (long)b) * layer.Shape.Products,10:N0} bits{predicted}{(layer.Shape.ActivationBits == 1 ? "" : $"  activations of {layer.Shape.ActivationBits} bits")}");
        }

        if (time is not null)
        {
            yield return Invariant($"predicted     {layers.Sum(layer => time.Of(layer.Shape, layer.Bits)) / 1e6:0.00} ms for all of them at {cost.Width}x{cost.Height}, one thread");
        }
    }

    private static IEnumerable<string> Table(GraphCost cost)
    {
        string[][] rows = [Header, .. cost.Nodes.Select(Row)];
        int[] widths = [.. Header.Select((_, column) => rows.Max(row => row[column].Length))];
        return rows.Select(row => string.Join("  ", row.Select((cell, column) =>
            column < 2 ? cell.PadRight(widths[column]) : cell.PadLeft(widths[column]))));
    }

    private static string[] Row(NodeCost node) =>
    [
        SafeText.OneLine(node.Name), node.Operation, $"{node.Channels}x{node.Height}x{node.Width}",
        Number(node.OneBitParameters), Number(node.FloatParameters), Number(node.Macs.Binary), Number(node.Macs.Float),
    ];

    private static string Number(long value) => value == 0 ? "" : Invariant($"{value:N0}");

    private static IEnumerable<string> Attention(AttentionCost cost)
    {
        MacCount reduced = cost.Scores + cost.Mixing, full = cost.FullScores + cost.FullMixing;
        yield return Invariant($"attention     {SafeText.OneLine(cost.Name)}: {cost.Queries:N0} queries on {cost.Keys:N0} keys; Q K^T and A V take {reduced.Binary:N0} binary + {reduced.Float:N0} float MACs");
        yield return Invariant($"              full attention: {full.Float:N0} float MACs, {cost.Reduction:0.0} times as many weighted, {cost.RawReduction:0.0} times as many counted one by one");
        yield return Invariant($"              projections: {cost.Projections.Binary:N0} binary + {cost.Projections.Float:N0} float MACs; of full attention {cost.FullProjections.Float:N0} float");
    }
}
