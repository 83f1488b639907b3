using System.Collections.Immutable;

namespace Microsoft.ML.Binary.Graph;

/// <summary>x * scale + offset for each channel, product and sum rounded separately.</summary>
/// <param name="Name">Unique in the graph.</param>
/// <param name="Inputs">The feature map.</param>
/// <param name="Scale">[channels].</param>
/// <param name="Offset">[channels].</param>
/// <example>
/// <code>
/// Affine affine = new(
///     "scale", [0],
///     Scale: new("scale.scale", ParameterRole.Modulation, [1], [2]), Offset: new("scale.offset", ParameterRole.Modulation, [1], [1]));
/// FeatureMap scaled = ReferenceInterpreter.Evaluate(affine, [new(1, 1, 2, [3, -2])], new(1, 1, 2));            // 7, -3
/// </code>
/// </example>
public sealed record Affine(string Name, ImmutableArray<int> Inputs, Parameter Scale, Parameter Offset) : Node(Name, Inputs)
{
    /// <inheritdoc/>
    public override ImmutableArray<Parameter> Parameters => [Scale, Offset];

    internal override Node WithParameters(Func<Parameter, Parameter> map) => this with { Scale = map(Scale), Offset = map(Offset) };

    internal override FeatureType Infer(ReadOnlySpan<FeatureType> inputs) => SingleByChannel(inputs).Real;
}

/// <summary>
/// Batch normalisation: (x - mean) / sqrt(variance + epsilon) * gamma + beta, with the statistics of the batch while training and the
/// running ones otherwise. Freezing turns it into an <see cref="Affine"/> or folds it into a real-valued convolution.
/// </summary>
/// <param name="Name">Unique in the graph.</param>
/// <param name="Inputs">The feature map.</param>
/// <param name="Gamma">[channels].</param>
/// <param name="Beta">[channels].</param>
/// <param name="Mean">Running mean, [channels].</param>
/// <param name="Variance">Running variance, [channels].</param>
/// <example>
/// <code>
/// Parameter One(string name, ParameterRole role, float value) => new(name, role, [1], [value]);
/// BatchNorm norm = new(
///     "norm", [0],
///     Gamma: One("norm.gamma", ParameterRole.Modulation, 2), Beta: One("norm.beta", ParameterRole.Modulation, 1),
///     Mean: One("norm.mean", ParameterRole.Statistic, 3), Variance: One("norm.variance", ParameterRole.Statistic, 4));
/// FeatureMap normalized = ReferenceInterpreter.Evaluate(norm, [new(1, 1, 2, [3, 5])], new(1, 1, 2));           // 1, and nearly (5 - 3) / 2 * 2 + 1 = 3
/// </code>
/// </example>
public sealed record BatchNorm(
    string Name, ImmutableArray<int> Inputs, Parameter Gamma, Parameter Beta, Parameter Mean, Parameter Variance) : Node(Name, Inputs)
{
    /// <summary>Added to the variance.</summary>
    public const float Epsilon = 1e-5f;

    /// <summary>Whether a channel has the statistics that it was built with, a mean of 0 and a variance of exactly 1.</summary>
    internal bool IsNew(int channel) => Mean.Values[channel] == 0 && Variance.Values[channel] == 1;

    /// <summary>Whether any channel has statistics of data.</summary>
    internal bool HasStatistics => !Enumerable.Range(0, Mean.Values.Length).All(IsNew);

    /// <inheritdoc/>
    public override ImmutableArray<Parameter> Parameters => [Gamma, Beta, Mean, Variance];

    internal override Node WithParameters(Func<Parameter, Parameter> map) => this with { Gamma = map(Gamma), Beta = map(Beta), Mean = map(Mean), Variance = map(Variance) };

    internal override FeatureType Infer(ReadOnlySpan<FeatureType> inputs) => SingleByChannel(inputs).Real;
}

/// <summary>x * sigmoid(logit) for each channel: the learned weight of a branch. Freezing folds it into what is in front of it.</summary>
/// <param name="Name">Unique in the graph.</param>
/// <param name="Inputs">The feature map.</param>
/// <param name="Logit">[channels].</param>
/// <example>
/// <code>
/// Gate gate = new("gate", [0], Logit: new("gate.logit", ParameterRole.Modulation, [2], [0, 100]));
/// FeatureMap weighed = ReferenceInterpreter.Evaluate(gate, [new(2, 1, 1, [6, 6])], new(2, 1, 1));              // 3, 6: half of the first channel, all of the second
/// </code>
/// </example>
public sealed record Gate(string Name, ImmutableArray<int> Inputs, Parameter Logit) : Node(Name, Inputs)
{
    /// <inheritdoc/>
    public override ImmutableArray<Parameter> Parameters => [Logit];

    internal override Node WithParameters(Func<Parameter, Parameter> map) => this with { Logit = map(Logit) };

    internal override FeatureType Infer(ReadOnlySpan<FeatureType> inputs) => SingleByChannel(inputs).Real;
}

/// <summary>sign(x + shift) for each channel, sign(0) = +1: +1 where x + shift is at least 0, else -1 (ReActNet's shifted sign).</summary>
/// <param name="Name">Unique in the graph.</param>
/// <param name="Inputs">The feature map.</param>
/// <param name="Shift">[channels].</param>
/// <example>
/// <code>
/// Sign sign = new("sign", [0], Shift: new("sign.shift", ParameterRole.Modulation, [1], [0.6f]));
/// FeatureMap signs = ReferenceInterpreter.Evaluate(sign, [new(1, 1, 3, [0.5f, -0.5f, -1])], new(1, 1, 3));     // 1, 1, -1
/// </code>
/// </example>
public sealed record Sign(string Name, ImmutableArray<int> Inputs, Parameter Shift) : Node(Name, Inputs)
{
    /// <inheritdoc/>
    public override ImmutableArray<Parameter> Parameters => [Shift];

    internal override Node WithParameters(Func<Parameter, Parameter> map) => this with { Shift = map(Shift) };

    internal override FeatureType Infer(ReadOnlySpan<FeatureType> inputs) => SingleByChannel(inputs) with { Bits = 1 };
}

/// <summary>
/// RPReLU of ReActNet: t = x + shift; (t above 0 ? t : t * slope) + offset, for each channel.
/// </summary>
/// <param name="Name">Unique in the graph.</param>
/// <param name="Inputs">The feature map.</param>
/// <param name="Shift">[channels].</param>
/// <param name="Slope">[channels].</param>
/// <param name="Offset">[channels].</param>
/// <example>
/// <code>
/// Parameter One(string name, float value) => new(name, ParameterRole.Modulation, [1], [value]);
/// RPReLU activation = new("act", [0], Shift: One("act.shift", 1), Slope: One("act.slope", 0.25f), Offset: One("act.offset", 10));
/// FeatureMap activated = ReferenceInterpreter.Evaluate(activation, [new(1, 1, 2, [2, -5])], new(1, 1, 2));     // 13, 9
/// </code>
/// </example>
public sealed record RPReLU(string Name, ImmutableArray<int> Inputs, Parameter Shift, Parameter Slope, Parameter Offset) : Node(Name, Inputs)
{
    /// <inheritdoc/>
    public override ImmutableArray<Parameter> Parameters => [Shift, Slope, Offset];

    internal override Node WithParameters(Func<Parameter, Parameter> map) => this with { Shift = map(Shift), Slope = map(Slope), Offset = map(Offset) };

    internal override FeatureType Infer(ReadOnlySpan<FeatureType> inputs) => SingleByChannel(inputs).Real;
}
