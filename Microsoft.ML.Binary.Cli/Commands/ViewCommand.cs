using System.Collections.Immutable;
using System.CommandLine;
using System.Globalization;
using Microsoft.ML.Binary.Cli.Display;
using Microsoft.ML.Binary.Cli.Options;
using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Imaging;
using Microsoft.ML.Binary.Messages;
using Microsoft.ML.Binary.Reporting;
using Microsoft.ML.Binary.Training;

namespace Microsoft.ML.Binary.Cli.Commands;

/// <summary><c>mlbinary view</c>: a folder of predictions as one page to look through.</summary>
internal static class ViewCommand
{
    private const int UsualCount = 100, Side = 640, NamedClasses = 4;

    /// <summary>What masks hold.</summary>
    private enum Kind
    {
        Segmentation,
        Saliency,
    }

    public static System.CommandLine.Command Create()
    {
        Option<string> images = CommandOption.Text("--images", "DIR", "Folder of the images.", required: true);
        Option<string> masks = CommandOption.Text("--masks", "DIR", "Folder of their masks, as 'mlbinary score' or any other tool wrote them.", required: true);
        Option<string> model = CommandOption.Text("--model", "MODEL", $"The model that they are of: its task, class names and colours. {ModelSource.Meaning}");
        Option<Kind?> task = CommandOption.Choice<Kind>("--task", "What the masks hold, where no model says it. [default: segmentation]");
        Option<string> classes = CommandOption.Text("--classes", "FILE", "A file with one class name per line, and a colour #RRGGBB after a tab, where no model says it; beside a model, of its classes with the colours that masks store.");
        Option<int?> count = CommandOption.Number("--max-images", "N", $"Show the first N only. [default: {UsualCount}; a page grows by some 0.5 MB an image]", 1);
        Option<string> output = new OutputFile("--out", "The page to write.") { Required = true };
        FolderOptions folders = new();
        System.CommandLine.Command command = new("view", "Writes a folder of predictions as one page: image, overlay and mask, with a slider.") { images, masks, model, task, classes, count, output };
        folders.AddTo(command);
        command.SetAction(parsed =>
        {
            Terminal terminal = Terminal.Of(parsed);
            TaskHead? head = parsed.GetValue(model) is { } named ? HeadOf(ModelSource.Load(named), parsed.GetValue(masks)!, parsed.GetValue(task)) : null;
            ClassList? list = parsed.GetValue(classes) is not { } file ? null
                : head is { Task.HasClasses: true } ? ClassList.Beside(file, (parsed.GetValue(model)!, head.ClassNames))
                : ClassFile.Read(file);
            bool isSaliency = (parsed.GetValue(task), head) switch
            {
                ({ } said, { } known) when said == Kind.Saliency == known.Task.HasClasses => throw new ArgumentException($"--task is {said}, and {parsed.GetValue(model)} is a model for {known.Task.Name}; leave one out."),
                ({ } said, _) => said == Kind.Saliency,
                (_, { } known) => !known.Task.HasClasses,
                _ => false,
            };
            if (isSaliency && list is not null)
            {
                throw new ArgumentException("--classes belongs to segmentation; saliency has no classes.");
            }

            IReadOnlyList<string> names = list?.Names ?? head?.ClassNames ?? [];
            IReadOnlyList<string> colors = list?.Colors ?? head?.Palette ?? [];
            Palette palette = Palette.Of(colors);
            MaskColors? meanings = list?.MaskColors ?? ClassList.ColorsOf(head?.Palette ?? []);
            int? most = colors.Count > 0 ? colors.Count : null; // of built-in colours there are enough
            IReadOnlyList<ImagePair> pairs = ImageFolder.Pair(parsed.GetValue(images)!, parsed.GetValue(masks)!, folders.Of(parsed, terminal));
            ImagePair[] shown = [.. pairs.Take(parsed.GetValue(count) ?? UsualCount)];
            string path = parsed.GetValue(output)!;
            PredictionPage.Save(
                path,
                shown.Select(pair => isSaliency ? SaliencyView(pair) : SegmentationView(pair, palette, names, LabelledImages.Read(pair, DenseTask.Segmentation, most, meanings))),
                new() { Title = $"{Plural.Of(shown.Length, "prediction")}{(shown.Length < pairs.Count ? $" of {pairs.Count}" : "")}", Palette = palette, ExampleSide = Side },
                isSaliency ? [] : names);
            string all = shown.Length < pairs.Count ? $" of {pairs.Count} (--max-images)" : "";
            terminal.Line(string.Create(CultureInfo.InvariantCulture, $"Wrote {Plural.Of(shown.Length, "image")}{all} to {path} ({OutputFile.SizeOf(path) / 1e6:0.0} MB)"));
        });
        return command;
    }

    /// <summary>The head that masks are of: the only one, the one that their folder is named after, as 'mlbinary score' names it, or the only one of a kind.</summary>
    private static TaskHead HeadOf(ModelSource model, string masks, Kind? kind)
    {
        ImmutableArray<TaskHead> heads = model.Network.Heads;
        string folder = Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(masks)));
        if (heads.FirstOrDefault(head => head.Name.Equals(folder, StringComparison.OrdinalIgnoreCase)) is { } named)
        {
            return named;
        }

        // Those without classes look alike.
        TaskHead[] meant = [.. heads.Where(head => kind is null || head.Task.HasClasses == (kind == Kind.Segmentation))];
        return heads.Length == 1 ? heads[0]
            : meant.Length == 1 || (meant.Length > 1 && kind == Kind.Saliency) ? meant[0]
            : throw new ArgumentException(
                $"{model.Name} has the tasks {string.Join(", ", heads.Select(head => $"'{head.Name}'"))}, and {masks} is named after none of them. Give the folder of one, as 'mlbinary score' writes it, or say with --task what the masks hold.");
    }

    private static PredictionView SegmentationView(ImagePair pair, Palette palette, IReadOnlyList<string> names, TrainingSample sample)
    {
        (RgbImage image, SegmentationMask mask) = (sample.Image, new(sample.FullWidth, sample.FullHeight, sample.Mask));
        IEnumerable<string> shares = mask.CountLabels().Index().Where(entry => entry.Item > 0).OrderByDescending(entry => entry.Item).Take(NamedClasses)
            .Select(entry => string.Create(CultureInfo.InvariantCulture, $"{NameOf(entry.Index)} {100.0 * entry.Item / mask.Labels.Length:0.0}%"));
        return new(pair.Name, string.Join(", ", shares), image, mask.ToImage(palette), Overlay.Segmentation(image, mask, new() { Palette = palette }));

        string NameOf(int label) => label == SegmentationMask.DefaultIgnoreIndex ? "ignored" : label < names.Count ? names[label] : $"class {label}";
    }

    private static PredictionView SaliencyView(ImagePair pair)
    {
        TrainingSample sample = LabelledImages.Read(pair, DenseTask.Saliency, null);
        (RgbImage image, SaliencyMask mask) = (sample.Image, new(sample.FullWidth, sample.FullHeight, sample.Mask));
        double share = 100.0 * mask.Values.Count(value => value > 128) / mask.Values.Length;
        return new(pair.Name, string.Create(CultureInfo.InvariantCulture, $"object {share:0.0}%"), image, mask.ToImage(), Overlay.Saliency(image, mask));
    }
}
