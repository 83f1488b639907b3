using System.Collections.Immutable;
using System.Globalization;
using System.Numerics.Tensors;
using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Training.Data;
using Microsoft.ML.Binary.Training.MixedPrecision;

namespace Microsoft.ML.Binary.Training;

/// <summary>One training run from its first (or resumed) step to its result.</summary>
internal sealed class TrainingRun : IDisposable
{
    private const int EstimationBatches = 40, CalibrationBatches = 8;

    private readonly TrainingOptions _options;
    private readonly ImmutableArray<TrainedHead> _heads;
    private readonly IProgress<TrainingProgress>? _progress;
    private readonly DenseGraph _graph;
    private readonly TrainingNetwork _network;
    private readonly TrainingValue? _auxiliary;
    private readonly BatchLoader _loader;
    private readonly AdamW _optimizer;
    private readonly WeightAverage? _average;
    private readonly HeldOutSamples? _heldOut;
    private readonly BestWeights? _best;
    private readonly int _threads;
    private readonly TaskLearner[] _learners;
    private readonly FeatureTeacher? _features;
    private readonly GateSearch? _search;
    private readonly TaskUncertainty? _uncertainty;
    private readonly bool _hasBottleneck;
    private readonly ImmutableArray<float[]> _state;
    private readonly string _key, _structure;
    private readonly BudgetClock _clock;
    private readonly int _firstStep, _earlierSteps;
    private bool _begins = true;
    private int _step;
    private double _learningRate;
    private double? _validation;
    private string? _checkpoint;
    private double _loss, _lossSum;
    private int _lossCount;

    /// <exception cref="OperationCanceledException">It was cancelled before the first step.</exception>
    public TrainingRun(
        DenseGraph graph, ImmutableArray<TrainedHead> heads, Func<IEnumerable<TrainingSample>> readData, TrainingOptions options, IProgress<TrainingProgress>? progress,
        CancellationToken cancellation)
    {
        (_options, _heads, _progress, _graph) = (options, heads, progress, graph);
        _hasBottleneck = graph.Nodes.Any(node => node is Bottleneck);
        (int height, int width) = graph.PaddedSize(options.CropHeight, options.CropWidth);
        _threads = options.Threads == 0 ? Environment.ProcessorCount : options.Threads;
        DenseGraph trained = options.DeepSupervision > 0 ? AuxiliaryHead.Attach(graph, options.Seed) : graph;
        _network = new TrainingNetwork(trained, options.BatchSize, height, width, _threads);
        _structure = TrainingKey.Structure(trained);
        _auxiliary = trained == graph ? null : _network.Value(trained.Output(AuxiliaryHead.Output));
        TaskSurveys survey = new(heads);
        Func<IEnumerable<TrainingSample>> read = () => survey.Read(Begin(readData(), cancellation), options.WorkingSize, options.Exposure);
        if (options.EarlyStopping is { } stopping)
        {
            _heldOut = new HeldOutSamples(read, stopping.HoldOut);
            _best = new BestWeights([.. graph.Parameters], heads[0].Task.LowerIsBetter);
            read = _heldOut.ReadOthers;
        }

        _loader = new BatchLoader(new SampleStream(read, options.CacheBytes, options.Seed), heads, options, height, width, _threads);
        try
        {
            if (_heldOut is { Count: 0 })
            {
                throw new InvalidDataException(
                    $"A share of {options.EarlyStopping!.HoldOut} of {_loader.Samples} images holds none out; take more images or a larger share.");
            }

            // A teacher can say what the masks do not.
            survey.Judge(options.OnWarning, forTraining: options.Teacher is null);
            survey.WarnOfCrops(options);
            _key = TrainingKey.Of(heads, graph, _loader.Samples, _loader.IsCached, width, height, options);
            if (options.MeasuresInitialStatistics && options.RestartPath is null && !options.Resume)
            {
                ThresholdCalibration.Run(_network, CalibrationBatches, Fill);
                BatchNormCalibration.Run(_network, CalibrationBatches, Fill);
            }

            void Fill(int batch)
            {
                cancellation.ThrowIfCancellationRequested();
                _loader.FillForEstimation(_network, batch);
            }

            // Gates of widths are changed by their search alone.
            ImmutableArray<Parameter> weights = _network.Trained.RemoveAll(parameter => parameter.Role == ParameterRole.Architecture);
            _search = options.Search is { } plan ? new GateSearch(plan, _network) : null;
            _optimizer = new AdamW(weights, _network.Gradients, options.WeightDecay, Rates());
            _average = options.AverageDecay > 0 ? new WeightAverage(weights, options.AverageDecay) : null;
            _learners = [.. heads.Select(head => head.Task.Learner(survey.Of(head), options.DistillationWeight))];
            _features = options.FeatureTeacher is { } features ? new(features.Copy(), graph, options.FeatureTaps, options.BatchSize, height, width, _threads) : null;
            _uncertainty = options.TaskWeighting == TaskWeighting.Uncertainty && heads.Length > 1 ? new([.. heads.Select(head => head.Weight)]) : null;
            _state = [.. trained.Parameters.Select(p => p.Values), .. _optimizer.First, .. _optimizer.Second, .. _average?.Values ?? [], .. _best?.Values ?? [], .. _search?.State ?? [], .. _uncertainty?.State ?? []];
            if (options.RestartPath is { } start)
            {
                RestartState other = TrainingCheckpoint.ReadStart(start, _structure, [.. trained.Parameters.Select(p => p.Values), .. _optimizer.First, .. _optimizer.Second]);
                (_earlierSteps, _key) = (other.Step, $"{_key}, started from checkpoint {other.Digest}");
                _average?.Reset();
            }

            CheckpointState? resumed = options.Resume ? TrainingCheckpoint.Read(options.ResumePath ?? options.CheckpointPath!, _key, _state) : null;
            (_firstStep, _step, _loss) = (resumed?.Step ?? 0, resumed?.Step ?? 0, resumed?.Loss ?? double.NaN);
            (_lossSum, _lossCount) = (resumed?.LossSum ?? 0, resumed?.LossCount ?? 0);
            _checkpoint = options.Resume ? options.ResumePath ?? options.CheckpointPath : null;
            TimeSpan elapsed = TimeSpan.FromSeconds(resumed?.ElapsedSeconds ?? 0);
            _clock = new BudgetClock(options.Budget, _loader.Samples, options.BatchSize * options.GradientAccumulation, _step, elapsed);
            if (resumed is not null && _clock.IsExceeded(_step) && resumed.Budget != options.Budget.ToString())
            {
                throw new ArgumentException(string.Create(
                    CultureInfo.InvariantCulture,
                    $"The budget is {options.Budget}, and the run in '{_checkpoint}' has {_step} steps and {elapsed.TotalMinutes:0.##} minutes behind it. Give more than that, or {resumed.Budget ?? "the budget of that run"} to get its result."));
            }

            if (options.Budget.Duration is null)
            {
                _loader.Batches = (long)_clock.TotalSteps(_step) * options.GradientAccumulation;
            }

            _best?.State = resumed?.Best;
            cancellation.ThrowIfCancellationRequested();
            _begins = false;
        }
        catch
        {
            _loader.Dispose();
            throw;
        }
    }

