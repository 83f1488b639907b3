using System.Collections.Immutable;
using System.Globalization;
using System.Reflection;
using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Messages;
using Microsoft.ML.Binary.Training;
using Microsoft.ML.Binary.Training.MixedPrecision;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Binary;

/// <summary>What <c>Fit</c> of all trainers does: trains on a view, reporting into ML.NET's channels.</summary>
internal static class TrainingSession
{
    private const string Name = "BinaryDenseNet";

    public static IHost RegisterHost(MLContext context) => ((IHostEnvironment)context).Register(Name);

    /// <param name="host">Where progress goes.</param>
    /// <param name="data">The training data.</param>
    /// <param name="options">The trainer's options.</param>
    /// <param name="seed">Of weights, order and augmentation.</param>
    /// <param name="initial">The network to train.</param>
    /// <param name="measure">Measures a network on <see cref="DenseTrainerOptions.ValidationSet"/>.</param>
    public static DenseNetwork Train(
        IHost host,
        IDataView data,
        DenseTrainerOptions options,
        long seed,
        DenseNetwork initial,
        Func<DenseNetwork, double> measure)
    {
        IReadOnlyList<LearnedTask> tasks = options.LearnedTasks(initial);
        string measureName = tasks[0].Task.MeasureName;
        using IChannel channel = host.Start("Training");
        using IProgressChannel progressChannel = host.StartProgressChannel("Training");
        // What is wrong with the options, and with the columns, is said before images are read for their sizes.
        initial = initial.WithExposure(options.ExposureOf(initial));
        TrainingOptions asked = options.ToTrainingOptions(seed) with { Exposure = initial.Exposure };
        asked.CheckFor(initial, tasks);
        if (Search(asked) is { } askedSearch)
        {
            MixedPrecisionSearch.Check(initial.Graph, SearchedTask(), askedSearch);
        }

        CrossValidation.CheckFold(asked);
        CrossValidation.EndCancelledFold(options.CancellationToken);
        TrainingData.CheckColumns(data, options);
        if (options.ValidationSet is { } toValidate)
        {
            TrainingData.CheckColumns(toValidate, options);
        }

        // A run that goes on is of the size that all images say, and has a network to give.
        CancellationToken reading = asked.Resume ? CancellationToken.None : options.CancellationToken;
        initial = initial.WithWorkingSize(WorkingSizeFor(data, options, channel, reading));
        TrainingResult? completed = null;
        TrainingOptions training = asked with
        {
            WorkingSize = initial.WorkingSize,
            Validate = options.ValidationSet is null ? asked.Validate : graph => measure(initial.WithGraph(graph)),
            OnWarning = asked.OnWarning + (warning => channel.Warning(MessageSensitivity.None, warning)),
            Completed = asked.Completed + (found => completed = found),
        };
        if (options.ValidationSet is { } validationData)
        {
            CheckValidation(validationData, options, initial, tasks, training.OnWarning, reading);
        }

        channel.Info(MessageSensitivity.None, string.Create(
            CultureInfo.InvariantCulture,
            $"{string.Join(", ", initial.Heads.Select(head => head.Task))}, {Origin(options)}, {PrecisionOf(initial)}{(initial.Exposure.IsAsIs ? "" : $", exposure {initial.Exposure}")}, seed {seed}"));
        Reporter reporter = new(channel, progressChannel, measureName, options.MetricsCallback);
        TrainingResult result;
        try
        {
            result = Search(training) is { } search
                ? MixedPrecisionSearch.Run(initial.Graph, SearchedTask(), Read, search, reporter, options.CancellationToken).Single().Result
                : DenseTrainer.TrainTasks(initial, tasks, Read, training, reporter, options.CancellationToken);
        }
        catch (Exception e) when (completed is not null && BatchRun.IsFaultOfImage(e))
        {
            // Only the last validation comes after that, and its figure decides nothing.
            channel.Warning(MessageSensitivity.None, $"The last validation failed, and the trained network has no figure of it: {ErrorText.Of(e)}");
            result = completed;
        }

        string measured = result.ValidationMetric is double validation ? string.Create(CultureInfo.InvariantCulture, $", {measureName} {Figure.Of(validation)}") : "";
        channel.Info(MessageSensitivity.None, string.Create(
            CultureInfo.InvariantCulture,
            $"{(result.Cancelled ? "Cancelled" : "Finished")} after {Plural.Of(result.Steps, "step")} in {result.Elapsed:c}, loss {Figure.Of(result.Loss)}{measured}"));
        if (result.Cancelled)
        {
            CrossValidation.EndCancelledFold(options.CancellationToken);
            if (result.Steps == 0)
            {
                channel.Warning(MessageSensitivity.None, "Training was cancelled before its first step: the network has learned nothing, and is as it began.");
            }
        }

        return initial.WithGraph(result.Graph).Freeze().WithProvenance(Provenance(options, initial, result, seed));

        MixedPrecisionOptions? Search(TrainingOptions of) => options.ToSearchOptions(
            of, initial.WithProvenance(Provenance(options, initial, new(initial.Graph, 0, 0, null, TimeSpan.Zero, false), seed)));

        TrainingTask SearchedTask() => tasks[0].Task.WithClassNames(initial.ClassNames);

        IEnumerable<TrainingSample> Read() => TrainingData.Read(data, options.ImageColumnName, options.LabelColumns);
    }

