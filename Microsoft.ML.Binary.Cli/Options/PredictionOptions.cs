using System.CommandLine;
using System.CommandLine.Parsing;
using Microsoft.ML.Binary.Cli.Display;
using Microsoft.ML.Binary.Cli.Predictions;
using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Imaging;

namespace Microsoft.ML.Binary.Cli.Options;

/// <summary>The options that say what is evaluated: models on images, or predictions that other tools wrote.</summary>
/// <param name="sources">How many models, or folders of predictions, the command takes.</param>
/// <param name="tasks">An option in whose place none of masks is needed; null if the command has none.</param>
internal sealed class PredictionOptions(int sources, Option<string>? tasks = null)
{
    private readonly Option<string[]> _models = Several("--model", "MODEL", ModelSource.Meaning, sources);
    private readonly Option<string[]> _predictions = Several(
        "--predictions", "DIR", "Instead of a model: folder of masks or saliency maps that any tool wrote, PNG, TIFF, BMP or PGM of the masks' or images' names, and of their sizes.", sources);
    private readonly Option<DenseTask?> _task = CommandOption.Choice<DenseTask>("--task", "What predictions hold: class indices, or saliency 0..255.");
    private readonly Option<string> _classes = CommandOption.Text(
        "--classes", "N|FILE", "Classes of the predictions: their number, or a file with one class name per line, and a colour #RRGGBB after it if masks store colours; beside a model, only for these. [default: the largest index in the masks + 1]");
    private readonly Option<string> _images = CommandOption.Text("--images", "DIR", "Folder of the images, which models score. Predictions need none, but reports show them.");
    private readonly Option<string> _masks = CommandOption.Text("--masks", "DIR", "Folder of their masks; may be the same.");
    private readonly FolderOptions _folders = new();

    private readonly ViewArguments _views = new(sources);

    public void AddTo(System.CommandLine.Command command)
    {
        foreach (Option option in (Option[])[_models, _predictions, _task, _classes, _images, _masks])
        {
            command.Add(option);
        }

        _views.AddTo(command);
        _folders.AddTo(command);
        command.Validators.Add(Validate);
    }

    /// <summary>The sources, in the order given.</summary>
    public IReadOnlyList<(string Name, IPredictionSource Source)> Open(ParseResult parsed, Terminal terminal)
    {
        ImageFolderOptions options = _folders.Of(parsed, terminal);
        string masks = parsed.GetValue(_masks)!;
        string? images = parsed.GetValue(_images);
        if (parsed.GetValue(_predictions) is { Length: > 0 } folders)
        {
            DenseTask task = parsed.GetValue(_task)!.Value;
            return [.. folders.Select(folder => (folder, (IPredictionSource)new FilePredictions(task, folder, masks, images, parsed.GetValue(_classes), options)))];
        }

        List<ModelSource> models = [.. parsed.GetValue(_models)!.Select(ModelSource.Load)];
        IReadOnlyList<ImagePair> pairs = ImageFolder.Pair(images!, masks, options);
        MaskColors? colors = parsed.GetValue(_classes) is { } classes ? ClassList.Beside(classes, models.Select(model => (model.Name, model.Network.ClassNames))).MaskColors : null;
        return [.. models.Select((model, i) => (model.Name, (IPredictionSource)new ModelPredictions(model.Network, pairs, model.Name, colors, _views.Of(parsed, model.Views, i))))];
    }

    /// <summary>The model and the images where there are several tasks.</summary>
    public (ModelSource Model, string Images, ImageFolderOptions Folders) OpenTasks(ParseResult parsed, Terminal terminal) =>
        (ModelSource.Load(parsed.GetValue(_models)![0]), parsed.GetValue(_images)!, _folders.Of(parsed, terminal));

    /// <summary>How a model sees images: as was asked for, and else as was saved with it.</summary>
    public Inference.ViewOptions Views(ParseResult parsed, ModelSource model) => _views.Of(parsed, model.Views);

    /// <summary>The folders of the data, as given.</summary>
    public (string? Images, string Masks) Folders(ParseResult parsed) => (parsed.GetValue(_images), parsed.GetValue(_masks)!);

    private void Validate(CommandResult result)
    {
        int models = result.GetResult(_models)?.Tokens.Count ?? 0, predictions = result.GetResult(_predictions)?.Tokens.Count ?? 0;
        string number = sources == 1 ? "one" : "two";
        CommandOption.RefuseWithout(result, _images, _folders.ImageSuffix);
        if (tasks is not null && result.GetResult(tasks) is not null)
        {
            foreach (Option alone in new Option[] { _predictions, _task, _classes, _masks }.Where(option => result.GetResult(option) is not null))
            {
                result.AddError($"{alone.Name} is for one task, and --tasks names several.");
            }

            if (models != 1 || result.GetResult(_images) is null)
            {
                result.AddError("--tasks needs --model and --images.");
            }
        }
        else if (result.GetResult(_masks) is null)
        {
            result.AddError($"Option '{_masks.Name}' is required{(tasks is null ? "" : " (or --tasks for several tasks)")}.");
        }
        else if ((models, predictions) != (sources, 0) && (models, predictions) != (0, sources))
        {
            result.AddError($"{Capital(number)} --model or {number} --predictions must be given; there {(models == 1 ? "is" : "are")} {models} and {predictions}.");
        }
        else if (models > 0 && result.GetResult(_images) is null)
        {
            result.AddError("--model needs --images.");
        }
        else if (predictions > 0 && result.GetResult(_task) is null)
        {
            result.AddError("--predictions needs --task.");
        }
        else if (predictions > 0 && _views.All.Any(option => result.GetResult(option) is not null))
        {
            result.AddError($"{string.Join(", ", _views.All.Select(option => option.Name))} belong to --model.");
        }
        else if (models > 0 && result.GetResult(_task) is not null)
        {
            result.AddError("--task belongs to --predictions; a model has its own.");
        }
        else if (result.GetResult(_classes) is not null && result.GetResult(_task) is { Errors: var errors } && !errors.Any() && result.GetValue(_task) is { HasClasses: false } other)
        {
            result.AddError($"--classes belongs to segmentation; {other.Name} has no classes.");
        }
    }

    private static string Capital(string word) => char.ToUpperInvariant(word[0]) + word[1..];

    private static Option<string[]> Several(string name, string helpName, string description, int count) =>
        CommandOption.Texts(name, helpName, count == 1 ? description : $"{description} Twice.");
}