    public TrainingResult Execute(CancellationToken cancellation)
    {
        double fraction;
        if (_step > 0)
        {
            _loader.Seek((long)_step * _options.GradientAccumulation);
        }

        while ((fraction = _clock.Fraction(_step)) < 1 && !IsExhausted && !cancellation.IsCancellationRequested)
        {
            double current = Step(fraction);
            if (!double.IsFinite(current))
            {
                throw new TrainingDivergedException($"The loss became {current}", _step + 1, _checkpoint);
            }

            _step++;
            (_lossSum, _lossCount) = (_lossSum + current, _lossCount + 1);
            bool reports = _step % _options.ReportInterval == 0;
            if (reports)
            {
                _loss = _lossSum / _lossCount;
                (_lossSum, _lossCount) = (0, 0);
            }

            bool goesOn = _clock.Fraction(_step) < 1;
            MeasureOrSave(
                validates: goesOn && _options.Validate is not null && _step % _options.ValidationInterval == 0,
                chooses: goesOn && _heldOut is not null && _step % _options.EarlyStopping!.Interval == 0);
            if (_options.CheckpointPath is not null && _step % _options.CheckpointInterval == 0)
            {
                Save();
            }

            if (reports)
            {
                Report();
            }
        }

        bool cancelled = fraction < 1 && !IsExhausted;
        if (_lossCount > 0)
        {
            _loss = _lossSum / _lossCount;
            if (_step > _firstStep)
            {
                Report();
            }
        }

        ExpectFiniteWeights();

        // As it is before it is turned into its result, and written when that is safe.
        float[][]? tensors = _options.CheckpointPath is not null && _step > _firstStep ? [.. _state.Select(tensor => (float[])tensor.Clone())] : null;
        CheckpointState state = State();
        TrainingResult result;
        try
        {
            result = Result(cancelled);
            _options.Completed?.Invoke(result);
        }
        finally
        {
            if (tensors is not null)
            {
                Save(state, tensors);
            }
        }

        // What goes wrong with the data that are measured on shall not take the result along.
        return _options.Validate is { } validate && _step > 0 ? result with { ValidationMetric = validate(_graph) } : result;
    }

