using System.Text.Json.Nodes;
using Microsoft.ML.Binary.Cli.Options;
using Microsoft.ML.Binary.Cli.Predictions;
using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Imaging;
using Microsoft.ML.Binary.Inference;
using Microsoft.ML.Binary.Reporting;
using Microsoft.ML.Binary.Training;

namespace Microsoft.ML.Binary.Cli;

/// <summary>What commands do for a task in a way of its own: there is a class for each.</summary>
internal abstract class CliTask
{
    private static readonly CliTask[] All = [new SegmentationCliTask(), new SaliencyCliTask()];

    protected abstract DenseTask Task { get; }

    /// <summary>What <see cref="Accuracy"/> is called.</summary>
    public abstract string AccuracyName { get; }

    /// <exception cref="ArgumentException">There is no command for the task alone.</exception>
    public static CliTask Of(DenseTask task) => Array.Find(All, one => one.Task == task)
        ?? throw new ArgumentException($"The command has no form for {task.Name} as the only or first task; train them beside another task, and score the network.");

    /// <summary>Decodes an image, smaller than it is where its longest side is needed no larger, and its mask.</summary>
    public abstract TrainingSample Read(ImagePair pair, int? classes, MaskColors? colors, int neededLongestSide);

    /// <summary>Decodes a mask or a prediction: class indices or gray values.</summary>
    public abstract (int Width, int Height, byte[] Values) ReadMask(string path, ClassList classes);

    /// <summary>Predicts what masks of a picture's full size hold and, of two classes, the probability of the second where it is asked for.</summary>
    public abstract (byte[] Mask, float[]? SecondClass) Predict(CompiledNetwork network, RgbImage image, (int Width, int Height) size, bool secondClass);

    /// <summary>Figures, and what may be written of them.</summary>
    public abstract EvaluationResult Evaluate(PredictionEvaluation evaluation, IPredictionSource source, CountedRegions? counted);

    /// <summary>The figure that training is validated by.</summary>
    public abstract double Measure(PredictionEvaluation evaluation);

    /// <summary>One figure, higher where predictions are better.</summary>
    public virtual double Accuracy(PredictionEvaluation evaluation) => Measure(evaluation);

    /// <summary>Compares two models in all measures, on the images that both can be measured on, and says what is likely to be wrong with the masks.</summary>
    public abstract (ComparedMeasure[] Measures, IEnumerable<string> Warnings) Compare(PredictionEvaluation first, IPredictionSource second);

    /// <summary>The pictures of an image for a report.</summary>
    public abstract ReportExample Example(RgbImage ground, PredictedImage predicted, Palette palette);

    /// <summary>The transformer that an ML.NET model holds.</summary>
    public abstract ITransformer Transformer(MLContext context, DenseNetwork network);

    protected static ComparedMeasure[] Compare<TMetrics, TImage>(IEnumerable<Measure<TMetrics, TImage>> measures, TMetrics first, TMetrics second)
        where TMetrics : DenseMetrics<TMetrics, TImage>
        where TImage : ImageMetrics =>
    [
        .. from measure in measures
           where measure.IsKept(first)
           select new ComparedMeasure(char.ToUpperInvariant(measure.JsonName[0]) + measure.JsonName[1..], measure.LowerIsBetter, first.CompareTo(second, measure)),
    ];
}

/// <summary>What an evaluation shows, and what it writes.</summary>
internal sealed record EvaluationResult(IReadOnlyList<string> Lines, JsonObject Json, Action<string> SaveCsv, Action<string, ReportOptions> SaveHtml);
