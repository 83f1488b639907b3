using System.Collections.Immutable;
using Microsoft.ML.Binary.Imaging;

namespace Microsoft.ML.Binary;

/// <summary>What became of an image.</summary>
/// <example>
/// <code>
/// using BatchScorer scorer = new(network, new() { OutputFolder = "results" });
/// int failed = scorer.Prepare(ImageFolder.NamedImages("photos")).Run().Count(result => result.State == BatchState.Failed);
/// Environment.ExitCode = failed == 0 ? 0 : 1;
/// </code>
/// </example>
public enum BatchState
{
    /// <summary>It was scored, and its results are written.</summary>
    Scored,

    /// <summary>Its results were there already.</summary>
    Kept,

    /// <summary>It could not be read or scored.</summary>
    Failed,
}

/// <summary>What became of an image.</summary>
/// <param name="Image">The image.</param>
/// <param name="State">Whether it has results, and since when.</param>
/// <param name="Reason">Why it failed, with the name of the file as a rule; null if it did not.</param>
/// <param name="Masks">Figures of the mask of each head; none where it failed or <see cref="BatchOptions.Measure"/> is not set.</param>
/// <example>
/// <code>
/// using BatchScorer scorer = new(network, new() { OutputFolder = "results", Measure = true });
/// foreach (BatchResult result in scorer.Prepare(ImageFolder.NamedImages("photos")).Run())
/// {
///     Console.WriteLine(result.State == BatchState.Failed ? $"{result.Image.Path}: {result.Reason}" : result.Masks[0].Path);
/// }
/// </code>
/// </example>
public sealed record BatchResult(NamedFile Image, BatchState State, string? Reason, ImmutableArray<BatchMask> Masks);

/// <summary>Figures of a mask.</summary>
/// <param name="Path">Its file, from the folder of results on, with <c>/</c> between folders.</param>
/// <param name="Width">Pixels in a row.</param>
/// <param name="Height">Rows.</param>
/// <param name="ClassPixels">How many pixels each class has; none of a head without classes.</param>
/// <param name="Mean">Of a head without classes the mean of the mask, 0..1; else not a number.</param>
/// <example>
/// <code>
/// using BatchScorer scorer = new(network, new() { OutputFolder = "results", Measure = true });
/// foreach (BatchMask mask in scorer.Prepare(ImageFolder.NamedImages("photos")).Run().SelectMany(result => result.Masks))
/// {
///     Console.WriteLine($"{mask.Path}: {mask.ClassPixels[1] / (double)(mask.Width * mask.Height):P1} road");
/// }
/// </code>
/// </example>
public sealed record BatchMask(string Path, int Width, int Height, ImmutableArray<long> ClassPixels, double Mean);
