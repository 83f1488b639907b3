using Microsoft.ML.Binary;
using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Networks;
using Microsoft.ML.Binary.Training;
using Microsoft.ML.Binary.Training.MixedPrecision;

namespace Mixed;

/// <summary>What rows are made with: the same data, budget, crops and initial weights for all of a seed.</summary>
internal sealed class Work(RoadScenes scenes, NetworkPreset preset, int steps, int threads, long seed, WidthCost? latency, Journal journal)
{
    private readonly List<string> _checkpoints = [];

    /// <summary>The last training loss, and minutes of all training.</summary>
    public (double Loss, double Minutes) Spent { get; private set; }

    /// <summary>Bits of the activations that the convolutions of the encoder and of the end read.</summary>
    public int ActivationBits { get; set; } = 1;

    public WidthCost Latency => latency ?? throw new InvalidOperationException("This row needs --latency, a table of 'mlbinary calibrate'.");

    private DenseNetwork Initial => new(
        DenseNetworkBuilder.Build(NetworkConfiguration.For(preset, RoadScenes.Classes.Length, Precision.Binary, seed) with { ActivationBits = ActivationBits }),
        DenseTask.Segmentation, RoadScenes.Classes);

    public DenseNetwork TrainBinary() => Initial.WithGraph(Noted(DenseTrainer.Train(Initial.Graph, new SegmentationTask(), () => scenes.Train, Options(steps, "run"))).Graph);

    public DenseNetwork Search(MixedPrecisionOptions options) => Search(Initial, options, steps, "run");

    /// <summary>
    /// Pruning first, with half the steps and half of what is to be saved; then widths for the channels that were kept, with the other half.
    /// </summary>
    public DenseNetwork PruneThenQuantize(double share)
    {
        double limit = BitsOf(share), one = MixedPrecisionSearch.CostOf(Initial.Graph, WidthCost.Weights, RoadScenes.Height, RoadScenes.Width);
        DenseNetwork pruned = Search(Initial, new() { Cost = WidthCost.Weights, Precisions = [0, 8], Limit = 8 * (limit - (one - limit) / 2) }, steps / 2, "pruning");
        return Search(pruned, new() { Cost = WidthCost.Weights, Limit = limit, KeepsPruning = true, WarmUp = 0 }, steps - steps / 2, "run");
    }

    /// <summary>Bits of weights by which a file has at most a share of the bytes of the binary network of this seed.</summary>
    public double BitsOf(double share) => MixedPrecisionSearch.BitsWithin(Initial, (long)(share * new FileInfo(PathOf(Row.Binary)).Length), ChannelQuantizer.Widths);

    /// <summary>What the network of another row of this seed costs.</summary>
    public double CostOf(string row, WidthCost cost) => MixedPrecisionSearch.CostOf(DenseNetwork.Load(PathOf(row)).Graph, cost, RoadScenes.Height, RoadScenes.Width);

    /// <summary>Checkpoints are of no use once the result is safe.</summary>
    public void DeleteCheckpoints() => _checkpoints.ForEach(File.Delete);

    private string PathOf(string row) => journal.NetworkOf(row, preset.ToString(), seed, steps);

    private DenseNetwork Search(DenseNetwork start, MixedPrecisionOptions options, int budget, string stage) => start.WithGraph(Noted(MixedPrecisionSearch.Run(
        start.Graph, new SegmentationTask(), () => scenes.Train,
        options with { Training = Options(budget, stage), ImageHeight = RoadScenes.Height, ImageWidth = RoadScenes.Width }).Single().Result).Graph);

    private TrainingResult Noted(TrainingResult result)
    {
        Spent = (result.Loss, Spent.Minutes + result.Elapsed.TotalMinutes);
        return result;
    }

    private TrainingOptions Options(int budget, string stage)
    {
        string checkpoint = FormattableString.Invariant($"{journal.Path}.{preset}-{seed}-{steps}.{stage}.checkpoint");
        _checkpoints.Add(checkpoint);
        return new()
        {
            Budget = TrainingBudget.OfSteps(budget),
            CropWidth = 128,
            CropHeight = 96,
            AverageDecay = 0.99f,
            Seed = seed,
            Threads = threads,
            CheckpointPath = checkpoint,
            Resume = File.Exists(checkpoint),
        };
    }
}
