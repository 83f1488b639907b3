using System.Collections.Immutable;
using System.Globalization;
using Microsoft.ML.Binary.Cli.Display;
using Microsoft.ML.Binary.Cli.Options;
using Microsoft.ML.Binary.Files;
using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Imaging;
using Microsoft.ML.Binary.Messages;
using Microsoft.ML.Binary.Networks;
using Microsoft.ML.Binary.Training;
using static System.FormattableString;

namespace Microsoft.ML.Binary.Cli.Commands;

/// <summary>What several tasks have beside a <see cref="TrainingJob"/>, whose own task and masks are not looked at.</summary>
internal sealed record MultiTaskJob(TrainingJob Common, string TaskFile, TaskDecoders Decoders, TaskBottleneck Bottleneck, string? FeatureTeacher);

/// <summary>One run of <c>mlbinary train --tasks</c>.</summary>
internal sealed class MultiTaskJobRunner
{
    private readonly MultiTaskJob _job;
    private readonly Terminal _terminal;
    private readonly TaskData[] _data;
    private readonly LearnedTask[] _tasks;
    private readonly DenseNetwork _initial;
    private readonly ImageDimensions _crop;
    private readonly TrainingOptions _options;
    private readonly int _threads;

    private MultiTaskJobRunner(MultiTaskJob job, Terminal terminal)
    {
        (_job, _terminal) = (job, terminal);
        TrainingJob common = job.Common;
        _threads = common.Threads == 0 ? Environment.ProcessorCount : common.Threads;
        AtomicFile.CheckWritable(common.Out);
        AtomicFile.CheckWritable(CheckpointPath);
        IReadOnlyList<TaskEntry> entries = TaskFile.Read(job.TaskFile);
        _data = [.. entries.Where(entry => entry.Masks is not null).Select(Data)];
        CheckSameImages();
        _tasks = [.. entries.Select(entry => new LearnedTask(entry.Name, entry.Task == DenseTask.Edges
            ? new EdgesTask { Source = EdgeSource.Edges, Widening = entry.Width }
            : TrainingTask.For(entry.Task))
        { Weight = entry.Weight, From = entry.From })];
        WorkingSize size = common.Size ?? SizeSurvey.Propose(LabelledImages.Sizes(_data[0].Pairs, _threads)).Size;
        _crop = common.Crop ?? UsualCrop(size);
        NetworkConfiguration preset = NetworkConfiguration.For(common.Preset, 1, common.Precision, common.Seed);
        ImmutableArray<TaskHead> heads = [.. entries.Select(entry =>
        {
            ClassList? classes = Array.Find(_data, data => data.Entry == entry)?.Classes;
            return new TaskHead(entry.Name, entry.Task, classes?.Names ?? [], classes?.Colors ?? []);
        })];
        _initial = MultiTaskNetwork.Build(common.Network?.Apply(preset) ?? preset, heads, job.Decoders, job.Bottleneck, size);
        _options = Options(size);
        _options.CheckFor(_initial, _tasks);
    }

    private string CheckpointPath => _job.Common.Out + ".checkpoint";

    /// <summary>Trains and writes the model.</summary>
    /// <returns>The exit code.</returns>
    public static int Run(MultiTaskJob job, Terminal terminal) => new MultiTaskJobRunner(job, terminal).Run();

    private int Run()
    {
        GraphCost cost = CostModel.Measure(_initial.Graph, _crop.Height, _crop.Width);
        _terminal.Line(Invariant(
            $"{string.Join(", ", _initial.Heads.Select(head => $"{head.Name} ({head.Task.Name}{(head.ClassNames.IsEmpty ? "" : $", {head.ClassNames.Length} classes")})"))}, {_job.Common.Preset} ({_job.Common.Precision}): {cost.OneBitParameters:N0} one-bit and {cost.FloatParameters:N0} float parameters"));
        _terminal.Line(Invariant(
            $"{Plural.Of(_data[0].Pairs.Count, "image")}; batch {_job.Common.Batch}, crops of {_crop}, learning rate {_job.Common.LearningRate}, seed {_job.Common.Seed}, {Plural.Of(_threads, "thread")}, working size {_initial.WorkingSize}"));
        using Interruption interruption = new();
        TrainingResult result = TrainingDisplay.Show(
            _terminal, _job.Common.EarlyStopping is null ? null : _tasks[0].Task.MeasureName, progress => DenseTrainer.TrainTasks(_initial, _tasks, ReadData, _options, progress, interruption.Token));
        if (result.Steps == 0)
        {
            _terminal.Line("Stopped before the first step; no model was written.");
            return CommandLineTool.Interrupted;
        }

        _terminal.Line(Invariant($"{result.Steps} steps in {result.Elapsed.TotalSeconds:0} s, loss {Figure.Of(result.Loss)}"));
        _terminal.Line($"Wrote {_job.Common.Out} ({Plural.Of(new FileInfo(_job.Common.Out).Length, "byte")})");
        if (result.Cancelled)
        {
            _terminal.Line($"Stopped early. The model is usable as it is; to go on, give the same command with --resume {CheckpointPath}");
            return CommandLineTool.Interrupted;
        }

        File.Delete(CheckpointPath);
        return 0;
    }

