using System.Numerics.Tensors;
using Microsoft.ML.Binary.Graph;

namespace Microsoft.ML.Binary.Training;

/// <summary>
/// Multiplies logits by a factor, in the weights of the convolution that makes them. Of a pixel that is salient with probability p, a map
/// that says p is wrong by 2 p (1 - p) on average and one that decides by min(p, 1 - p), which is never more: absolute error asks for
/// decisions. What is above 1/2 stays above it, and the order of values stays, so precision and recall at thresholds only move along their curve.
/// </summary>
internal static class Sharpening
{
    /// <summary>What <see cref="Apply"/> changes; nothing where the logits are not made by a convolution.</summary>
    public static IEnumerable<Parameter> Parameters(DenseGraph graph, int logits) => graph.Nodes[Classifier.Find(graph, logits)] is Convolution
        ? graph.Nodes[Classifier.Find(graph, logits)].Parameters
        : [];

    public static void Apply(IEnumerable<Parameter> parameters, float factor)
    {
        foreach (Parameter parameter in parameters)
        {
            TensorPrimitives.Multiply(parameter.Values, factor, parameter.Values);
        }
    }
}
