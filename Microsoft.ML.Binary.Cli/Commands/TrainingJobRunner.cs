using System.Collections.Immutable;
using System.Globalization;
using Microsoft.ML.Binary.Cli.Display;
using Microsoft.ML.Binary.Cli.Options;
using Microsoft.ML.Binary.Cli.Predictions;
using Microsoft.ML.Binary.Files;
using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Imaging;
using Microsoft.ML.Binary.Messages;
using Microsoft.ML.Binary.Networks;
using Microsoft.ML.Binary.Training;
using static System.FormattableString;

namespace Microsoft.ML.Binary.Cli.Commands;

/// <summary>One run of <c>mlbinary train</c>.</summary>
internal sealed class TrainingJobRunner
{
    private readonly TrainingJob _job;
    private readonly Terminal _terminal;
    private readonly IReadOnlyList<ImagePair> _pairs, _validationPairs;
    private readonly ModelSource? _source;
    private readonly ClassList _classes;
    private readonly TrainingTask _task;
    private readonly WorkingSize _size;
    private readonly string _sizeReason;
    private readonly ImageDimensions _crop;
    private readonly int _threads;
    private readonly TrainingBudget _budget;
    private readonly DenseGraph? _teacher;
    private readonly DenseGraph _initial;

    // Checks all that can be checked, so that nothing fails after hours of work that could have failed before them.
    public TrainingJobRunner(TrainingJob job, Terminal terminal)
    {
        (_job, _terminal) = (job, terminal);
        _threads = job.Threads == 0 ? Environment.ProcessorCount : job.Threads;
        AtomicFile.CheckWritable(job.Out);
        AtomicFile.CheckWritable(CheckpointPath);
        _pairs = ImageFolder.Pair(job.Images, job.Masks, job.Folders);
        _validationPairs = job.ValidationImages is null ? [] : ImageFolder.Pair(job.ValidationImages, job.ValidationMasks!, job.Folders);
        _source = (job.From ?? job.Transfer) is { } source ? ModelSource.Load(source) : null;
        _classes = !job.Task.Task.HasClasses ? new([], [])
            : (job.Classes is null ? ClassList.FromMasks(_pairs) : ClassList.Parse(job.Classes)).NamedAs(_source?.Network);
        _task = job.Task.WithClassNames(_classes.Names);
        _budget = job.Budget ?? (job.From is null
            ? TrainingBudget.OfDuration(TimeSpan.FromMinutes(TrainCommand.UsualMinutes))
            : TrainingOptions.ForFineTuning(_pairs.Count).Budget);
        (_size, _sizeReason) = Size();
        _crop = job.Crop ?? UsualCrop();
        _teacher = job.Teacher is null ? null : Teacher(job.Teacher);
        if (_validationPairs.Count > 0)
        {
            DenseTrainer.CheckValidation(
                _task, _classes.Names.Length, LabelledImages.Stream(_validationPairs, _task, NumberOfClasses, _threads, _classes.MaskColors), terminal.Warn);
        }

        _initial = Initial();
        CheckResume();
    }

    /// <summary>The network to start with, trainable.</summary>
    public DenseGraph InitialGraph => _initial;

    /// <summary>What is learned.</summary>
    public TrainingTask Task => _task;

    /// <summary>Whether there are images to validate on.</summary>
    public bool Validates => _validationPairs.Count > 0;

    public string CheckpointPath => _job.Out + ".checkpoint";

    private int? NumberOfClasses => _task.Task.HasClasses ? _classes.Names.Length : null;

    /// <summary>Trains and writes the model.</summary>
    /// <returns>The exit code.</returns>
    public static int Run(TrainingJob job, Terminal terminal) => new TrainingJobRunner(job, terminal).Run();

    private int Run()
    {
        Announce(_initial);
        using Interruption interruption = new();
        TrainingResult result = TrainingDisplay.Show(_terminal, _validationPairs.Count > 0 || _job.EarlyStopping is not null ? _task.MeasureName : null, progress => DenseTrainer.Train(
            _initial, _task, ReadData, Options(), progress, interruption.Token));
        if (result.Steps == 0)
        {
            _terminal.Line("Stopped before the first step; no model was written.");
            return CommandLineTool.Interrupted;
        }

        Report(result);
        if (result.Cancelled)
        {
            return CommandLineTool.Interrupted;
        }

        File.Delete(CheckpointPath);
        return 0;
    }

    /// <summary>The network to start with, from which a model with these names and facts can be written.</summary>
    private DenseGraph Initial()
    {
        try
        {
            DenseGraph initial = Start();
            Network(new TrainingResult(initial, 0, 0, null, TimeSpan.Zero, false)).ToBytes();
            return initial;
        }
        catch (ArgumentException e)
        {
            throw new InvalidDataException($"{_job.Classes ?? _job.Out}: no model could be written of what would be trained. {e.Message}", e);
        }
    }