    public void Dispose() => _loader.Dispose();

    // A later pass is read for a step, between which and the next training ends.
    private IEnumerable<TrainingSample> Begin(IEnumerable<TrainingSample> samples, CancellationToken cancellation)
    {
        foreach (TrainingSample sample in samples)
        {
            if (_begins)
            {
                cancellation.ThrowIfCancellationRequested();
            }

            yield return sample;
        }
    }

    private TrainingResult Result(bool cancelled)
    {
        TimeSpan elapsed = _clock.Elapsed;
        _search?.End(_step);
        if (_step > 0)
        {
            TakeAverage();
            AdjustLogits();
            Choose();
            _best?.Restore();
        }

        double? figure = _options.Validate is null ? _best?.State?.Figure : null;
        return new TrainingResult(_graph, _step, _loss, figure, elapsed, cancelled, _best?.State?.Step)
        {
            Epochs = Epochs,
            TaskWeights = _heads.Length == 1 ? [] : [.. Enumerable.Range(0, _heads.Length).Select(Factor)],
        };
    }

    private double Step(double fraction)
    {
        double loss = 0;
        int batches = _options.GradientAccumulation;
        for (int i = 0; i < batches && double.IsFinite(loss); i++)
        {
            _search?.Begin(fraction, _step, (long)_step * batches + i);
            loss += AddGradients((long)_step * batches + i, fraction, adds: i > 0) / batches;
        }

        if (double.IsFinite(loss))
        {
            if (batches > 1)
            {
                _network.Pass.For(_network.Trained.Length, i =>
                {
                    float[] gradient = _network.Gradients[_network.Trained[i]];
                    TensorPrimitives.Divide(gradient, batches, gradient);
                });
            }

            _learningRate = LearningRateSchedule.At(fraction, _options.WarmUp, _options.LearningRate);
            _optimizer.Step(_network.Pass, _earlierSteps + _step + 1, _learningRate);
            _uncertainty?.Step(_network.Pass, _step + 1, _learningRate, batches);
            _search?.Step(_clock.TotalSteps(_step + 1));
            _average?.Update(_network.Pass, _step - (_search?.SettledAt ?? 0));
        }

        return loss;
    }

    /// <summary>Forward and backward pass of one batch; its loss.</summary>
    private double AddGradients(long batch, double fraction, bool adds)
    {
        _loader.Fill(_network, batch);
        _network.Pass.Noise = _hasBottleneck ? new(_options.Seed, batch, _options.BottleneckWeight * Ramp(fraction)) : null;
        _network.Forward(usesBatchStatistics: true);
        double loss = 0;
        for (int head = 0; head < _heads.Length; head++)
        {
            TrainingValue logits = _network.Value(_heads[head].Logits);
            double own = Loss(head, logits);
            loss += _uncertainty?.Weigh(head, own) ?? _heads[head].Weight * own;
            logits.ScaleGradient((float)Factor(head));
        }

        if (_auxiliary is not null)
        {
            loss += _options.DeepSupervision * Loss(0, _auxiliary);
            _auxiliary.ScaleGradient(_options.DeepSupervision);
        }

        loss += _network.Pass.Penalty + (_features?.Run(_network, _options.FeatureWeight) ?? 0);
        double cost = _search?.AddCost(fraction) ?? 0;
        if (double.IsFinite(loss + cost))
        {
            _network.Backward(adds);
        }

        // What is estimated and measured is the network as it is used.
        _network.Pass.Noise = null;
        _search?.Rest();

        // What a network costs says nothing about how well it learns.
        return double.IsFinite(cost) ? loss : cost;
    }

    /// <summary>The factor of a head's loss.</summary>
    private double Factor(int head) => _uncertainty?.Factor(head) ?? _heads[head].Weight;

    private bool IsExhausted => _options.EarlyStopping is { Patience: > 0 } stopping && _best!.State?.Since >= stopping.Patience;

    /// <summary>The loss of logits by what a head learns; sets their gradient.</summary>
    private double Loss(int head, TrainingValue logits) => _learners[head].Loss(_network.Pass, logits, _loader.Targets(head), _loader.TeacherProbabilities);

    private double Ramp(double fraction) => fraction < _options.BottleneckRamp ? fraction / _options.BottleneckRamp : 1;

    private void Save()
    {
        ExpectFiniteWeights();
        Save(State(), _state);
    }

    // The disk may be full or gone by now; training goes on, and what it learns is not lost for that.
    private void Save(CheckpointState state, IEnumerable<float[]> tensors)
    {
        try
        {
            TrainingCheckpoint.Write(_options.CheckpointPath!, state, tensors);
            _checkpoint = _options.CheckpointPath;
        }
        catch (IOException e)
        {
            _options.OnWarning?.Invoke($"The checkpoint of step {_step} was not written; training is not lost for that. {e.Message}");
        }
    }

