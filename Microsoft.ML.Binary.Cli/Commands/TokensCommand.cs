using System.Collections.Immutable;
using System.CommandLine;
using Microsoft.ML.Binary.Cli.Display;
using Microsoft.ML.Binary.Cli.Options;
using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Imaging;
using Microsoft.ML.Binary.Inference;
using Microsoft.ML.Binary.Messages;

namespace Microsoft.ML.Binary.Cli.Commands;

/// <summary><c>mlbinary tokens</c>: what a reduction of attention costs in quality and saves in time, by the size of images.</summary>
internal static class TokensCommand
{
    private const string UsualReductions = "1,2,4,8,16,auto";

    public static System.CommandLine.Command Create()
    {
        Option<string> model = CommandOption.Text("--model", "MODEL", ModelSource.Meaning, required: true);
        Option<string> images = CommandOption.Text("--images", "DIR", "Folder of the images.", required: true);
        Option<string> masks = CommandOption.Text("--masks", "DIR", "Folder of their masks. [default: none, and only times and agreement are measured]");
        Option<ImmutableArray<WorkingSize?>?> sizes = CommandOption.Parsed(
            "--sizes", "N,N,...", "Sizes that images are brought to: longest sides in pixels, trained, or own. [default: trained]",
            $"trained, own or integers from 1 to {WorkingSize.MaxSide}, with commas between", SizesOf);
        Option<ImmutableArray<AttentionReduction>?> reductions = CommandOption.Parsed(
            "--attention-reduction", "N,N,...", $"Reductions of attention, each 1 to {AttentionReduction.Largest}, trained or auto; the others are compared with the first. [default: {UsualReductions}]",
            $"trained, auto or integers from 1 to {AttentionReduction.Largest}, with commas between", ViewArguments.ParseReductions);
        Option<int?> threads = CommandOption.Number("--threads", "T", "Threads that work on an image. [default: 1; 0, all cores]", 0);
        Option<string> json = new OutputFile("--json", "Write the figures, those of each class too, to this file.");
        FolderOptions folders = new();
        System.CommandLine.Command command =
            new("tokens", "Measures time and quality by image size and reduction of attention.") { model, images, masks, sizes, reductions, threads, json };
        folders.AddTo(command);
        command.Validators.Add(result => CommandOption.RefuseWithout(result, masks, folders.Suffixes));
        command.SetAction(parsed =>
        {
            Terminal terminal = Terminal.Of(parsed);
            string? path = parsed.GetValue(json);
            ModelSource source = ModelSource.Load(parsed.GetValue(model)!);
            ImageFolderOptions options = folders.Of(parsed, terminal);
            IReadOnlyList<ImagePair>? pairs = parsed.GetValue(masks) is { } folder ? ImageFolder.Pair(parsed.GetValue(images)!, folder, options) : null;
            IReadOnlyList<NamedFile> files = pairs is null ? ImageFolder.NamedImages(parsed.GetValue(images)!, options) : [];
            source.WarnOfViews(terminal, "here it looks once, at the whole image.", reduces: true);
            List<TokenCurve.Point> points = [];
            IReadOnlyList<string> warnings = [];
            terminal.Line($"{source.Name}, {Plural.Of(pairs?.Count ?? files.Count, "image")}");
            foreach (WorkingSize? size in parsed.GetValue(sizes) ?? [null])
            {
                int given = parsed.GetValue(threads) ?? 1;
                TokenCurve curve = new(
                    source.Network.WithWorkingSize(source.WorkingSize), size, parsed.GetValue(reductions) ?? ViewArguments.ParseReductions(UsualReductions)!.Value, given == 0 ? Environment.ProcessorCount : given);
                TokenCurve.Point[] measured = pairs is null ? curve.Measure(files) : curve.Measure(pairs);
                TokenCurve.Lines(measured).Skip(points.Count == 0 ? 0 : 1).ToList().ForEach(terminal.Line);
                points.AddRange(measured);
                warnings = curve.Warnings; // of the same masks at every size
            }

            warnings.ToList().ForEach(terminal.Warn);

            if (path is not null)
            {
                JsonFile.Write(path, new { Model = source.Name, Images = pairs?.Count ?? files.Count, Points = points });
            }
        });
        return command;
    }

    private static ImmutableArray<WorkingSize?>? SizesOf(string text)
    {
        List<WorkingSize?> sizes = [];
        foreach (string part in text.Split(','))
        {
            if (part != "trained" && ViewArguments.ParseWorkingSize(part) is null)
            {
                return null;
            }

            sizes.Add(part == "trained" ? null : ViewArguments.ParseWorkingSize(part));
        }

        return [.. sizes];
    }
}
