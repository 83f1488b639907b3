using System.CommandLine;
using Microsoft.ML.Binary.Cli.Display;
using Microsoft.ML.Binary.Cli.Options;
using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Imaging;
using Microsoft.ML.Binary.Inference;

namespace Microsoft.ML.Binary.Cli.Commands;

/// <summary><c>mlbinary score</c>: a mask for every image, and a picture of it if wanted.</summary>
internal static class ScoreCommand
{
    private const string OverlayEnding = ".overlay";

    public static System.CommandLine.Command Create()
    {
        Option<string> model = CommandOption.Text("--model", "MODEL", ModelSource.Meaning, required: true);
        Option<string> images = CommandOption.Text("--images", "DIR|FILE", "A folder of images, or one image.", required: true);
        Option<string> output = CommandOption.Text("--out", "DIR", "Folder of the masks, made if there is none: 8-bit gray PNG of class indices, or of saliency 0..255.", required: true);
        Option<bool> overlay = new("--overlay") { Description = $"Also write a picture of each mask on its image: NAME{OverlayEnding}.png." };
        System.CommandLine.Command command = new("score", "Writes a mask for every image.") { model, images, output, overlay };
        command.SetAction(parsed => Run(
            parsed.GetValue(model)!, parsed.GetValue(images)!, parsed.GetValue(output)!, parsed.GetValue(overlay), Terminal.Of(parsed)));
        return command;
    }

    private static void Run(string model, string images, string folder, bool withOverlay, Terminal terminal)
    {
        DenseNetwork network = ModelSource.Load(model).Network;
        IReadOnlyList<string> paths = File.Exists(images) ? [images] : ImageFolder.ListImages(images);
        CheckNames(paths, folder, withOverlay);
        Directory.CreateDirectory(folder);
        using CompiledNetwork compiled = CompiledNetwork.Compile(network.Graph);
        Palette palette = network.Palette.IsEmpty ? Palette.Default : Palette.Parse(string.Join(',', network.Palette));
        OverlayOptions overlayOptions = new() { Palette = palette, ClassNames = network.ClassNames };
        CountDisplay.Show(terminal, "scored", paths.Count, done =>
        {
            int count = 0;
            foreach (string _ in OrderedParallel.Map(paths, Environment.ProcessorCount, Score))
            {
                done(++count);
            }
        });
        terminal.Line($"Wrote {Plural.Of(paths.Count, "mask")}{(withOverlay ? " with overlays" : "")} to {folder}");

        string Score(string path)
        {
            RgbImage image = RgbImage.Load(path);
            string mask = MaskPath(path, folder), picture = Path.ChangeExtension(mask, $"{OverlayEnding}.png");
            if (network.Task == DenseTask.Segmentation)
            {
                SegmentationMask labels = new(image.Width, image.Height, new byte[image.Width * image.Height]);
                compiled.PredictLabels(image, labels.Labels);
                MaskWriter.Save(mask, labels);
                Draw(() => Overlay.Segmentation(image, labels, overlayOptions));
            }
            else
            {
                float[] probabilities = new float[image.Width * image.Height];
                compiled.PredictSaliency(image, probabilities);
                SaliencyMask saliency = SaliencyMask.FromProbabilities(image.Width, image.Height, probabilities);
                MaskWriter.Save(mask, saliency);
                Draw(() => Overlay.Saliency(image, saliency));
            }

            return path;

            void Draw(Func<RgbImage> draw)
            {
                if (withOverlay)
                {
                    draw().SavePng(picture);
                }
            }
        }
    }

    private static string MaskPath(string image, string folder) => Path.Combine(folder, Path.GetFileNameWithoutExtension(image) + ".png");

    /// <summary>Sees to it that no output takes the place of an image or of another output.</summary>
    private static void CheckNames(IReadOnlyList<string> images, string folder, bool withOverlay)
    {
        HashSet<string> names = [.. images.Select(image => Path.GetFileNameWithoutExtension(image))];
        foreach (string image in images)
        {
            if (Path.GetFullPath(MaskPath(image, folder)) == Path.GetFullPath(image))
            {
                throw new IOException($"{image}: its mask would take the image's place. Give another folder with --out.");
            }

            string overlay = Path.GetFileNameWithoutExtension(image) + OverlayEnding;
            if (withOverlay && names.Contains(overlay))
            {
                throw new IOException($"{image}: its overlay and the mask of the image '{overlay}' would have the same name. Rename one of the images.");
            }
        }
    }
}
