namespace Microsoft.ML.Binary.Graph;

/// <summary>Where thresholds follow the image.</summary>
internal static class AdaptiveThresholdPairs
{
    /// <summary>Every shift in front of signs or levels, with the parameter that holds their static part.</summary>
    public static IEnumerable<(AdaptiveShift Shift, Parameter Threshold)> AdaptiveThresholds(this DenseGraph graph)
    {
        foreach (Node node in graph.Nodes)
        {
            Parameter? threshold = node switch
            {
                Sign sign => sign.Shift,
                ActivationLevels levels => levels.Shift,
                _ => null,
            };
            if (threshold is not null && graph.Nodes[node.Inputs[0]] is AdaptiveShift shift)
            {
                yield return (shift, threshold);
            }
        }
    }
}
