using System.Collections.Immutable;
using System.Globalization;
using Microsoft.ML.Binary.Cli.Display;
using Microsoft.ML.Binary.Cli.Options;
using Microsoft.ML.Binary.Files;
using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Imaging;
using Microsoft.ML.Binary.Messages;
using Microsoft.ML.Binary.Training;
using static System.FormattableString;

namespace Microsoft.ML.Binary.Cli.Commands;

/// <summary>
/// One run of <c>mlbinary train</c>: what is the same for one task and for several. Constructors check all that can be checked, so that nothing fails after hours of
/// work that could have failed before them.
/// </summary>
internal abstract class TrainingJobRunner
{
    private bool _isWritten;

    protected TrainingJobRunner(TrainingJob job, Terminal terminal)
    {
        (Job, Terminal) = (job, terminal);
        Threads = job.Training.Threads == 0 ? Environment.ProcessorCount : job.Training.Threads;
        AtomicFile.CheckWritable(job.Out);
        AtomicFile.CheckWritable(CheckpointPath);
        CheckResume();
    }

    protected TrainingJob Job { get; }

    protected Terminal Terminal { get; }

    protected int Threads { get; }

    public const string CheckpointEnding = ".checkpoint";

    public string CheckpointPath => Job.Out + CheckpointEnding;

    /// <summary>Whether an interrupted run goes on.</summary>
    public bool Resumes => Job.Training.ResumePath is not null;

    private string ResumeOption => Job.ResumeOption ?? $"--resume {CheckpointPath}";

    /// <summary>The network to start with: what it is for, and its working size.</summary>
    protected abstract DenseNetwork Initial { get; }

    /// <summary>The images that are learned from.</summary>
    protected abstract IReadOnlyList<string> Images { get; }

    /// <summary>How many images are validated on.</summary>
    protected abstract int ValidationCount { get; }

    /// <summary>What validation measures.</summary>
    protected abstract string MeasureName { get; }

    /// <summary>What is trained, for the first line.</summary>
    protected abstract string Title { get; }

    /// <summary>
    /// Whether the model takes the place of the one that training starts from. A run that is ended early writes none then: its checkpoint goes on from that start, and from no other.
    /// </summary>
    protected virtual bool ReplacesStart => false;

    /// <summary>What would probably give more than what was asked for; null where nothing would.</summary>
    protected virtual string? Advice => null;

    /// <summary>How the working size was found.</summary>
    protected string SizeReason { get; private set; } = "";

    /// <summary>How long to train.</summary>
    protected virtual TrainingBudget Budget => Job.Budget ?? TrainingBudget.OfDuration(TimeSpan.FromMinutes(TrainCommand.UsualMinutes));

    /// <summary>Size of the crops.</summary>
    protected ImageDimensions Crop { get; private set; }

    /// <summary>Measures a network on the images to validate on.</summary>
    protected abstract double Validate(DenseGraph graph);

    /// <summary>Trains.</summary>
    protected abstract TrainingResult Train(TrainingOptions options, IProgress<TrainingProgress> progress, CancellationToken cancellation);

    /// <summary>What only one kind of job has of options.</summary>
    protected abstract TrainingOptions Complete(TrainingOptions options);

    /// <summary>What only one kind of job has of facts.</summary>
    protected abstract IEnumerable<(string Name, string Value)> Facts(TrainingResult result);

    /// <summary>Trains and writes the model.</summary>
    /// <returns>The exit code.</returns>
    public int Run()
    {
        using Interruption interruption = new(Terminal);
        return Run(interruption.Token);
    }

    /// <summary>Trains and writes the model.</summary>
    /// <param name="cancellation">Ends training early.</param>
    /// <returns>The exit code.</returns>
    public int Run(CancellationToken cancellation)
    {
        Announce();
        if (Advice is { } advice)
        {
            Terminal.Line(advice);
        }

        TrainingResult result = TrainingDisplay.Show(
            Terminal, ValidationCount > 0 || Job.Training.EarlyStopping is not null ? MeasureName : null, progress => Train(Options(), progress, cancellation));
        if (result.Steps == 0)
        {
            Terminal.Line("Stopped before the first step; no model was written.");
            return CommandLineTool.Interrupted;
        }

        Report(result);
        if (result.Cancelled)
        {
            return CommandLineTool.Interrupted;
        }

        if (!Job.KeepsCheckpoint)
        {
            File.Delete(CheckpointPath);
        }

        return 0;
    }

    /// <summary>Finds the working size and, with it, the size of the crops.</summary>
    /// <param name="known">That of the model to start from, and its name.</param>
    protected WorkingSize FindSize((WorkingSize Size, string Name)? known = null)
    {
        (WorkingSize size, SizeReason) = Size(known);
        ImageInfo first = ImageReader.ReadInfo(Images[0]);
        (int width, int height) = size.Fit(first.Width, first.Height);
        Crop = Job.Crop ?? new(Math.Min(TrainCommand.UsualCrop.Width, width), Math.Min(TrainCommand.UsualCrop.Height, height));
        return size;
    }

