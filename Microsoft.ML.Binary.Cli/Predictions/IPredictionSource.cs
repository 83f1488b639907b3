using System.Collections.Immutable;
using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Imaging;
using Microsoft.ML.Binary.Reporting;

namespace Microsoft.ML.Binary.Cli.Predictions;

/// <summary>What is true of an image and what was predicted: class indices, or gray values of saliency, row-major.</summary>
internal sealed record PredictedImage(int Width, int Height, byte[] Truth, byte[] Prediction)
{
    /// <summary>Of two classes, the probability of the second; null for other numbers of classes, where it is not known, or not asked for.</summary>
    public float[]? SecondClass { get; init; }
}

/// <summary>Predictions for labelled images: of a network that is run for them, or from the files of any other tool.</summary>
internal interface IPredictionSource : IDisposable
{
    DenseTask Task { get; }

    /// <summary>Names of the classes; none for saliency.</summary>
    ImmutableArray<string> ClassNames { get; }

    Palette Palette => Palette.Default;

    /// <summary>What made the predictions, for reports.</summary>
    IEnumerable<ReportFact> Facts => [];

    /// <summary>Names of the images, all different.</summary>
    IReadOnlyList<string> Names { get; }

    /// <summary>Reads the mask of an image and gets the prediction for it. Safe to call from several threads.</summary>
    /// <param name="index">The image.</param>
    /// <param name="secondClass">Whether to give <see cref="PredictedImage.SecondClass"/> too, which takes time.</param>
    PredictedImage Predict(int index, bool secondClass = false);

    /// <summary>The image itself; null if there is none.</summary>
    RgbImage? Image(int index) => null;

    void IDisposable.Dispose()
    {
    }
}