    private CheckpointState State() => new(_key, _step, _clock.Elapsed.TotalSeconds, _clock.Fraction(_step), _best?.State)
    {
        Loss = double.IsFinite(_loss) ? _loss : null,
        LossSum = _lossSum,
        LossCount = _lossCount,
        Budget = _options.Budget.ToString(),
        Structure = _structure,
        EarlierSteps = _earlierSteps,
    };

    // A step whose loss was finite may still have spoiled the weights, and signs hide it from the next loss.
    private void ExpectFiniteWeights()
    {
        foreach (Parameter parameter in _network.Graph.Parameters)
        {
            if (!TensorPrimitives.IsFiniteAll<float>(parameter.Values))
            {
                throw new TrainingDivergedException($"'{parameter.Name}' is no longer finite", _step, _checkpoint);
            }
        }
    }

    private void Report() => _progress?.Report(new TrainingProgress(
        _step, _clock.TotalSteps(_step), _clock.Fraction(_step), Epochs, _loss, _learningRate, _validation, _clock.Elapsed, _clock.Remaining(_step)));

    private double Epochs => (double)_step * _options.BatchSize * _options.GradientAccumulation / _loader.Samples;

    // What goes wrong with the data that are measured on ends training, but does not lose it.
    private void MeasureOrSave(bool validates, bool chooses)
    {
        try
        {
            Measure(validates, chooses);
        }
        catch when (_options.CheckpointPath is not null)
        {
            Save();
            throw;
        }
    }

    /// <summary>Measures the averaged weights and goes back to those in training, statistics included.</summary>
    private void Measure(bool validates, bool chooses)
    {
        if (!validates && !chooses)
        {
            return;
        }

        ExpectFiniteWeights();
        Action resetStatistics = Keep(Statistics()), resetLogits = () => { };
        try
        {
            TakeAverage();
            resetLogits = AdjustLogits();
            if (chooses)
            {
                Choose();
            }

            if (validates)
            {
                _validation = _options.Validate!(_graph);
            }
        }
        finally
        {
            resetLogits();
            _average?.Swap();
            resetStatistics();
        }
    }

    /// <summary>Takes averaged weights, with statistics of their own, in place of those in training.</summary>
    private void TakeAverage()
    {
        if (_average is not null)
        {
            _average.Swap();
            EstimateStatistics();
        }
    }

    /// <summary>Measures the network as it is on what is held out, and keeps it if it is the best so far.</summary>
    private void Choose()
    {
        if (_heldOut is not null)
        {
            double figure = _heldOut.Measure(_graph, _heads[0].Task, _heads[0].Mask, _threads);
            _best!.Offer(figure, _step);
            _validation = _options.Validate is null ? figure : _validation;
        }
    }

    /// <summary>Copies values; calling the result puts them back.</summary>
    private static Action Keep(IEnumerable<Parameter> parameters)
    {
        (Parameter Parameter, float[] Values)[] kept = [.. parameters.Select(p => (p, (float[])p.Values.Clone()))];
        return () =>
        {
            foreach ((Parameter parameter, float[] values) in kept)
            {
                values.CopyTo(parameter.Values, 0);
            }
        };
    }

    /// <summary>What is done to the logits once training is over; calling the result undoes it.</summary>
    private Action AdjustLogits()
    {
        (TaskLearner Learner, Node Classifier)[] heads = [.. _heads.Zip(_learners, (head, learner) => (learner, _graph.Nodes[Classifier.Find(_graph, head.Logits)]))];
        Action undo = Keep(heads.Select(head => head.Classifier).OfType<Convolution>().SelectMany(classifier => classifier.Parameters));
        foreach ((TaskLearner learner, Node classifier) in heads)
        {
            if (classifier is Convolution convolution)
            {
                learner.Adjust(convolution);
            }
        }

        return undo;
    }

    private Dictionary<Parameter, float> Rates() => _network.Graph.Nodes
        .SelectMany(node => node.Parameters.Select(parameter => (parameter, Rate: node switch
        {
            Gate => _options.GateRate,
            SqueezeExcitation => _options.ScalingRate,
            _ => 1,
        })))
        .Where(entry => entry.Rate != 1)
        .ToDictionary(entry => entry.parameter, entry => entry.Rate);

    private IEnumerable<Parameter> Statistics() => _network.Graph.Parameters.Where(p => p.Role == ParameterRole.Statistic);

    private void EstimateStatistics() =>
        BatchNormEstimation.Run(_network, EstimationBatches, batch => _loader.FillForEstimation(_network, batch));
}
