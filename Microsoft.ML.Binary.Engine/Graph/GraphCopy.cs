namespace Microsoft.ML.Binary.Graph;

/// <summary>Copies of graphs and nodes that own their parameters.</summary>
internal static class GraphCopy
{
    /// <summary>A graph of the same nodes with parameters of its own.</summary>
    public static DenseGraph Copy(this DenseGraph graph) => new([.. graph.Nodes.Select(WithOwnParameters)], graph.Outputs);

    /// <summary>The same node with parameters of its own. One-bit weights are immutable and shared.</summary>
    public static Node WithOwnParameters(this Node node) => node switch
    {
        Convolution n => n with { Weight = n.Weight.Copy(), Bias = n.Bias?.Copy() },
        BinaryConvolution n => n with { Weight = n.Weight.Copy() },
        Affine n => n with { Scale = n.Scale.Copy(), Offset = n.Offset.Copy() },
        BatchNorm n => n with { Gamma = n.Gamma.Copy(), Beta = n.Beta.Copy(), Mean = n.Mean.Copy(), Variance = n.Variance.Copy() },
        Gate n => n with { Logit = n.Logit.Copy() },
        Sign n => n with { Shift = n.Shift.Copy() },
        RPReLU n => n with { Shift = n.Shift.Copy(), Slope = n.Slope.Copy(), Offset = n.Offset.Copy() },
        ReducedAttention n => n with { Temperature = n.Temperature.Copy(), Slope = n.Slope.Copy() },
        SqueezeExcitation n => n with
        {
            Squeeze = n.Squeeze.Copy(), SqueezeBias = n.SqueezeBias.Copy(), Excite = n.Excite.Copy(), ExciteBias = n.ExciteBias.Copy(),
        },
        _ when node.Parameters.IsEmpty => node,
        _ => throw new GraphException(node.Name, $"a {node.GetType().Name} cannot be copied"),
    };
}
