using System.Collections.Immutable;

namespace Microsoft.ML.Binary.Graph;

/// <summary>What one node costs for one image.</summary>
/// <param name="Name">The node.</param>
/// <param name="Operation">Its operation, as the network file names it.</param>
/// <param name="Channels">Channels of its output.</param>
/// <param name="Height">Rows of its output.</param>
/// <param name="Width">Columns of its output.</param>
/// <param name="Macs">
/// Multiply-accumulates of convolutions (padding included, as usual) and of attention. Channel-wise operations and resampling count none.
/// </param>
/// <param name="OneBitParameters">Weights of one bit once the graph is frozen.</param>
/// <param name="FloatParameters">All other parameters, statistics and constants included.</param>
/// <param name="BytesMoved">
/// Each input read once, the parameters read once and the output written once, as if nothing were fused: 4 bytes a real value, one bit a
/// sign and a one-bit weight.
/// </param>
/// <example>
/// <code>
/// NodeCost widest = CostModel.Measure(network.Graph, height: 360, width: 480).Nodes.MaxBy(node => node.BytesMoved)!;
/// Console.WriteLine($"{widest.Name} ({widest.Operation}) moves {widest.BytesMoved / 1e6:F1} MB");
/// </code>
/// </example>
public sealed record NodeCost(
    string Name, string Operation, int Channels, int Height, int Width, MacCount Macs, long OneBitParameters, long FloatParameters, long BytesMoved);

/// <summary>
/// What one attention node costs on its reduced grid, beside full attention: real-valued queries and keys, and as many keys as queries.
/// </summary>
/// <param name="Name">The node.</param>
/// <param name="Queries">Query tokens: those of the full grid.</param>
/// <param name="Keys">Key and value tokens: those of the reduced grid.</param>
/// <param name="Scores">Q K^T of all heads.</param>
/// <param name="Mixing">A V of all heads.</param>
/// <param name="Projections">The convolutions in front that make queries, keys and values, and the one after.</param>
/// <param name="FullScores">Q K^T of full attention.</param>
/// <param name="FullMixing">A V of full attention.</param>
/// <param name="FullProjections">The same convolutions with real values, keys and values on the full grid.</param>
/// <example>
/// <code>
/// foreach (AttentionCost attention in CostModel.Measure(network.Graph, height: 360, width: 480).Attentions)
/// {
///     Console.WriteLine($"{attention.Name}: {attention.Queries} queries, {attention.Keys} keys, {attention.Reduction:F0} times less than full attention");
/// }
/// </code>
/// </example>
public sealed record AttentionCost(
    string Name,
    int Queries,
    int Keys,
    MacCount Scores,
    MacCount Mixing,
    MacCount Projections,
    MacCount FullScores,
    MacCount FullMixing,
    MacCount FullProjections)
{
    /// <summary>How many times fewer multiply-accumulates Q K^T and A V take than in full attention, one-bit ones counted as a 64th.</summary>
    public double Reduction => (FullScores + FullMixing).Weighted / (Scores + Mixing).Weighted;

    /// <summary>The same with every multiply-accumulate counted as one: queries / keys.</summary>
    public double RawReduction => (FullScores + FullMixing).Total / (double)(Scores + Mixing).Total;
}

/// <summary>What a graph costs for one image.</summary>
/// <param name="Height">Rows of the image after padding to the graph's alignment; the counts are for these.</param>
/// <param name="Width">Columns of it.</param>
/// <param name="Nodes">One entry a node, in the order of the graph.</param>
/// <param name="Attentions">One entry an attention node.</param>
/// <example>
/// <code>
/// GraphCost cost = CostModel.Measure(network.Graph, height: 360, width: 480);
/// foreach (NodeCost node in cost.Nodes.OrderByDescending(node =&gt; node.Macs.Weighted).Take(5))
/// {
///     Console.WriteLine($"{node.Name}: {node.Macs.Binary} binary, {node.Macs.Float} float");
/// }
/// </code>
/// </example>
public sealed record GraphCost(int Height, int Width, ImmutableArray<NodeCost> Nodes, ImmutableArray<AttentionCost> Attentions)
{
    /// <summary>Multiply-accumulates of all nodes.</summary>
    public MacCount Macs => Nodes.Aggregate(default(MacCount), (sum, node) => sum + node.Macs);

    /// <summary>One-bit weights of all nodes; a weight of several bits counts as so many.</summary>
    public long OneBitParameters => Nodes.Sum(node => node.OneBitParameters);

    /// <summary>All other parameters.</summary>
    public long FloatParameters => Nodes.Sum(node => node.FloatParameters);

    /// <summary>Bytes moved by all nodes; see <see cref="NodeCost"/>.</summary>
    public long BytesMoved => Nodes.Sum(node => node.BytesMoved);
}
