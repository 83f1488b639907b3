using System.Collections.Immutable;

namespace Microsoft.ML.Binary.Graph;

/// <summary>The sum of two or more maps of one shape, added from first to last.</summary>
/// <param name="Name">Unique in the graph.</param>
/// <param name="Inputs">The maps.</param>
public sealed record Add(string Name, ImmutableArray<int> Inputs) : Node(Name, Inputs)
{
    internal override FeatureType Infer(ReadOnlySpan<FeatureType> inputs)
    {
        Expect(inputs.Length >= 2, $"adds two maps or more, and has {inputs.Length}");
        FeatureType first = inputs[0] with { IsSign = false };
        foreach (FeatureType input in inputs)
        {
            Expect(input with { IsSign = false } == first, $"adds maps of one shape, and has {first} and {input}");
        }

        return first;
    }
}

/// <summary>The channels of all inputs, one input after the other. An input may occur more than once.</summary>
/// <param name="Name">Unique in the graph.</param>
/// <param name="Inputs">The maps, of one stride.</param>
public sealed record Concat(string Name, ImmutableArray<int> Inputs) : Node(Name, Inputs)
{
    internal override FeatureType Infer(ReadOnlySpan<FeatureType> inputs)
    {
        Expect(inputs.Length >= 1, "joins one map or more");
        FeatureType all = inputs[0] with { Channels = 0 };
        foreach (FeatureType input in inputs)
        {
            Expect(
                (input.Stride, input.Reduction) == (all.Stride, all.Reduction), $"joins maps of one size, and has {inputs[0]} and {input}");
            all = all with { Channels = all.Channels + input.Channels, IsSign = all.IsSign && input.IsSign };
        }

        return all;
    }
}

/// <summary>
/// Output channel c is the mean of input channels c, c + n, c + 2n, ... (n output channels), added in that order and multiplied by
/// the float nearest to 1 / groups: a shortcut without parameters from more channels to fewer.
/// </summary>
/// <param name="Name">Unique in the graph.</param>
/// <param name="Inputs">The feature map.</param>
/// <param name="Groups">How many channels are averaged.</param>
public sealed record ChannelMean(string Name, ImmutableArray<int> Inputs, int Groups) : Node(Name, Inputs)
{
    internal override FeatureType Infer(ReadOnlySpan<FeatureType> inputs)
    {
        FeatureType input = Single(inputs);
        Expect(Groups >= 1 && input.Channels % Groups == 0, $"{input.Channels} channels do not divide into {Groups} groups");
        return input with { Channels = input.Channels / Groups, IsSign = false };
    }
}
