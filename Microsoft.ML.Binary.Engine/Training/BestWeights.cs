using System.Collections.Immutable;
using Microsoft.ML.Binary.Graph;

namespace Microsoft.ML.Binary.Training;

/// <summary>The parameters of the best network so far, and how long ago that was.</summary>
/// <param name="parameters">All parameters of the network.</param>
/// <param name="lowerIsBetter">Whether the figure is an error.</param>
internal sealed class BestWeights(ImmutableArray<Parameter> parameters, bool lowerIsBetter)
{
    /// <summary>The values of the best network, in the order of the parameters.</summary>
    public ImmutableArray<float[]> Values { get; } = [.. parameters.Select(p => new float[p.Values.Length])];

    /// <summary>Step, figure and age of the best network; none before the first measurement.</summary>
    public BestState? State { get; set; }

    /// <summary>Takes the parameters as they are if the figure is better than any before.</summary>
    public void Offer(double figure, int step)
    {
        if (double.IsNaN(figure) || (State is { } best && !(lowerIsBetter ? figure < best.Figure : figure > best.Figure)))
        {
            State = State is { } old ? old with { Since = old.Since + 1 } : null;
            return;
        }

        State = new(step, figure, 0);
        for (int i = 0; i < parameters.Length; i++)
        {
            parameters[i].Values.CopyTo(Values[i], 0);
        }
    }

    /// <summary>Gives the network the best values.</summary>
    public void Restore()
    {
        for (int i = 0; i < parameters.Length && State is not null; i++)
        {
            Values[i].CopyTo(parameters[i].Values, 0);
        }
    }
}

/// <summary>The best network so far.</summary>
/// <param name="Step">Its step.</param>
/// <param name="Figure">Its figure on what is held out.</param>
/// <param name="Since">Measurements since then.</param>
internal sealed record BestState(int Step, double Figure, int Since);
