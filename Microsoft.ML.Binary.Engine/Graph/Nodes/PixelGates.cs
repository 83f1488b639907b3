using System.Collections.Immutable;

namespace Microsoft.ML.Binary.Graph;

/// <summary>2 / (1 + exp(-x)): gates for <see cref="PixelGate"/>, which are 1 where x is 0. Exact arithmetic: twice <c>Kernels.Exponential.Sigmoid</c>.</summary>
/// <param name="Name">Unique in the graph.</param>
/// <param name="Inputs">The feature map.</param>
/// <example>
/// <code>
/// FeatureMap logits = new(1, 1, 3, [-100, 0, 100]);
/// FeatureMap gates = ReferenceInterpreter.Evaluate(new GateMap("gates", [0]), [logits], new(1, 1, 3));         // nearly 0, 1, 2
/// </code>
/// </example>
public sealed record GateMap(string Name, ImmutableArray<int> Inputs) : Node(Name, Inputs)
{
    internal override FeatureType Infer(ReadOnlySpan<FeatureType> inputs) => Single(inputs).Real;
}

/// <summary>Every channel of a map times one channel of another, pixel by pixel: the weight of a branch where the picture decides about it.</summary>
/// <param name="Name">Unique in the graph.</param>
/// <param name="Inputs">The feature map, and the gates (of the same grid, any number of channels).</param>
/// <param name="Channel">The channel of the gates.</param>
/// <example>
/// <code>
/// FeatureMap branch = new(2, 1, 2, [1, 2, 3, 4]), gates = new(1, 1, 2, [1, 0.5f]);
/// FeatureMap weighed = ReferenceInterpreter.Evaluate(new PixelGate("weighed", [0, 1], Channel: 0), [branch, gates], new(2, 1, 2));     // 1, 1, 3, 2
/// </code>
/// </example>
public sealed record PixelGate(string Name, ImmutableArray<int> Inputs, int Channel) : Node(Name, Inputs)
{
    internal override FeatureType Infer(ReadOnlySpan<FeatureType> inputs)
    {
        Expect(inputs.Length == 2, $"takes a map and gates, and has {inputs.Length} inputs");
        (FeatureType map, FeatureType gates) = (inputs[0], inputs[1]);
        Expect((map.Stride, map.Reduction) == (gates.Stride, gates.Reduction), $"takes a map and gates of one size, and has {map} and {gates}");
        Expect(Channel >= 0 && Channel < gates.Channels, $"channel {Channel} of the gates is not in 0..{gates.Channels - 1}");
        return map.Real;
    }
}
