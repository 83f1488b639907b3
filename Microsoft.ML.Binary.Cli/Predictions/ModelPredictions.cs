using System.Collections.Immutable;
using System.Globalization;
using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Imaging;
using Microsoft.ML.Binary.Inference;
using Microsoft.ML.Binary.Reporting;
using Microsoft.ML.Binary.Training;

namespace Microsoft.ML.Binary.Cli.Predictions;

/// <summary>Predictions of a network, of each image's own size.</summary>
internal sealed class ModelPredictions(DenseNetwork network, IReadOnlyList<ImagePair> pairs, string? name = null, MaskColors? colors = null, ViewOptions? views = null) : IPredictionSource
{
    // A network that was trained with colours for its classes reads them in masks, too.
    private readonly MaskColors? _colors = colors ?? Options.ClassList.ColorsOf(network.Palette);

    private readonly CompiledNetwork _compiled = CompiledNetwork.Compile(network, new() { Views = views ?? ViewOptions.AsTrained });

    public DenseTask Task => network.Task;

    public ImmutableArray<string> ClassNames => network.ClassNames;

    public Palette Palette => Palette.Of(network.Palette);

    public IReadOnlyList<string> Names { get; } = [.. pairs.Select(pair => pair.Name)];

    public IEnumerable<ReportFact> Facts => FactsOf(network, name, views ?? ViewOptions.AsTrained);

    /// <summary>What reports say of a network.</summary>
    public static IEnumerable<ReportFact> FactsOf(DenseNetwork network, string? name, ViewOptions views)
    {
        const string group = "Model";
        if (name is not null)
        {
            yield return new(group, "Name", name);
        }

        yield return new(group, "Images seen at", views.Describe(network));
        GraphCost cost = CostModel.Measure(network.Graph, 360, 480);
        yield return new(group, "Weights of one bit", cost.OneBitParameters.ToString("N0", CultureInfo.InvariantCulture));
        yield return new(group, "Other parameters", cost.FloatParameters.ToString("N0", CultureInfo.InvariantCulture));
        yield return new(group, "Multiply-accumulates at 480x360", (cost.Macs.Total / 1e9).ToString("0.##", CultureInfo.InvariantCulture) + " G");
        foreach ((string fact, string value) in network.Provenance)
        {
            yield return new(group, fact, value);
        }
    }

    public PredictedImage Predict(int index, bool secondClass = false)
    {
        TrainingSample sample = LabelledImages.Read(pairs[index], Task, network.Graph.LogitChannels, _colors, _compiled.NeededLongestSide);
        (int Width, int Height) size = (sample.FullWidth, sample.FullHeight);
        (byte[] prediction, float[]? probabilities) = CliTask.Of(Task).Predict(_compiled, sample.Image, size, secondClass);
        return new(size.Width, size.Height, sample.Mask, prediction) { SecondClass = probabilities };
    }

    public RgbImage Image(int index) => RgbImage.Load(pairs[index].ImagePath);

    public void Dispose() => _compiled.Dispose();
}
