namespace Microsoft.ML.Binary;

/// <summary>
/// The assembly whose resources are networks that were trained on research data, <b>for research and non-commercial use</b>. There is nothing to
/// call here: where this package is installed, <see cref="PretrainedNetworks"/> finds them.
/// </summary>
/// <example>
/// <code>
/// foreach (PretrainedModel model in ResearchNetworks.All)                 // after: dotnet add package MlBinary.Research
/// {
///     DenseNetwork found = PretrainedNetworks.Load(model);
///     Console.WriteLine($"{model}: {PretrainedNetworks.Card(model).Terms}");
/// }
/// </code>
/// </example>
public static class ResearchNetworks
{
    /// <summary>The networks of this package.</summary>
    public static IReadOnlyList<PretrainedModel> All { get; } = [.. Enum.GetValues<PretrainedModel>().Where(IsHere)];

    private static bool IsHere(PretrainedModel model) => typeof(ResearchNetworks).Assembly.GetManifestResourceInfo($"Microsoft.ML.Binary.Pretrained.{model}.mlbn") is not null;
}
