using Microsoft.ML.Binary;

namespace Web;

/// <summary>A network that the page offers.</summary>
internal sealed record ModelInfo(string Name, string Task, string Summary, string Terms, IReadOnlyList<ClassInfo> Classes);

/// <summary>The networks of the configuration.</summary>
internal sealed class ModelList(IConfiguration configuration, IServiceProvider services)
{
    public static string TaskOf(IConfigurationSection model) => model["Task"] is "segmentation" or "saliency"
        ? model["Task"]!
        : throw new InvalidOperationException($"{model.Path}:Task is '{model["Task"]}'; it must be segmentation or saliency.");

    public IEnumerable<ModelInfo> All => configuration.GetSection("Models").GetChildren().Select(Describe);

    /// <summary>The predictor for segmentation of that name; null if there is none.</summary>
    public SegmentationPredictor? Segmentation(string name) => KeyOf(name) is { } key ? services.GetKeyedService<SegmentationPredictor>(key) : null;

    /// <summary>The predictor for saliency of that name; null if there is none.</summary>
    public SaliencyPredictor? Saliency(string name) => KeyOf(name) is { } key ? services.GetKeyedService<SaliencyPredictor>(key) : null;

    private string? KeyOf(string name) =>
        configuration.GetSection("Models").GetChildren().FirstOrDefault(model => model.Key.Equals(name, StringComparison.OrdinalIgnoreCase))?.Key;

    private ModelInfo Describe(IConfigurationSection model)
    {
        PretrainedCard? card = Enum.TryParse(model["Options:Pretrained"], ignoreCase: true, out PretrainedModel pretrained) ? PretrainedNetworks.Card(pretrained) : null;
        IReadOnlyList<ClassInfo> classes = Segmentation(model.Key)?.Network is { } network ? ClassInfo.Of(network) : [];
        return new(model.Key, TaskOf(model), FirstParagraph(card?.Summary), FirstParagraph(card?.Terms), classes);
    }

    private static string FirstParagraph(string? text) => (text ?? "").Split("\n\n")[0].ReplaceLineEndings(" ").Replace("**", "", StringComparison.Ordinal);
}