    /// <summary>How bright images are made.</summary>
    /// <param name="source">The model to start from; null if there is none.</param>
    protected ImageExposure ExposureFrom(DenseNetwork? source) => Job.Exposure ?? source?.Exposure ?? ImageExposure.AsIs;

    /// <summary>Checks that a teacher sees images as what is trained does.</summary>
    protected static void CheckExposure(DenseNetwork teacher, string path, ImageExposure exposure)
    {
        if (teacher.Exposure != exposure)
        {
            throw new InvalidDataException(
                $"{path}: a teacher must see images at the exposure of what is trained, {exposure}, and this one sees them at {teacher.Exposure}. Train it anew with --exposure, or write another into it with 'mlbinary extract'.");
        }
    }

    /// <summary>A network to start with that has the weights of another, by name, where their shapes agree.</summary>
    protected DenseGraph Transferred(DenseGraph source, string name, DenseGraph initial)
    {
        TransferredWeights start = WeightTransfer.Transfer(source, initial);
        Terminal.Line(Invariant($"{Plural.Of(start.Transferred.Length, "tensor")} from {name}, {(start.Widened.IsEmpty ? "" : $"{start.Widened.Length} widened, ")}{start.Initial.Length} new."));
        return start.Graph;
    }

    /// <summary>Makes the network to start with, and checks that a model can be written of it.</summary>
    protected DenseNetwork Writable(Func<DenseNetwork> start)
    {
        try
        {
            DenseNetwork initial = start();
            initial.WithProvenance(Provenance(new TrainingResult(initial.Graph, 0, 0, null, TimeSpan.Zero, false), initial)).Freeze().ToBytes();
            return initial;
        }
        catch (ArgumentException e)
        {
            throw new InvalidDataException($"{Job.Classes ?? Job.Out}: no model could be written of what would be trained. {e.Message}", e);
        }
    }

    protected static string Text(IFormattable value) => value.ToString(null, CultureInfo.InvariantCulture);

    private (WorkingSize Size, string Reason) Size((WorkingSize Size, string Name)? known)
    {
        if (Job.Size is { } asked)
        {
            return (asked, $"working size {asked}");
        }

        if (known is { Size.IsOwn: false } given)
        {
            return (given.Size, $"working size {given.Size}, that of {given.Name}; --size decides");
        }

        SizeProposal proposal = SizeSurvey.Propose(LabelledImages.Sizes(Images, Threads));
        return (proposal.Size, $"{proposal}; --size decides");
    }

    private void CheckResume()
    {
        if (Job.Training.RestartPath is { } start)
        {
            if (!File.Exists(start))
            {
                throw new FileNotFoundException($"{start}: there is no such checkpoint. Leave --restart out to start from the network as it is.", start);
            }

            if (RealPath.AreSame(start, CheckpointPath))
            {
                throw new ArgumentException($"--restart is '{start}', where this run writes its own checkpoints; give another --out, or move the file.");
            }
        }

        if (Job.Training.ResumePath is not { } resume)
        {
            if (File.Exists(CheckpointPath))
            {
                Terminal.Line($"Starting anew; {ResumeOption} would go on with the run whose checkpoint lies there.");
            }

            return;
        }

        if (!File.Exists(resume))
        {
            throw new FileNotFoundException($"{resume}: there is no such checkpoint. Leave --resume out to start anew.", resume);
        }
    }

    private void Save(DenseNetwork network)
    {
        try
        {
            ModelWriter.Save(network, Job.Out);
            _isWritten = true;
        }
        catch (IOException e)
        {
            throw new IOException($"{e.Message} The training is not lost: then repeat the command with {ResumeOption}", e);
        }
    }

    private double ValidateOrSayWhatIsWritten(DenseGraph graph)
    {
        try
        {
            return Validate(graph);
        }
        catch (Exception e) when (_isWritten && e is IOException or InvalidDataException or UnauthorizedAccessException)
        {
            throw new InvalidDataException($"{ErrorText.Of(e)} The last validation failed, and training did not: the model is in {Job.Out}", e);
        }
    }

    /// <summary>How to train; the model is written when it is done.</summary>
    public TrainingOptions Options() => Complete(Job.Training with
    {
        Budget = Budget,
        WorkingSize = Initial.WorkingSize,
        Exposure = Initial.Exposure,
        CropHeight = Crop.Height,
        CropWidth = Crop.Width,
        Augmentation = new AugmentationOptions { MinScale = Job.Scale.Lowest, MaxScale = Job.Scale.Highest }.WithPhotometricStrength(Job.Photometric),
        CheckpointPath = CheckpointPath,
        Resume = Resumes,
        Completed = result =>
        {
            if (result.Steps > 0 && !(result.Cancelled && ReplacesStart))
            {
                Save(Network(result));
            }
        },
        ReportInterval = TrainingDisplay.ReportInterval(Terminal),
        OnWarning = Terminal.Warn,
        Validate = ValidationCount == 0 ? null : ValidateOrSayWhatIsWritten,
    });