    private TaskData Data(TaskEntry entry)
    {
        try
        {
            IReadOnlyList<ImagePair> pairs = ImageFolder.Pair(_job.Common.Images, entry.Masks!, _job.Common.Folders);
            ClassList classes = !entry.Task.HasClasses ? new([], []) : entry.Classes is null ? ClassList.FromMasks(pairs) : ClassList.Parse(entry.Classes);
            return new(entry, pairs, classes);
        }
        catch (InvalidDataException e)
        {
            throw new InvalidDataException($"Task '{entry.Name}' of {_job.TaskFile}: {e.Message}", e);
        }
    }

    private void CheckSameImages()
    {
        foreach (TaskData data in _data.Skip(1))
        {
            string? lacking = _data[0].Pairs.Select(pair => pair.ImagePath).Except(data.Pairs.Select(pair => pair.ImagePath)).FirstOrDefault();
            if (lacking is not null || data.Pairs.Count != _data[0].Pairs.Count)
            {
                throw new InvalidDataException(
                    $"{lacking ?? data.Entry.Masks}: task '{data.Entry.Name}' has {Plural.Of(data.Pairs.Count, "mask")} and task '{_data[0].Entry.Name}' {_data[0].Pairs.Count}; every image needs one of each.");
            }
        }
    }

    private IEnumerable<TrainingSample> ReadData() => OrderedParallel.Map(Enumerable.Range(0, _data[0].Pairs.Count), _threads, Read);

    // The image is decoded for the first task; of the others the mask alone.
    private TrainingSample Read(int index)
    {
        TaskData first = _data[0];
        ImagePair pair = first.Pairs[index];
        TrainingSample sample = first.Entry.Task.HasClasses
            ? ImagePairReader.Load(pair, MaskKind.ClassIndices, first.Classes.Names.Length, first.Classes.MaskColors)
            : ImagePairReader.Load(pair, MaskKind.Saliency);
        return sample with { MoreMasks = [.. _data.Skip(1).Select(data => Mask(data, index, sample.Image))] };
    }

    private static byte[] Mask(TaskData data, int index, RgbImage image)
    {
        string path = data.Pairs[index].MaskPath;
        (int width, int height, byte[] values) = CliTask.Of(data.Entry.Task.HasClasses ? DenseTask.Segmentation : DenseTask.Saliency).ReadMask(path, data.Classes);
        return (width, height) == (image.Width, image.Height)
            ? values
            : throw new InvalidDataException($"{path}: the mask of task '{data.Entry.Name}' is {width}x{height}, and its image {image.Width}x{image.Height}; they must have one size.");
    }

    private ImageDimensions UsualCrop(WorkingSize size)
    {
        RgbImage first = Read(0).Image;
        (int width, int height) = size.Fit(first.Width, first.Height);
        return new(Math.Min(TrainCommand.UsualCrop.Width, width), Math.Min(TrainCommand.UsualCrop.Height, height));
    }

    private TrainingOptions Options(WorkingSize size) => new()
    {
        Budget = _job.Common.Budget ?? TrainingBudget.OfDuration(TimeSpan.FromMinutes(TrainCommand.UsualMinutes)),
        BatchSize = _job.Common.Batch,
        WorkingSize = size,
        CropHeight = _crop.Height,
        CropWidth = _crop.Width,
        Augmentation = new() { MinScale = _job.Common.Scale.Lowest, MaxScale = _job.Common.Scale.Highest },
        LearningRate = _job.Common.LearningRate,
        FeatureTeacher = _job.FeatureTeacher is { } teacher ? ModelSource.Load(teacher).Network.Unfreeze().Graph : null,
        Seed = _job.Common.Seed,
        Threads = _job.Common.Threads,
        CheckpointPath = CheckpointPath,
        Resume = _job.Common.Resume is not null,
        ResumePath = _job.Common.Resume,
        Completed = result =>
        {
            if (result.Steps > 0)
            {
                ModelWriter.Save(_initial.WithGraph(result.Graph).WithProvenance(Provenance(result)).Freeze(), _job.Common.Out);
            }
        },
        ReportInterval = TrainingDisplay.ReportInterval(_terminal),
        OnWarning = _terminal.Warn,
        EarlyStopping = _job.Common.EarlyStopping,
        GradientAccumulation = _job.Common.GradientAccumulation,
    };

    private ImmutableSortedDictionary<string, string> Provenance(TrainingResult result) => new Dictionary<string, string>
    {
        ["batch"] = Text(_job.Common.Batch),
        ["crop"] = _crop.ToString(),
        ["images"] = Text(_data[0].Pairs.Count),
        ["learningRate"] = Text(_job.Common.LearningRate),
        ["precision"] = _job.Common.Precision.ToString(),
        ["preset"] = _job.Common.Preset.ToString(),
        ["scale"] = _job.Common.Scale.ToString(),
        ["seed"] = Text(_job.Common.Seed),
        ["steps"] = Text(result.Steps),
        ["taskWeights"] = string.Join(", ", _tasks.Select(task => Invariant($"{task.Name} {task.Weight}"))),
        ["decoders"] = _job.Decoders.ToString(),
        ["bottleneck"] = _job.Bottleneck.ToString(),
        ["featureTeacher"] = Path.GetFileName(_job.FeatureTeacher) ?? "none",
    }.ToImmutableSortedDictionary();

    private static string Text(IFormattable value) => value.ToString(null, CultureInfo.InvariantCulture);

    private sealed record TaskData(TaskEntry Entry, IReadOnlyList<ImagePair> Pairs, ClassList Classes);
}
