using System.CommandLine;
using Microsoft.ML.Binary.Cli.Display;
using Microsoft.ML.Binary.Cli.Options;
using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Imaging;
using Microsoft.ML.Binary.Inference;
using Microsoft.ML.Binary.Messages;

namespace Microsoft.ML.Binary.Cli.Commands;

/// <summary><c>mlbinary score</c>: a mask for every image, and a picture of it if wanted.</summary>
internal static class ScoreCommand
{
    public static System.CommandLine.Command Create()
    {
        Option<string> model = CommandOption.Text("--model", "MODEL", ModelSource.Meaning, required: true);
        Option<string> images = CommandOption.Text("--images", "DIR|FILE", "A folder of images, or one image.", required: true);
        Option<string> output = CommandOption.Text("--out", "DIR", "Folder of the masks, made if there is none: 8-bit gray PNG of class indices, or of saliency 0..255.", required: true);
        Option<bool> overlay = new("--overlay") { Description = $"Also write a picture of each mask on its image: NAME{ScoreOutputs.OverlayEnding}.png." };
        Option<bool> recursive = new("--recursive") { Description = "Score the images of subfolders too, and write the masks into the same tree." };
        Option<bool> failFast = CommandOption.FailFast();
        ViewArguments views = new();
        System.CommandLine.Command command = new("score", "Writes a mask of the image's own size for every image.") { model, images, output, overlay, recursive, failFast };
        views.AddTo(command);
        command.SetAction(parsed =>
        {
            Terminal terminal = Terminal.Of(parsed);
            ModelSource loaded = ModelSource.Load(parsed.GetValue(model)!);
            (string source, string folder) = (parsed.GetValue(images)!, parsed.GetValue(output)!);
            IReadOnlyList<NamedFile> files = Files(source, folder, parsed.GetValue(recursive), terminal);
            bool withOverlay = parsed.GetValue(overlay);
            ViewOptions seen = views.Of(parsed, loaded.Views);
            if (withOverlay && seen.Tiles is not null)
            {
                throw new ArgumentException("--overlay needs the whole picture in memory, which --tile is there to avoid; leave one of them out.");
            }

            DenseNetwork network = loaded.Network;
            (TaskHead Head, ScoreOutputs Outputs)[] outputs = network.Heads.Length == 1
                ? [(network.Heads[0], new ScoreOutputs(folder, withOverlay))]
                : [.. network.Heads.Select(head => (head, new ScoreOutputs(Path.Combine(folder, head.Name), withOverlay)))];
            foreach ((_, ScoreOutputs prepared) in outputs)
            {
                prepared.Prepare(files);
            }

            Failures failures = new(endsAtFirst: parsed.GetValue(failFast));
            Score(network, seen, files, outputs, withOverlay, failures, terminal);
            terminal.Line($"Wrote {Plural.Of(files.Count - failures.List.Count, "mask")}{(withOverlay ? " with overlays" : "")} to {folder}{(outputs.Length > 1 ? $", a folder for each of {string.Join(", ", network.Heads.Select(head => head.Name))}" : "")}");
            return failures.Report(terminal, files.Count, "scored");
        });
        return command;
    }

    private static IReadOnlyList<NamedFile> Files(string images, string output, bool recursive, Terminal terminal)
    {
        if (File.Exists(images))
        {
            return [new(Path.GetFileNameWithoutExtension(images), images)];
        }

        bool isInside = Directory.Exists(images) && Directory.Exists(output) && !Binary.Files.RealPath.AreSame(images, output);
        return ImageFolder.NamedImages(images, new() { Recursive = recursive, ExcludedFolder = isInside ? output : null, Report = terminal.Warn });
    }

    private static void Score(
        DenseNetwork network, ViewOptions views, IReadOnlyList<NamedFile> files, (TaskHead Head, ScoreOutputs Outputs)[] outputs, bool withOverlay, Failures failures, Terminal terminal)
    {
        // In tiles the cores work on one image, so that only one is in memory.
        bool inTiles = views.Tiles is not null;
        using CompiledNetwork compiled = CompiledNetwork.Compile(network, new() { Views = views, Threads = inTiles ? Environment.ProcessorCount : 1 });
        CountDisplay.Show(terminal, "scored", files.Count, done =>
        {
            int count = 0;
            foreach (Failure? failure in OrderedParallel.Map(files, inTiles ? 1 : Environment.ProcessorCount, file => inTiles ? ProcessRows(file) : Process(file)))
            {
                if (failure is not null)
                {
                    failures.Add(failure);
                }

                done(++count);
            }
        });

        Failure? Process(NamedFile file)
        {
            // What cannot be read or scored is left out; what cannot be written ends the run, as the next could not be written either.
            Outcome<Action> scored = failures.Try(file.Path, () => Predict(file));
            scored.Value?.Invoke();
            return scored.Failure;
        }

        Failure? ProcessRows(NamedFile file) =>
            TiledScore.Run(compiled, file.Path, [.. outputs.Select(output => (output.Head, output.Outputs.MaskOf(file)))], failures);

        Action Predict(NamedFile file)
        {
            // Results have the picture's own size; for them it need not be decoded larger than the network sees it.
            LoadedImage picture = ImageReader.Load(file.Path, ImageReadOptions.Default with { NeededLongestSide = compiled.NeededLongestSide });
            (RgbImage image, (int Width, int Height) size) = (picture.Image, (picture.FullWidth, picture.FullHeight));
            IReadOnlyList<ScoredMask> masks = ScoredMask.OfHeads(compiled, image, size);
            return () =>
            {
                for (int i = 0; i < masks.Count; i++)
                {
                    (TaskHead head, ScoreOutputs own) = outputs[i];
                    masks[i].Save(own.MaskOf(file));
                    if (withOverlay)
                    {
                        Palette palette = head.Palette.IsEmpty ? Palette.Default : Palette.Parse(string.Join(',', head.Palette));
                        masks[i].Overlay(Whole(), new() { Palette = palette, ClassNames = head.ClassNames }).SavePng(own.OverlayOf(file));
                    }
                }
            };

            RgbImage Whole() => picture.Reduction == 1 ? image : RgbImage.Load(file.Path);
        }
    }
}