    private DenseGraph Start()
    {
        DenseGraph? source = _source is null ? null : FineTuning.Start(_source.Network, _task.Task, _classes.Names, seed: _job.Seed).Graph;
        if (source is not null && _job.Transfer is null)
        {
            return source;
        }

        NetworkConfiguration preset = NetworkConfiguration.For(_job.Preset, NumberOfClasses ?? 1, _job.Precision, _job.Seed);
        DenseGraph initial = DenseNetworkBuilder.Build(_job.Network?.Apply(preset) ?? preset);
        if (source is null)
        {
            return initial;
        }

        TransferredWeights start = WeightTransfer.Transfer(source, initial);
        _terminal.Line(Invariant($"{Plural.Of(start.Transferred.Length, "tensor")} from {_source!.Name}, {start.Initial.Length} new."));
        return start.Graph;
    }

    private void Save(DenseNetwork network)
    {
        try
        {
            ModelWriter.Save(network, _job.Out);
        }
        catch (IOException e)
        {
            throw new IOException($"{e.Message} The training is not lost: then repeat the command with --resume {CheckpointPath}", e);
        }
    }

    /// <summary>One pass over the training data.</summary>
    public IEnumerable<TrainingSample> ReadData() =>
        LabelledImages.Stream(_pairs, _task, NumberOfClasses, _threads, _classes.MaskColors, _size);

    /// <summary>How to train; the model is written when it is done.</summary>
    public TrainingOptions Options() => new()
    {
        Budget = _budget,
        BatchSize = _job.Batch,
        WorkingSize = _size,
        CropHeight = _crop.Height,
        CropWidth = _crop.Width,
        Augmentation = new() { MinScale = _job.Scale.Lowest, MaxScale = _job.Scale.Highest },
        LearningRate = _job.LearningRate,
        Teacher = _teacher,
        DistillationWeight = _job.DistillationWeight,
        Seed = _job.Seed,
        Threads = _job.Threads,
        CheckpointPath = CheckpointPath,
        Resume = _job.Resume is not null,
        ResumePath = _job.Resume,
        Completed = result =>
        {
            if (result.Steps > 0)
            {
                Save(Network(result));
            }
        },
        MeasuresInitialStatistics = _source is not null,
        ReportInterval = TrainingDisplay.ReportInterval(_terminal),
        OnWarning = _terminal.Warn,
        Validate = _validationPairs.Count == 0 ? null : Validate,
        ValidationInterval = _job.ValidationInterval,
        EarlyStopping = _job.EarlyStopping,
        GradientAccumulation = _job.GradientAccumulation,
    };

    private DenseGraph Teacher(string path)
    {
        DenseNetwork network = ModelSource.Load(path).Network.Freeze();
        if (network.Task != _task.Task || network.Graph.LogitChannels != (NumberOfClasses ?? 1))
        {
            throw new InvalidDataException(
                $"{path}: a teacher must have the task and classes of what is trained, and this is a {network.Task} network of {Plural.Of(network.Graph.LogitChannels, "output")}.");
        }

        return _classes.FirstDifference(network) is { } index
            ? throw new InvalidDataException(
                $"{path}: a teacher must have the classes of what is trained, in the same order, and its class {index} is '{network.ClassNames[index]}', not '{_classes.Names[index]}'.")
            : network.Graph;
    }

    private double Validate(DenseGraph graph)
    {
        using ModelPredictions predictions = new(new DenseNetwork(graph, _task.Task, _classes.Names, workingSize: _size), _validationPairs, colors: _classes.MaskColors);
        PredictionEvaluation evaluation = new(predictions, _threads);
        return CliTask.Of(_task.Task).Measure(evaluation);
    }

    private ImageDimensions UsualCrop()
    {
        ImageInfo first = ImageReader.ReadInfo(_pairs[0].ImagePath);
        (int width, int height) = _size.Fit(first.Width, first.Height);
        return new(Math.Min(TrainCommand.UsualCrop.Width, width), Math.Min(TrainCommand.UsualCrop.Height, height));
    }

    private (WorkingSize Size, string Reason) Size()
    {
        if (_job.Size is { } asked)
        {
            return (asked, $"working size {asked}");
        }

        if (_source is { Network.WorkingSize: { IsOwn: false } known })
        {
            return (known, $"working size {known}, that of {_source.Name}; --size decides");
        }

        SizeProposal proposal = SizeSurvey.Propose(LabelledImages.Sizes(_pairs, _threads));
        return (proposal.Size, $"{proposal}; --size decides");
    }

    private void CheckResume()
    {
        if (_job.Resume is null)
        {
            if (File.Exists(CheckpointPath))
            {
                _terminal.Line($"Starting anew; --resume {CheckpointPath} would go on with the run that was interrupted.");
            }

            return;
        }

        if (!File.Exists(_job.Resume))
        {
            throw new FileNotFoundException($"{_job.Resume}: there is no such checkpoint. Leave --resume out to start anew.", _job.Resume);
        }
    }

    /// <summary>The frozen network of a result, with what is known of where it comes from.</summary>
    public DenseNetwork Network(TrainingResult result, params IEnumerable<KeyValuePair<string, string>> facts) => new DenseNetwork(
        result.Graph,
        _task.Task,
        _classes.Names,
        _classes.Colors,
        Provenance(result).AddRange(facts),
        _size).Freeze();

