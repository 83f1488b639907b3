namespace Microsoft.ML.Binary.Imaging;

/// <summary>A file of a folder.</summary>
/// <param name="Name">Its name without extension, after those of the subfolders it is in: <c>city/a</c>.</param>
/// <param name="Path">Its path, beginning with the folder as it was given.</param>
public sealed record NamedFile(string Name, string Path);
