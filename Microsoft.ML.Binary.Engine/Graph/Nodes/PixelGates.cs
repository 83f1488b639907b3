using System.Collections.Immutable;

namespace Microsoft.ML.Binary.Graph;

/// <summary>2 / (1 + exp(-x)): gates for <see cref="PixelGate"/>, which are 1 where x is 0. Exact arithmetic: twice <c>Kernels.Exponential.Sigmoid</c>.</summary>
/// <param name="Name">Unique in the graph.</param>
/// <param name="Inputs">The feature map.</param>
public sealed record GateMap(string Name, ImmutableArray<int> Inputs) : Node(Name, Inputs)
{
    internal override FeatureType Infer(ReadOnlySpan<FeatureType> inputs) => Single(inputs) with { IsSign = false };
}

/// <summary>Every channel of a map times one channel of another, pixel by pixel: the weight of a branch where the picture decides about it.</summary>
/// <param name="Name">Unique in the graph.</param>
/// <param name="Inputs">The feature map, and the gates (of the same grid, any number of channels).</param>
/// <param name="Channel">The channel of the gates.</param>
public sealed record PixelGate(string Name, ImmutableArray<int> Inputs, int Channel) : Node(Name, Inputs)
{
    internal override FeatureType Infer(ReadOnlySpan<FeatureType> inputs)
    {
        Expect(inputs.Length == 2, $"takes a map and gates, and has {inputs.Length} inputs");
        (FeatureType map, FeatureType gates) = (inputs[0], inputs[1]);
        Expect((map.Stride, map.Reduction) == (gates.Stride, gates.Reduction), $"takes a map and gates of one size, and has {map} and {gates}");
        Expect(Channel >= 0 && Channel < gates.Channels, $"channel {Channel} of the gates is not in 0..{gates.Channels - 1}");
        return map with { IsSign = false };
    }
}
