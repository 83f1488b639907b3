using System.Collections.Immutable;

namespace Microsoft.ML.Binary.Graph;

/// <summary>The sum of two or more maps of one shape, added from first to last.</summary>
/// <param name="Name">Unique in the graph.</param>
/// <param name="Inputs">The maps.</param>
/// <example>
/// <code>
/// FeatureMap first = new(1, 1, 2, [1, 2]), second = new(1, 1, 2, [10, 20]);                  // channels, rows, columns, values
/// FeatureMap sum = ReferenceInterpreter.Evaluate(new Add("sum", [0, 1]), [first, second], new(1, 1, 2));       // 11, 22
/// </code>
/// </example>
public sealed record Add(string Name, ImmutableArray<int> Inputs) : Node(Name, Inputs)
{
    internal override FeatureType Infer(ReadOnlySpan<FeatureType> inputs)
    {
        Expect(inputs.Length >= 2, $"adds two maps or more, and has {inputs.Length}");
        FeatureType first = inputs[0].Real;
        foreach (FeatureType input in inputs)
        {
            Expect(input.Real == first, $"adds maps of one shape, and has {first} and {input}");
        }

        return first;
    }
}

/// <summary>The channels of all inputs, one input after the other. An input may occur more than once.</summary>
/// <param name="Name">Unique in the graph.</param>
/// <param name="Inputs">The maps, of one stride.</param>
/// <example>
/// <code>
/// FeatureMap first = new(1, 1, 2, [1, 2]), second = new(1, 1, 2, [10, 20]);
/// FeatureMap both = ReferenceInterpreter.Evaluate(new Concat("both", [0, 1]), [first, second], new(2, 1, 2));  // two channels: 1, 2 and 10, 20
/// </code>
/// </example>
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
            all = all with { Channels = all.Channels + input.Channels, Bits = all.IsSign && input.IsSign ? 1 : FeatureType.RealBits };
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
/// <example>
/// <code>
/// FeatureMap four = new(4, 1, 1, [1, 2, 5, 10]);
/// FeatureMap two = ReferenceInterpreter.Evaluate(new ChannelMean("mean", [0], Groups: 2), [four], new(2, 1, 1));       // (1 + 5) / 2, (2 + 10) / 2
/// </code>
/// </example>
public sealed record ChannelMean(string Name, ImmutableArray<int> Inputs, int Groups) : Node(Name, Inputs)
{
    internal override FeatureType Infer(ReadOnlySpan<FeatureType> inputs)
    {
        FeatureType input = Single(inputs);
        Expect(Groups >= 1 && input.Channels % Groups == 0, $"{input.Channels} channels do not divide into {Groups} groups");
        return input with { Channels = input.Channels / Groups, Bits = FeatureType.RealBits };
    }
}
