using System.Collections.Immutable;
using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Imaging;
using Microsoft.ML.Binary.Mapping;
using Microsoft.ML.Binary.Quantization;
using Microsoft.ML.Binary.Training;

namespace Microsoft.ML.Binary.Cli.Predictions;

/// <summary>Predictions of a network whose convolutions are quantised, of each image's own size.</summary>
internal sealed class QuantizedPredictions(
    DenseNetwork network, PostTrainingQuantization quantization, IReadOnlyList<LayerWidths> widths, IReadOnlyList<ImagePair> pairs) : IPredictionSource
{
    private readonly MaskColors? _colors = Options.ClassList.ColorsOf(network.Palette);

    public DenseTask Task => network.Task;

    public ImmutableArray<string> ClassNames => network.ClassNames;

    public IReadOnlyList<string> Names { get; } = [.. pairs.Select(pair => pair.Name)];

    public PredictedImage Predict(int index, bool secondClass = false)
    {
        TrainingSample sample = LabelledImages.Read(pairs[index], Task, network.Graph.LogitChannels, _colors);
        return new(sample.Image.Width, sample.Image.Height, sample.Mask, quantization.Predict(widths, sample.Image));
    }
}
