using Microsoft.ML.Binary.Cli.Options;
using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Training.MixedPrecision;

namespace Microsoft.ML.Binary.Cli.Commands;

/// <summary>What <c>mlbinary inspect --json</c> writes.</summary>
internal static class InspectionJson
{
    public static void Write(string path, ModelSource source, ImageDimensions size, GraphCost cost, LatencyTable? latency = null) => JsonFile.Write(path, new
    {
        Model = source.Name,
        Task = source.Network.Task.ToString().ToLowerInvariant(),
        source.Network.ClassNames,
        source.Network.Palette,
        Heads = source.Network.Heads.Select(head => new
        {
            head.Name,
            Task = head.Task.Name,
            head.ClassNames,
            OwnParameters = new { OneBit = source.Network.CostOf(head, cost).OneBitParameters, Float = source.Network.CostOf(head, cost).FloatParameters },
            OwnMacs = Macs(source.Network.CostOf(head, cost).Macs),
        }),
        WorkingSize = source.WorkingSize.IsOwn ? (int?)null : source.WorkingSize.LongestSide,
        Exposure = source.Network.Exposure.IsAsIs ? (int?)null : source.Network.Exposure.Mean,
        source.Network.Provenance,
        Card = source.Card is { } card ? new { card.Summary, card.Figures, card.Data, card.Terms, card.Training, card.IntendedUse, card.Limits } : null,
        size.Width,
        size.Height,
        PaddedWidth = cost.Width,
        PaddedHeight = cost.Height,
        Parameters = new { OneBit = cost.OneBitParameters, Float = cost.FloatParameters },
        Bits = cost.OneBitParameters + 32 * cost.FloatParameters,
        Macs = Macs(cost.Macs),
        cost.BytesMoved,
        Attention = cost.Attentions.Select(attention => new
        {
            attention.Name,
            attention.Queries,
            attention.Keys,
            Macs = Macs(attention.Scores + attention.Mixing),
            ProjectionMacs = Macs(attention.Projections),
            FullMacs = Macs(attention.FullScores + attention.FullMixing),
            FullProjectionMacs = Macs(attention.FullProjections),
            attention.Reduction,
            attention.RawReduction,
        }),
        Widths = ConvolutionWidths.Of(source.Network.Graph, cost.Height, cost.Width).Select(layer => new
        {
            layer.Shape.Name,
            layer.Shape.ActivationBits,
            PredictedMilliseconds = latency?.Cost().Of(layer.Shape, layer.Bits) / 1e6,
            Channels = ChannelQuantizer.Widths.Select(width => new { Bits = (int)width, Count = layer.Bits.Count(bits => bits == width) }),
        }),
        source.FileBytes,
        NetworkFileBytes = source.Network.ToBytes().Length,
        Layers = cost.Nodes.Select(node => new
        {
            node.Name,
            node.Operation,
            node.Channels,
            node.Height,
            node.Width,
            node.OneBitParameters,
            node.FloatParameters,
            Macs = Macs(node.Macs),
            node.BytesMoved,
        }),
    });

    private static object Macs(MacCount macs) => new { macs.Binary, macs.Float, macs.Total, macs.Weighted };
}
