using System.Diagnostics;
using System.Runtime.InteropServices;
using Microsoft.ML.Binary.Networks;
using Microsoft.ML.Binary.Training;
using Microsoft.ML.Binary.Training.Losses;

namespace Microsoft.ML.Binary.TrainingBenchmark;

/// <summary>This package's side: forward, loss, backward and optimiser, in a process of its own that runs one step for each line it reads.</summary>
internal sealed class Worker
{
    private const byte IgnoreLabel = 255;
    private const double LearningRate = 2e-3;
    private const float WeightDecay = 0.01f;

    private readonly TrainingNetwork _network;
    private readonly CrossEntropy _loss;
    private readonly AdamW _optimizer;
    private readonly byte[] _labels;
    private int _step;

    public Worker(string folder, int threads)
    {
        StepSettings settings = StepSettings.Read(folder);
        _network = new TrainingNetwork(BinaryDenseNetwork.Build(settings.Network), settings.Batch, settings.Height, settings.Width, threads);
        StepData.Images(folder).CopyTo(_network.Image.Data, 0);
        _labels = StepData.Labels(folder);
        _loss = new CrossEntropy([.. Enumerable.Repeat(1f, settings.Network.Outputs)], IgnoreLabel);
        _optimizer = new AdamW(_network.Trained, _network.Gradients, WeightDecay, new Dictionary<Parameter, float>());
    }

    /// <summary>Reads a line, runs a step, prints its milliseconds and its loss; until the input ends.</summary>
    public void Serve(TextReader input, TextWriter output)
    {
        output.WriteLine($"ready {_network.Trained.Sum(p => (long)p.Values.Length)} {RuntimeInformation.FrameworkDescription}");
        while (input.ReadLine() is not null)
        {
            long start = Stopwatch.GetTimestamp();
            double loss = Step();
            output.WriteLine($"{Stopwatch.GetElapsedTime(start).TotalMilliseconds:F3} {loss:F6}");
        }
    }

    /// <summary>Runs steps and prints the mean time of each part.</summary>
    public void PrintParts(TextWriter output, int warmUp, int steps)
    {
        Parts parts = new();
        _network.OperationDone = (node, forward) => parts.Done(node.GetType().Name, forward);
        for (int i = 0; i < warmUp + steps; i++)
        {
            if (i == warmUp)
            {
                parts.Clear();
            }

            Step(parts);
        }

        parts.Print(output, steps);
    }

    private double Step(Parts? parts = null)
    {
        parts?.Done("between steps", forward: true);
        _network.Forward(usesBatchStatistics: true);
        double loss = _loss.Run(_network.Pass, _network.Logits, _labels);
        parts?.Done("loss", forward: true);
        _network.Backward();
        _optimizer.Step(_network.Pass, ++_step, LearningRate);
        parts?.Done("optimiser", forward: false);
        return loss;
    }
}