    private static void CheckValidation(IDataView data, DenseTrainerOptions options, DenseNetwork initial, IReadOnlyList<LearnedTask> tasks, Action<string>? warn, CancellationToken cancellation)
    {
        LearnedTask[] owners = [.. tasks.Where(task => task.From is null)];
        try
        {
            for (int i = 0; i < owners.Length; i++)
            {
                TaskHead head = initial.Head(owners[i].Name);
                DenseTrainer.CheckValidation(
                    owners[i].Task.WithClassNames(head.ClassNames), head.ClassNames.Length,
                    TrainingData.Read(data, options.ImageColumnName, [options.LabelColumns[i]], cancellation), warn);
            }
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            // Training ends as soon as it begins, with its result.
        }
    }

    private static WorkingSize WorkingSizeFor(IDataView data, DenseTrainerOptions options, IChannel channel, CancellationToken cancellation)
    {
        if (options.KnownWorkingSize is { } known)
        {
            channel.Info(MessageSensitivity.None, $"working size {known}");
            return known;
        }

        SizeProposal proposal = SizeSurvey.Propose(TrainingData.ReadSizes(data, options.ImageColumnName, cancellation));
        channel.Info(MessageSensitivity.None, $"{proposal} ({nameof(DenseTrainerOptions.WorkingSize)} decides)");
        return proposal.Size;
    }

    private static string Origin(DenseTrainerOptions options) =>
        options.InitialNetwork is not null ? "fine-tuned" : options.Network is not null ? "own configuration" : options.PresetOrDefault.ToString();

    private static Precision PrecisionOf(DenseNetwork network) => network.Graph.IsBinary ? Precision.Binary : Precision.Float;

    private static ImmutableSortedDictionary<string, string> Provenance(
        DenseTrainerOptions options, DenseNetwork initial, TrainingResult result, long seed)
    {
        Assembly product = typeof(TrainingSession).Assembly;
        Dictionary<string, string> facts = new()
        {
            ["product"] = $"{product.GetName().Name} {product.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion}",
            ["network"] = Origin(options),
            ["precision"] = PrecisionOf(initial).ToString(),
            ["size"] = initial.WorkingSize.ToString(),
            ["seed"] = seed.ToString(CultureInfo.InvariantCulture),
            ["steps"] = result.Steps.ToString(CultureInfo.InvariantCulture),
            ["loss"] = result.Loss.ToString("F4", CultureInfo.InvariantCulture),
        };
        if (!initial.Exposure.IsAsIs)
        {
            facts["exposure"] = initial.Exposure.ToString();
        }

        if (result.ValidationMetric is double validation)
        {
            facts["validation"] = validation.ToString("F4", CultureInfo.InvariantCulture);
        }

        return facts.ToImmutableSortedDictionary();
    }

    /// <summary>Passes reports on to the log, to ML.NET's progress and to the user's callback, on the thread that trains.</summary>
    private sealed class Reporter : IProgress<TrainingProgress>, IProgress<SearchProgress>
    {
        private readonly IChannel _channel;
        private readonly IProgressChannel _progressChannel;
        private readonly string _measureName;
        private readonly Action<TrainingProgress>? _callback;
        private volatile TrainingProgress? _last;

        public Reporter(IChannel channel, IProgressChannel progressChannel, string measureName, Action<TrainingProgress>? callback)
        {
            (_channel, _progressChannel, _measureName, _callback) = (channel, progressChannel, measureName, callback);
            progressChannel.SetHeader(new ProgressHeader(["loss", measureName], ["steps"]), entry =>
            {
                if (_last is { } last)
                {
                    entry.SetProgress(0, last.Step, last.TotalSteps);
                    entry.SetMetric(0, last.Loss);
                    if (last.ValidationMetric is double validation)
                    {
                        entry.SetMetric(1, validation);
                    }
                }
            });
        }

        public void Report(SearchProgress value) => Report(value.Training);

        public void Report(TrainingProgress value)
        {
            _last = value;
            string validation = value.ValidationMetric is double figure ? string.Create(CultureInfo.InvariantCulture, $", {_measureName} {Figure.Of(figure)}") : "";
            _channel.Info(MessageSensitivity.None, string.Create(
                CultureInfo.InvariantCulture,
                $"step {value.Step}/{value.TotalSteps}, loss {Figure.Of(value.Loss)}{validation}, learning rate {value.LearningRate:G3}, {Figure.Of(value.Remaining)} left"));
            _progressChannel.Checkpoint(value.Loss, value.ValidationMetric, value.Step);
            _callback?.Invoke(value);
        }
    }
}
