using System.CommandLine;
using Microsoft.ML.Binary.Cli.Display;
using Microsoft.ML.Binary.Imaging;

namespace Microsoft.ML.Binary.Cli.Options;

/// <summary>The options that say how images and masks lie in their folders.</summary>
internal sealed class FolderOptions
{
    private readonly Option<bool> _recursive = Recursive();
    private readonly Option<string> _maskSuffix = CommandOption.Ending(
        "--mask-suffix", "SUFFIX", "What names of masks have after those of their images, _mask for a_mask.png; \"\" for the same names. [default: found out]");
    private readonly Option<string> _imageSuffix = CommandOption.Ending(
        "--image-suffix", "SUFFIX", "What names of images have that those of their masks have not, _leftImg8bit for example. [default: found out]");

    public static Option<bool> Recursive() =>
        new("--recursive") { Description = "Read subfolders too; the tree of the masks is that of the images." };

    /// <summary>What only folders of images need that are paired with folders of masks.</summary>
    public IReadOnlyList<Option> Suffixes => [_maskSuffix, _imageSuffix];

    public Option ImageSuffix => _imageSuffix;

    public IReadOnlyList<Option> All => [_recursive, .. Suffixes];

    public void AddTo(System.CommandLine.Command command)
    {
        foreach (Option option in All)
        {
            command.Add(option);
        }
    }

    /// <summary>What was given; what is left out of folders is said on the terminal.</summary>
    public ImageFolderOptions Of(ParseResult parsed, Terminal terminal) => new()
    {
        Recursive = parsed.GetValue(_recursive),
        MaskSuffix = parsed.GetValue(_maskSuffix),
        ImageSuffix = parsed.GetValue(_imageSuffix),
        Report = terminal.Warn,
    };
}