    /// <summary>The trainable network to start with, with what will be known of it.</summary>
    public DenseNetwork Unfrozen(params IEnumerable<KeyValuePair<string, string>> facts) => new(
        _initial, _task.Task, _classes.Names, _classes.Colors, Provenance(new(_initial, 0, 0, null, TimeSpan.Zero, false)).AddRange(facts), _size);

    /// <summary>One figure of a network, higher where it is better: on the images to validate on, and where there are none, on those trained on.</summary>
    public double Accuracy(DenseNetwork network)
    {
        using ModelPredictions predictions = new(network, Validates ? _validationPairs : _pairs, colors: _classes.MaskColors);
        PredictionEvaluation evaluation = new(predictions, _threads);
        return CliTask.Of(_task.Task).Accuracy(evaluation);
    }

    private ImmutableSortedDictionary<string, string> Provenance(TrainingResult result)
    {
        Dictionary<string, string> facts = new()
        {
            ["batch"] = Text(_job.Batch),
            ["crop"] = _crop.ToString(),
            ["images"] = Text(_pairs.Count),
            ["learningRate"] = Text(_job.LearningRate),
            ["precision"] = (result.Graph.IsBinary ? Precision.Binary : Precision.Float).ToString(),
            [_job.From is null ? "preset" : "from"] = _job.From is null ? _job.Preset.ToString() : Path.GetFileName(_source!.Name),
            ["scale"] = _job.Scale.ToString(),
            ["seed"] = Text(_job.Seed),
            ["size"] = _size.ToString(),
            ["steps"] = Text(result.Steps),
            ["teacher"] = _job.Teacher is { } teacher ? Invariant($"{Path.GetFileName(teacher)}, share {_job.DistillationWeight}") : "none",
        };
        if (_job.EarlyStopping is { } stopping)
        {
            facts["heldOut"] = Text(stopping.HoldOut);
            facts["bestStep"] = Text(result.BestStep ?? result.Steps);
        }

        if (_job.GradientAccumulation > 1)
        {
            facts["batchesAStep"] = Text(_job.GradientAccumulation);
        }

        if (_job.Network is { } network)
        {
            facts["network"] = network.Text;
        }

        if (_job.Transfer is not null)
        {
            facts["transfer"] = Path.GetFileName(_source!.Name);
        }

        if (_task is SegmentationTask segmentation && segmentation.SoftIoUWeight != new SegmentationTask().SoftIoUWeight)
        {
            facts["softIoU"] = Text(segmentation.SoftIoUWeight);
        }

        return facts.ToImmutableSortedDictionary();
    }

    /// <summary>Says what will be trained on what.</summary>
    public void Announce(DenseGraph graph)
    {
        GraphCost cost = CostModel.Measure(graph, _crop.Height, _crop.Width);
        string classes = NumberOfClasses is { } count ? $", {Plural.Of(count, "class", "classes")}" : "";
        _terminal.Line(Invariant(
            $"{_task.Task}{classes}, {(_job.From is null ? $"{_job.Preset} ({_job.Precision})" : $"from {_source!.Name}")}: {cost.OneBitParameters:N0} one-bit and {cost.FloatParameters:N0} float parameters"));
        string validation = _validationPairs.Count > 0 ? Invariant($", {_validationPairs.Count:N0} to validate on") : "";
        _terminal.Line(Invariant(
            $"{Plural.Of(_pairs.Count, "image")}{validation}; batch {_job.Batch}, crops of {_crop}, learning rate {_job.LearningRate}, seed {_job.Seed}, {Plural.Of(_threads, "thread")}"));
        _terminal.Line(_sizeReason);
    }

    private void Report(TrainingResult result)
    {
        if (result.Cancelled)
        {
            _terminal.Line($"Stopped early. The model is usable as it is; to go on, give the same command with --resume {CheckpointPath}");
        }

        if (result.BestStep is { } best && best < result.Steps)
        {
            _terminal.Line(Invariant($"The network of step {best} is the best on the images held out; it is the one that was written."));
        }

        double epochs = (double)result.Steps * _job.Batch * _job.GradientAccumulation / _pairs.Count;
        string validation = result.ValidationMetric is { } figure ? Invariant($", validation {_task.MeasureName} {Figure.Of(figure)}") : "";
        _terminal.Line(Invariant(
            $"{Steps(result.Steps)} ({epochs:0.0} epochs) in {result.Elapsed.TotalSeconds:0} s, loss {Figure.Of(result.Loss)}{validation}"));
        if (_budget.Duration is not null && !result.Cancelled)
        {
            _terminal.Line(Invariant($"The same number of steps on any machine: --steps {result.Steps}"));
        }

        _terminal.Line($"Wrote {_job.Out} ({Plural.Of(new FileInfo(_job.Out).Length, "byte")})");
    }

    // Without separators, as --steps takes them.
    private static string Steps(int count) => Invariant($"{count} step{(count == 1 ? "" : "s")}");

    private static string Text(IFormattable value) => value.ToString(null, CultureInfo.InvariantCulture);
}
