using System.Collections.Immutable;

namespace Microsoft.ML.Binary.Graph;

/// <summary>
/// x - w_c m_c, where m_c is the mean of channel c over the map: in front of a sign, the part of its threshold that follows the image (the threshold k m + b of BiDense,
/// arXiv 2411.10346, with a k for each channel; b is the shift of the sign). With w zero it changes nothing.
/// Exact arithmetic: the mean as in <see cref="SqueezeExcitation"/>; -w times it, and the sum, are rounded separately.
/// </summary>
/// <param name="Name">Unique in the graph.</param>
/// <param name="Inputs">The feature map.</param>
/// <param name="Weight">w, [channels].</param>
/// <example>
/// <code>
/// AdaptiveShift shift = new("threshold", [0], Weight: new("threshold.weight", ParameterRole.Modulation, [1], [0.5f]));
/// FeatureMap shifted = ReferenceInterpreter.Evaluate(shift, [new(1, 1, 2, [3, 5])], new(1, 1, 2));             // 1, 3: the mean is 4
/// </code>
/// </example>
public sealed record AdaptiveShift(string Name, ImmutableArray<int> Inputs, Parameter Weight) : Node(Name, Inputs)
{
    /// <inheritdoc/>
    public override ImmutableArray<Parameter> Parameters => [Weight];

    internal override Node WithParameters(Func<Parameter, Parameter> map) => this with { Weight = map(Weight) };

    internal override FeatureType Infer(ReadOnlySpan<FeatureType> inputs) => SingleByChannel(inputs).Real;
}
