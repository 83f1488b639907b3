using System.Collections.Immutable;

namespace Microsoft.ML.Binary.Graph;

/// <summary>
/// Activations of two bits: the level floor(clamp(x + shift, 0, clip) * 3 / clip), one of 0, 1, 2 and 3, with a learned clip for each channel (PACT, Choi
/// et al., arXiv 1805.06085) and a learned shift, as a <see cref="Sign"/> has one. What a level is worth, clip / 3, belongs to the batch norm after the
/// convolution that reads it. Exactly: how many of <see cref="Thresholds"/> x is at least.
/// </summary>
/// <param name="Name">Unique in the graph.</param>
/// <param name="Inputs">The feature map.</param>
/// <param name="Shift">[channels].</param>
/// <param name="Clip">[channels]; what is below <see cref="SmallestClip"/> counts as that.</param>
/// <example>
/// <code>
/// ActivationLevels levels = new(
///     "levels", [0],
///     Shift: new("levels.shift", ParameterRole.Modulation, [1], [0]), Clip: new("levels.clip", ParameterRole.Modulation, [1], [6]));
/// FeatureMap map = ReferenceInterpreter.Evaluate(levels, [new(1, 1, 5, [-1, 1.9f, 2, 5, 9])], new(1, 1, 5));   // 0, 0, 1, 2, 3
/// </code>
/// </example>
public sealed record ActivationLevels(string Name, ImmutableArray<int> Inputs, Parameter Shift, Parameter Clip) : Node(Name, Inputs)
{
    /// <summary>Bits of a level.</summary>
    public const int Bits = 2;

    /// <summary>The highest level.</summary>
    public const int Highest = (1 << Bits) - 1;

    /// <summary>The smallest clip.</summary>
    public const float SmallestClip = 1e-3f;

    /// <inheritdoc/>
    public override ImmutableArray<Parameter> Parameters => [Shift, Clip];

    /// <summary>
    /// For each channel the least x of levels 1, 2 and 3, which is level * clip / 3 - shift, computed in double and rounded once: [channels, 3].
    /// </summary>
    public float[] Thresholds()
    {
        float[] thresholds = new float[Highest * Shift.Values.Length];
        for (int i = 0; i < thresholds.Length; i++)
        {
            int level = i % Highest + 1, channel = i / Highest;
            thresholds[i] = (float)(level * (double)ClipOf(channel) / Highest - Shift.Values[channel]);
        }

        return thresholds;
    }

    /// <summary>The clip of a channel.</summary>
    internal float ClipOf(int channel) => Math.Max(Clip.Values[channel], SmallestClip);

    internal override Node WithParameters(Func<Parameter, Parameter> map) => this with { Shift = map(Shift), Clip = map(Clip) };

    internal override FeatureType Infer(ReadOnlySpan<FeatureType> inputs) => SingleByChannel(inputs) with { Bits = Bits };
}
