namespace Microsoft.ML.Binary.Imaging;

/// <summary>A file of a folder.</summary>
/// <param name="Name">Its name without extension, after those of the subfolders it is in: <c>city/a</c>.</param>
/// <param name="Path">Its path, beginning with the folder as it was given.</param>
/// <example>
/// <code>
/// IEnumerable&lt;NamedFile&gt; images = Directory.GetFiles("photos", "*.jpg").Select(path =&gt; new NamedFile(Path.GetFileNameWithoutExtension(path), path));
/// using BatchScorer scorer = new(network, new() { OutputFolder = "results" });
/// BatchRun run = scorer.Prepare(images);
/// </code>
/// </example>
public sealed record NamedFile(string Name, string Path);
