using System.Diagnostics;
using System.Runtime.InteropServices;
using Microsoft.ML.Binary.Networks;
using Microsoft.ML.Binary.Training;

namespace Microsoft.ML.Binary.TrainingBenchmark;

/// <summary>This package's side: forward, loss, backward and optimiser, in a process of its own that runs one step for each line it reads.</summary>
internal sealed class Worker
{
    private const double LearningRate = 2e-3;

    private readonly TrainingStep _training;

    public Worker(string folder, int threads)
    {
        StepSettings settings = StepSettings.Read(folder);
        _training = new TrainingStep(DenseNetworkBuilder.Build(settings.Network), settings.Batch, settings.Height, settings.Width, threads);
        StepData.Images(folder).CopyTo(_training.Images);
        StepData.Labels(folder).CopyTo(_training.Labels);
    }

    /// <summary>Reads a line, runs a step, prints its milliseconds and its loss; until the input ends.</summary>
    public void Serve(TextReader input, TextWriter output)
    {
        output.WriteLine($"ready {StepData.Trained(_training.Graph).Sum(p => (long)p.Values.Length)} {RuntimeInformation.FrameworkDescription}");
        while (input.ReadLine() is not null)
        {
            long start = Stopwatch.GetTimestamp();
            double loss = _training.Run(LearningRate);
            output.WriteLine($"{Stopwatch.GetElapsedTime(start).TotalMilliseconds:F3} {loss:F6}");
        }
    }

    /// <summary>Runs steps and prints the mean time of each part.</summary>
    public void PrintParts(TextWriter output, int warmUp, int steps)
    {
        Parts parts = new();
        _training.PartDone = parts.Done;
        for (int i = 0; i < warmUp + steps; i++)
        {
            if (i == warmUp)
            {
                parts.Clear();
            }

            parts.Done("between steps", forward: true);
            _training.Run(LearningRate);
        }

        parts.Print(output, steps);
    }
}
