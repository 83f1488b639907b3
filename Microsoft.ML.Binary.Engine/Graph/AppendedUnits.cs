namespace Microsoft.ML.Binary.Graph;

/// <summary>
/// Residual units that a graph has beyond those of the one that its weights come from: RPReLU(x + BN(...)) where x is the end of a unit that came over. With
/// a batch norm of scale 0 and a slope of 1 such a unit gives x back, to the bit, and learns from there.
/// </summary>
internal static class AppendedUnits
{
    /// <summary>Makes them the identity.</summary>
    /// <param name="graph">The graph, whose new parameters are as they were built; its weights change.</param>
    /// <param name="initial">Names of the parameters that did not come over.</param>
    public static void StartAsIdentity(DenseGraph graph, HashSet<string> initial)
    {
        // Activations that give what they gave in the source, or what the one before them gives.
        HashSet<int> settled = [];
        for (int i = 0; i < graph.Nodes.Length; i++)
        {
            if (graph.Nodes[i] is not RPReLU activation)
            {
                continue;
            }

            if (!activation.Parameters.Any(IsInitial))
            {
                settled.Add(i);
            }
            else if (graph.Nodes[activation.Inputs[0]] is Add { Inputs: var terms } && terms.Count(settled.Contains) == 1)
            {
                BatchNorm?[] norms = [.. terms.Where(term => !settled.Contains(term)).Select(Norm)];
                if (norms.All(norm => norm is not null && IsInitial(norm.Gamma)))
                {
                    Array.ForEach(norms, norm => Array.Clear(norm!.Gamma.Values));
                    Array.Fill(activation.Slope.Values, 1);
                    settled.Add(i);
                }
            }
        }

        bool IsInitial(Parameter parameter) => initial.Contains(parameter.Name);

        // What a term of a sum ends with; channel scaling of zeros is zero.
        BatchNorm? Norm(int term) => (graph.Nodes[term] is SqueezeExcitation scaling ? graph.Nodes[scaling.Inputs[0]] : graph.Nodes[term]) as BatchNorm;
    }
}
