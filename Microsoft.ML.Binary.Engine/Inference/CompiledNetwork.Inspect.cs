using System.Diagnostics;
using Microsoft.ML.Binary.Imaging;
using Microsoft.ML.Binary.Inference.Steps;

namespace Microsoft.ML.Binary.Inference;

/// <content>Looking into a run: its time by step, and what every node gives.</content>
public sealed unsafe partial class CompiledNetwork
{
    /// <summary>
    /// Measures where the time goes on one thread: for each step of the plan, in order, the shortest time of several runs. The sum is a
    /// little less than the time of a whole run. Of an image that is seen in tiles, the first tile is measured.
    /// </summary>
    /// <param name="image">The image.</param>
    /// <param name="runs">How often the network is run, at least 1.</param>
    /// <exception cref="ImageTooLargeException">The image takes more memory than it may, or has too long a side.</exception>
    public IReadOnlyList<StepTiming> Profile(RgbImage image, int runs = 20)
    {
        ArgumentNullException.ThrowIfNull(image);
        ArgumentOutOfRangeException.ThrowIfLessThan(runs, 1);
        byte[] labels = new byte[checked(image.Width * image.Height)];
        StepTiming[] timings = [];
        Run(image, SizeOf(image, null), labels.AsSpan(), ResultKind.Labels, 1, steps => timings = Time(steps, runs));
        return timings;
    }

    private static StepTiming[] Time(IReadOnlyList<(PlanStep Step, RunState State)> steps, int runs)
    {
        long[] ticks = new long[steps.Count];
        Array.Fill(ticks, long.MaxValue);
        for (int run = 0; run < runs; run++)
        {
            for (int i = 0; i < ticks.Length; i++)
            {
                long start = Stopwatch.GetTimestamp();
                steps[i].Step.Run(steps[i].State, thread: 0, 0, steps[i].Step.Items);
                ticks[i] = Math.Min(ticks[i], Stopwatch.GetTimestamp() - start);
            }
        }

        return [.. steps.Select((entry, i) => new StepTiming(
            entry.Step.Name, entry.Step.GetType().Name, Stopwatch.GetElapsedTime(0, ticks[i]).TotalMilliseconds, entry.Step.Macs, entry.Step.Bytes))];
    }

    /// <summary>
    /// Every node's output for an image of its own size, at the network's exposure, of a network that was compiled with <see cref="InferenceOptions.KeepsNodeOutputs"/>; to find where
    /// two executions differ.
    /// </summary>
    /// <param name="image">The image.</param>
    /// <returns>The outputs in the order of the graph's nodes, of the padded size.</returns>
    /// <exception cref="InvalidOperationException">The network does not keep its nodes' outputs.</exception>
    /// <exception cref="ImageTooLargeException">The image takes more memory than it may, or has too long a side.</exception>
    public FeatureMap[] NodeOutputs(RgbImage image)
    {
        ArgumentNullException.ThrowIfNull(image);
        if (!_options.KeepsNodeOutputs)
        {
            throw new InvalidOperationException(
                $"The network keeps no node's output; compile it with {nameof(InferenceOptions)}.{nameof(InferenceOptions.KeepsNodeOutputs)}.");
        }

        InferencePlan plan = Plan(image.Width, image.Height);
        RunState state = plan.Rent();
        state.CancelBy(CancellationToken.None, 0);
        fixed (byte* pixels = image.WithMean(Exposure.Mean).Pixels)
        {
            RunAsIs(plan, state, pixels, image.Width, image.Height, targets: []);
        }

        FeatureMap[] outputs = [.. Enumerable.Range(0, Graph.Nodes.Length).Select(i => plan.Output(state, i))];
        Return(plan, state);
        return outputs;
    }
}