    /// <summary>The frozen network of a result, with what is known of where it comes from.</summary>
    public DenseNetwork Network(TrainingResult result, params IEnumerable<KeyValuePair<string, string>> facts) =>
        Initial.WithGraph(result.Graph).WithProvenance(Provenance(result, Initial).AddRange(facts)).Freeze();

    /// <summary>The trainable network to start with, with what will be known of it.</summary>
    public DenseNetwork Unfrozen(params IEnumerable<KeyValuePair<string, string>> facts) =>
        Initial.WithProvenance(Provenance(new(Initial.Graph, 0, 0, null, TimeSpan.Zero, false), Initial).AddRange(facts));

    private ImmutableSortedDictionary<string, string> Provenance(TrainingResult result, DenseNetwork initial)
    {
        Dictionary<string, string> facts = new()
        {
            ["batch"] = Text(Job.Training.BatchSize),
            ["crop"] = Crop.ToString(),
            ["images"] = Text(Images.Count),
            ["learningRate"] = Text(Job.Training.LearningRate),
            ["precision"] = (result.Graph.IsBinary ? Precision.Binary : Precision.Float).ToString(),
            ["scale"] = Job.Scale.ToString(),
            ["seed"] = Text(Job.Training.Seed),
            ["size"] = initial.WorkingSize.ToString(),
            ["steps"] = Text(result.Steps),
        };
        if (!initial.Exposure.IsAsIs)
        {
            facts["exposure"] = initial.Exposure.ToString();
        }

        if (Job.Training.EarlyStopping is { } stopping)
        {
            facts["heldOut"] = Text(stopping.HoldOut);
            facts["bestStep"] = Text(result.BestStep ?? result.Steps);
        }

        if (Job.Training.RestartPath is { } checkpoint)
        {
            facts["restart"] = Path.GetFileName(checkpoint);
        }

        if (Job.Photometric != 1)
        {
            facts["photometric"] = Text(Job.Photometric);
        }

        if (Job.Training.GradientAccumulation > 1)
        {
            facts["batchesAStep"] = Text(Job.Training.GradientAccumulation);
        }

        if (Job.Network is { } network)
        {
            facts["network"] = network.Text;
        }

        foreach ((string name, string value) in Facts(result))
        {
            facts[name] = value;
        }

        return facts.ToImmutableSortedDictionary();
    }

    /// <summary>Says what will be trained on what.</summary>
    public void Announce()
    {
        GraphCost cost = CostModel.Measure(Initial.Graph, Crop.Height, Crop.Width);
        Terminal.Line(Invariant($"{Title}: {cost.OneBitParameters:N0} one-bit and {cost.FloatParameters:N0} float parameters"));
        string validation = ValidationCount > 0 ? Invariant($", {ValidationCount:N0} to validate on") : "";
        Terminal.Line(Invariant(
            $"{Plural.Of(Images.Count, "image")}{validation}; batch {Job.Training.BatchSize}, crops of {Crop}, learning rate {Job.Training.LearningRate}, seed {Job.Training.Seed}, {Plural.Of(Threads, "thread")}"));
        Terminal.Line(SizeReason + (Initial.Exposure.IsAsIs ? "" : $", exposure {Initial.Exposure}"));
    }

    private void Report(TrainingResult result)
    {
        if (result.Cancelled)
        {
            string model = _isWritten ? "The model is usable as it is" : $"{Job.Out} is what it was, as the run starts from it, and all that was learned is in the checkpoint";
            Terminal.Line($"Stopped early. {model}; to go on, give the same command with {ResumeOption}");
        }

        if (_isWritten && result.BestStep is { } best && best < result.Steps)
        {
            Terminal.Line(Invariant($"The network of step {best} is the best on the images held out; it is the one that was written."));
        }

        string validation = result.ValidationMetric is { } figure ? Invariant($", validation {MeasureName} {Figure.Of(figure)}") : "";
        Terminal.Line(Invariant(
            $"{Steps(result.Steps)} ({result.Epochs:0.0} epochs) in {result.Elapsed.TotalSeconds:0} s, loss {Figure.Of(result.Loss)}{validation}"));
        // A run that ends before, by patience say, was at another place of its schedule than one of as many steps is at its end.
        if (result.Elapsed >= Budget.Duration && !result.Cancelled)
        {
            Terminal.Line(Invariant($"The same number of steps on any machine: --steps {result.Steps}"));
        }

        if (_isWritten)
        {
            Terminal.Line($"Wrote {Job.Out} ({Plural.Of(OutputFile.SizeOf(Job.Out), "byte")})");
        }
    }

    // Without separators, as --steps takes them.
    private static string Steps(int count) => Invariant($"{count} step{(count == 1 ? "" : "s")}");
}
