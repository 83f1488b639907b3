using Microsoft.ML.Binary.Messages;

namespace Microsoft.ML.Binary.Cli;

/// <summary>
/// Where the tool finds pretrained networks that it may not carry: in the folder of the environment variable <c>MLBINARY_MODELS</c>, or else in
/// <c>.mlbinary</c> in the user's; there as <c>NAME.mlbn</c>, or as <c>dotnet package download MlBinary.Research</c> puts them.
/// </summary>
/// <param name="Root">The folder.</param>
internal sealed record ModelFolders(string Root)
{
    /// <summary>Names another folder.</summary>
    public const string Variable = "MLBINARY_MODELS";

    /// <summary>The folder of this process.</summary>
    public static ModelFolders Here { get; } = new(
        Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } folder
            ? folder
            : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".mlbinary"));

    /// <summary>What a user types to have all networks.</summary>
    public string Download => $"dotnet package download {PretrainedNetworks.ResearchPackage} --output \"{Root}\"";

    /// <summary>The folder itself, and that of the newest package in it.</summary>
    public IEnumerable<string> All => Newest().Folder is { } newest ? [Root, Path.Combine(newest.FullName, "models")] : [Root];

    /// <summary>What is wrong where a network is not found, and how it is had.</summary>
    public FileNotFoundException Missing(PretrainedModel model) => new(
        $"{model}: this network is for research and non-commercial use only, so the tool does not carry it ('mlbinary models {model}' shows its terms). "
        + (Newest().Problem is { } problem ? $"It may be here already, but a folder cannot be read: {problem}" : $"To get it: {Download}"),
        $"{model}.mlbn");

    // Most commands need no network from there: a folder that cannot be read ends those that do.
    private (DirectoryInfo? Folder, string? Problem) Newest()
    {
        DirectoryInfo versions = new(Path.Combine(Root, PretrainedNetworks.ResearchPackage.ToLowerInvariant()));
        try
        {
            return (versions.Exists ? versions.GetDirectories().MaxBy(folder => PackageVersion.Parse(folder.Name)) : null, null);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return (null, ErrorText.Of(e));
        }
    }
}
