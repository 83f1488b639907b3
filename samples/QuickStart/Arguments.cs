namespace QuickStart;

/// <summary>What the program was asked for.</summary>
/// <param name="Folder">Where to write.</param>
/// <param name="Image">An image for the street scene network; null if there is none.</param>
/// <param name="Scenes">Whether to paint scenes and train on them too, for some minutes.</param>
internal sealed record Arguments(string Folder, string? Image, bool Scenes = false)
{
    public const string Usage = "usage: QuickStart [IMAGE] [--scenes] [--out FOLDER]   IMAGE: a photo of a street to segment; --scenes: train on made-up landscapes too";

    /// <exception cref="ArgumentException">They are not understood.</exception>
    /// <exception cref="FileNotFoundException">There is no such image.</exception>
    public static Arguments Parse(ReadOnlySpan<string> args)
    {
        string folder = Path.Combine("artifacts", "quickstart");
        string? image = null;
        bool scenes = false;
        for (int i = 0; i < args.Length; i++)
        {
            if (args[i] == "--out" && i + 1 < args.Length)
            {
                folder = args[++i];
            }
            else if (args[i] == "--scenes")
            {
                scenes = true;
            }
            else if (image is null && !args[i].StartsWith('-'))
            {
                image = File.Exists(args[i]) ? args[i] : throw new FileNotFoundException($"{args[i]}: there is no such image. {Usage}");
            }
            else
            {
                throw new ArgumentException($"'{args[i]}' is not understood. {Usage}");
            }
        }

        return new Arguments(Path.GetFullPath(folder), image, scenes);
    }
}
