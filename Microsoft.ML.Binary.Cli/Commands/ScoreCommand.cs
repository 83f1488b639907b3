using System.CommandLine;
using System.CommandLine.Parsing;
using Microsoft.ML.Binary.Cli.Display;
using Microsoft.ML.Binary.Cli.Options;
using Microsoft.ML.Binary.Files;
using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Imaging;
using Microsoft.ML.Binary.Inference;
using Microsoft.ML.Binary.Messages;

namespace Microsoft.ML.Binary.Cli.Commands;

/// <summary><c>mlbinary score</c>: a mask for every image, a picture of it and a table of all if wanted; whole, in shards, and on from where it was ended.</summary>
internal static class ScoreCommand
{
    public static System.CommandLine.Command Create()
    {
        Option<string> model = CommandOption.Text("--model", "MODEL", ModelSource.Meaning, required: true);
        Option<string> images = CommandOption.Text("--images", "DIR|FILE", "A folder of images, or one image.");
        Option<string> manifest = CommandOption.Text(
            "--manifest", "FILE", "Instead: a list of images, one path a line; or a table (.csv, .tsv) with a column 'path', and 'name' for names of masks. Relative paths start at its folder.");
        Option<string> output = new OutputFolder("--out", "Folder of the masks, made if there is none: 8-bit gray PNG of class indices, or of saliency 0..255.") { Required = true };
        Option<bool> overlay = new("--overlay") { Description = $"Also write a picture of each mask on its image: NAME{BatchOptions.OverlayEnding}.png." };
        Option<string> table = ResultTableFile.Option();
        Option<bool> recursive = new("--recursive") { Description = "Score the images of subfolders too, and write the masks into the same tree." };
        Option<bool> resume = new("--resume") { Description = "Pass over images whose masks are there, whole, and made by the same model with the same options." };
        Option<Shard?> shard = CommandOption.Shard("--shard", "Score one of N parts of the images, which depend on the names alone.");
        Option<int?> threads = CommandOption.Number("--threads", "T", "Images that are scored at a time. [default: all cores]", lowest: 1, highest: InferenceOptions.MaxThreads);
        Option<bool> failFast = CommandOption.FailFast();
        ViewArguments views = new();
        System.CommandLine.Command command = new("score", "Writes a mask of the image's own size for every image.")
        {
            model, images, manifest, output, overlay, table, recursive, resume, shard, threads, failFast,
        };
        views.AddTo(command);
        command.Validators.Add(result => Validate(result, images, manifest, recursive));
        command.Validators.Add(result =>
        {
            if (result.GetValue(overlay) && views.AsksForTiles(result))
            {
                result.AddError("--overlay needs the whole picture in memory, which --tile is there to avoid; leave one of them out.");
            }
        });
        command.SetAction(parsed =>
        {
            Terminal terminal = Terminal.Of(parsed);
            ModelSource loaded = ModelSource.Load(parsed.GetValue(model)!);
            ResultTableFile? results = ResultTableFile.Of(parsed.GetValue(table), loaded.Network);
            BatchOptions options = new()
            {
                OutputFolder = parsed.GetValue(output)!,
                Shard = parsed.GetValue(shard) ?? default,
                Resume = parsed.GetValue(resume),
                Overlays = parsed.GetValue(overlay),
                Measure = results is not null,
                FailFast = parsed.GetValue(failFast),
                Threads = parsed.GetValue(threads) ?? 0,
                Views = views.Of(parsed, loaded.Views),
            };
            IEnumerable<NamedFile> files = parsed.GetValue(manifest) is { } list
                ? ImageManifest.Open(list)
                : Files(parsed.GetValue(images)!, options.OutputFolder, parsed.GetValue(recursive), terminal);
            using BatchScorer scorer = new(loaded.Network, options);
            return Run(scorer.Prepare(files), loaded.Network, options, results, terminal);
        });
        return command;
    }

    private static void Validate(CommandResult result, Option<string> images, Option<string> manifest, Option<bool> recursive)
    {
        if ((result.GetResult(images) is null) == (result.GetResult(manifest) is null))
        {
            result.AddError("Either --images or --manifest must be given.");
        }
        else if (result.GetResult(manifest) is not null && result.GetResult(recursive) is not null)
        {
            result.AddError("--recursive belongs to --images; a manifest lists every image.");
        }
        else if (result.GetResult(recursive) is { Implicit: false } && result.GetResult(images) is { Tokens: [{ Value: var path }] } && File.Exists(path))
        {
            result.AddError($"--recursive belongs to a folder, and --images is one image, '{path}'.");
        }
    }

    private static IReadOnlyList<NamedFile> Files(string images, string output, bool recursive, Terminal terminal)
    {
        if (File.Exists(images))
        {
            return [new(Path.GetFileNameWithoutExtension(images), images)];
        }

        bool areThere = Directory.Exists(images) && Directory.Exists(output);
        if (areThere && RealPath.AreSame(images, output))
        {
            throw new IOException($"{output}: --out is the folder of --images, whose masks would be images to the next run. Choose another folder.");
        }

        return ImageFolder.NamedImages(images, new() { Recursive = recursive, ExcludedFolder = areThere ? output : null, Report = terminal.Warn });
    }

    private static int Run(BatchRun run, DenseNetwork network, BatchOptions options, ResultTableFile? table, Terminal terminal)
    {
        Failures failures = new(options.FailFast);
        return failures.Listed(terminal, run.Count, "scored", () =>
        {
            (int done, int kept) = CountDisplay.Show(terminal, "scored", run.Count, show =>
            {
                (int all, int there) = (0, 0);
                if (table is not null)
                {
                    table.Write(Watched());
                }
                else
                {
                    foreach (BatchResult _ in Watched())
                    {
                    }
                }

                return (all, there);

                IEnumerable<BatchResult> Watched()
                {
                    foreach (BatchResult result in run.Run())
                    {
                        there += result.State == BatchState.Kept ? 1 : 0;
                        if (result.Reason is { } reason)
                        {
                            failures.Add(new(result.Image.Path, reason));
                        }

                        show(++all);
                        yield return result;
                    }
                }
            });
            string heads = network.Heads.Length > 1 ? $", a folder for each of {string.Join(", ", network.Heads.Select(head => head.Name))}" : "";
            string before = kept > 0 ? $"; {Plural.Of(kept, "image")} had {(kept == 1 ? "its" : "theirs")} already" : "";
            terminal.Line($"Wrote {Plural.Of(done - kept - failures.List.Count, "mask")}{(options.Overlays ? " with overlays" : "")} to {options.OutputFolder}{heads}{before}");
        });
    }
}
