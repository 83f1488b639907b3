using Microsoft.ML.Binary.Imaging;

namespace Microsoft.ML.Binary.Reporting;

/// <summary>What a report says beside the figures.</summary>
/// <example>
/// <code>
/// ReportOptions options = new() { Title = "Nuclei", Facts = [new("Model", "network", "Nuclei")] };
/// metrics.SaveHtml("report.html", options);
/// </code>
/// </example>
public sealed record ReportOptions
{
    private readonly int _exampleCount = 4;
    private readonly int? _exampleSide;

    /// <summary>Heading of the report; null for one that says what it is of.</summary>
    public string? Title { get; init; }

    /// <summary>Facts about the data, the model and anything else, listed by group in the order given.</summary>
    public IReadOnlyList<ReportFact> Facts { get; init; } = [];

    /// <summary>Colours of the classes.</summary>
    public Palette Palette { get; init; } = Palette.Default;

    /// <summary>
    /// Gives the pictures of an image by the name it was evaluated under, or null if there are none; called for the few images shown
    /// only. Null leaves pictures out.
    /// </summary>
    public Func<string, ReportExample?>? Examples { get; init; }

    /// <summary>How many of the worst images are shown at most, and as many of the best; 0 to 50, 4 by default.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is outside its range.</exception>
    public int ExampleCount
    {
        get => _exampleCount;
        init => _exampleCount = value is >= 0 and <= 50
            ? value
            : throw new ArgumentOutOfRangeException(nameof(value), value, "The number of examples must be 0 to 50.");
    }

    /// <summary>
    /// Pictures are made smaller until neither side is longer than this; 32 to 2048 pixels. Null for 320, which is about 0.1 MB a
    /// picture and four pictures an example, and for 640 on a <see cref="PredictionPage"/>.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is outside its range.</exception>
    public int? ExampleSide
    {
        get => _exampleSide;
        init => _exampleSide = value is null or (>= 32 and <= 2048)
            ? value
            : throw new ArgumentOutOfRangeException(nameof(value), value, "The side of example pictures must be 32 to 2048 pixels.");
    }

    /// <summary>How the confidence intervals are made; null for the defaults. They need image rows.</summary>
    public BootstrapOptions? Bootstrap { get; init; }
}

/// <summary>A line of a report's list of facts.</summary>
/// <param name="Group">What the fact is about, <c>Model</c> for instance; facts of a group stand together.</param>
/// <param name="Name">What is stated.</param>
/// <param name="Value">The statement.</param>
/// <example>
/// <code>
/// metrics.SaveHtml("report.html", new()
/// {
///     Title = "Road scenes",
///     Facts = [new ReportFact("Data", "Images", "101"), new ReportFact("Model", "Preset", "Small"), new ReportFact("Model", "Seed", "1")],
/// });
/// </code>
/// </example>
public sealed record ReportFact(string Group, string Name, string Value);

/// <summary>The pictures that a report shows of one image.</summary>
/// <param name="Input">The image; null if it is not to be shown.</param>
/// <param name="Truth">The image under its true mask.</param>
/// <param name="Prediction">The image under the predicted mask.</param>
/// <param name="Errors">Where the two differ.</param>
/// <example>
/// <code>
/// ReportExample example = ReportExample.Create(image, truth, mask);
/// example.Errors.SavePng("errors.png");
/// </code>
/// </example>
public sealed record ReportExample(RgbImage? Input, RgbImage Truth, RgbImage Prediction, RgbImage Errors)
{
    /// <summary>Draws a segmentation.</summary>
    /// <param name="image">The image.</param>
    /// <param name="truth">Its true classes.</param>
    /// <param name="prediction">The predicted classes.</param>
    /// <param name="options">Colours, opacity and ignore index; null for the defaults. Legends are left out: the report has its own.</param>
    /// <exception cref="ArgumentException">The sizes differ, or a label has no colour.</exception>
    public static ReportExample Create(RgbImage image, SegmentationMask truth, SegmentationMask prediction, OverlayOptions? options = null)
    {
        options = (options ?? OverlayOptions.Default) with { ClassNames = null };
        return new(
            image,
            Overlay.Segmentation(image, truth, options),
            Overlay.Segmentation(image, prediction, options),
            Overlay.Errors(image, truth, prediction, options));
    }

    /// <summary>Draws a saliency map.</summary>
    /// <param name="image">The image.</param>
    /// <param name="truth">Its true saliency.</param>
    /// <param name="prediction">The predicted saliency.</param>
    /// <exception cref="ArgumentException">The sizes differ.</exception>
    public static ReportExample Create(RgbImage image, SaliencyMask truth, SaliencyMask prediction) => new(
        image, Overlay.Saliency(image, truth), Overlay.Saliency(image, prediction), Overlay.Errors(image, truth, prediction));
}
