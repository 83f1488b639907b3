using Microsoft.ML.Binary.Cli.Options;
using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Imaging;
using Microsoft.ML.Binary.Training;

namespace Microsoft.ML.Binary.Cli.Commands;

/// <summary>What <c>mlbinary train</c> was asked for.</summary>
internal sealed record TrainingJob
{
    /// <summary>What is learned, with the options of its loss.</summary>
    public required TrainingTask Task { get; init; }

    public required string Images { get; init; }

    public required string Masks { get; init; }

    /// <summary>How the files lie in their folders.</summary>
    public ImageFolderOptions Folders { get; init; } = new();

    public required string Out { get; init; }

    public string? ValidationImages { get; init; }

    public string? ValidationMasks { get; init; }

    /// <summary>A number of classes or the path of a list; null finds out from the masks.</summary>
    public string? Classes { get; init; }

    public required NetworkPreset Preset { get; init; }

    public required Precision Precision { get; init; }

    /// <summary>A model to start from, in place of preset and precision; null starts from random weights.</summary>
    public string? From { get; init; }

    /// <summary>Whether random weights were asked for by name.</summary>
    public bool MeansNoStart { get; init; }

    /// <summary>Changes of the preset.</summary>
    public NetworkSettings? Network { get; init; }

    /// <summary>A model whose weights a network of preset, precision and changes takes by name; null for random weights.</summary>
    public string? Transfer { get; init; }

    /// <summary>Null takes <see cref="TrainCommand.UsualMinutes"/>, or what <see cref="TrainingOptions.ForFineTuning"/> says where <see cref="From"/> is given.</summary>
    public TrainingBudget? Budget { get; init; }

    /// <summary>
    /// What training takes as it was asked for: batch, rates, seed, threads, the checkpoint to go on from (<see cref="TrainingOptions.ResumePath"/>) or to start from (<see cref="TrainingOptions.RestartPath"/>).
    /// The rest of it follows from the other members.
    /// </summary>
    public TrainingOptions Training { get; init; } = TrainCommand.Defaults;

    /// <summary>Whether the checkpoint stays when training is over.</summary>
    public bool KeepsCheckpoint { get; init; }

    /// <summary>What goes on with the run from its own checkpoint; null for --resume with the checkpoint's path.</summary>
    public string? ResumeOption { get; init; }

    /// <summary>The working size; null takes that of <see cref="From"/>, or what the training images propose.</summary>
    public WorkingSize? Size { get; init; }

    /// <summary>How bright images are made; null takes that of the model to start from.</summary>
    public ImageExposure? Exposure { get; init; }

    /// <summary>Null takes <see cref="TrainCommand.UsualCrop"/>, or less where the first image is smaller at the working size.</summary>
    public ImageDimensions? Crop { get; init; }

    /// <summary>Random enlargements before cropping.</summary>
    public required ScaleRange Scale { get; init; }

    /// <summary>Strength of random changes of colour, sharpness and noise.</summary>
    public float Photometric { get; init; } = 1;

    /// <summary>A model to learn from besides the masks; null learns from the masks alone.</summary>
    public string? Teacher { get; init; }
}
