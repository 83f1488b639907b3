using Microsoft.ML.Binary.Graph;

namespace Microsoft.ML.Binary.Training;

/// <summary>Proposes the working size of a network from the sizes of its training images.</summary>
/// <example>
/// <code>
/// SizeProposal proposal = SizeSurvey.Propose(ImageFolder.ListImages("images").Select(path =&gt; ImageReader.ReadInfo(path)).Select(info =&gt; (info.Width, info.Height)));
/// Console.WriteLine(proposal);
/// </code>
/// </example>
public static class SizeSurvey
{
    /// <summary>The largest longest side that is proposed: larger ones cost more than they usually give.</summary>
    public const int Highest = 480;

    /// <summary>The median longest side of the images (of an even number the lower one in the middle), at most <see cref="Highest"/>.</summary>
    /// <param name="sizes">Width and height of each image.</param>
    /// <exception cref="InvalidDataException">There are no images.</exception>
    public static SizeProposal Propose(IEnumerable<(int Width, int Height)> sizes)
    {
        ArgumentNullException.ThrowIfNull(sizes);
        int[] sides = [.. sizes.Select(size => Math.Max(size.Width, size.Height)).Order()];
        return sides.Length == 0
            ? throw new InvalidDataException("The training data is empty; at least one image with its mask is needed.")
            : new(WorkingSize.Of(Math.Min(sides[(sides.Length - 1) / 2], Highest)), sides[0], sides[(sides.Length - 1) / 2], sides[^1]);
    }
}

/// <summary>A working size, and why it is proposed.</summary>
/// <param name="Size">What is proposed.</param>
/// <param name="Shortest">The shortest of the images' longest sides, in pixels.</param>
/// <param name="Median">Their median.</param>
/// <param name="Longest">The longest of them.</param>
/// <example>
/// <code>
/// SizeProposal proposal = SizeSurvey.Propose([(640, 480), (1920, 1080), (4000, 3000)]);
/// Console.WriteLine($"sides from {proposal.Shortest} to {proposal.Longest}");
/// TrainingOptions options = new() { WorkingSize = proposal.Size };        // 480: larger images are reduced to it
/// </code>
/// </example>
public sealed record SizeProposal(WorkingSize Size, int Shortest, int Median, int Longest)
{
    /// <summary>The proposal with its reason, in a line.</summary>
    public override string ToString() =>
        $"working size {Size}: the longest sides of the training images are {(Shortest == Longest ? $"all {Shortest}" : $"{Shortest} to {Longest}, in the median {Median}")}"
        + (Median > SizeSurvey.Highest ? $", and at most {SizeSurvey.Highest} is taken unasked" : "");
}
