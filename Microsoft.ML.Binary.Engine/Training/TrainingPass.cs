using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Inference;
using Microsoft.ML.Binary.Kernels;
using Microsoft.ML.Binary.Training.MixedPrecision;
using Microsoft.ML.Binary.Training.Operations;

namespace Microsoft.ML.Binary.Training;

/// <summary>What bottlenecks draw their noise from, and their weight in the loss.</summary>
/// <param name="Seed">The seed of the training.</param>
/// <param name="Step">The step; with the seed it decides the noise, so that a resumed run draws the same.</param>
/// <param name="Weight">Weight of the divergence in the loss, at least 0.</param>
internal readonly record struct BottleneckNoise(long Seed, long Step, double Weight);

/// <summary>What operations share: the mode, the threads, gradient buffers and the gradients of the parameters.</summary>
internal sealed class TrainingPass(int threads, IReadOnlyDictionary<Parameter, float[]> gradients)
{
    private readonly Dictionary<int, Stack<float[]>> _free = [];
    private readonly WorkerTeam _team = new(threads);

    /// <summary>The kernels of this processor.</summary>
    public KernelSet Kernels { get; } = KernelSet.Best;

    /// <summary>How many threads share the work, at most.</summary>
    public int Threads => threads;

    /// <summary>Batch statistics (and their running averages) while training, running ones otherwise.</summary>
    public bool UsesBatchStatistics { get; set; }

    /// <summary>The noise of bottlenecks; null for none, as in use.</summary>
    public BottleneckNoise? Noise { get; set; }

    /// <summary>What convolutions make of their gates; by default the width of each channel that counts.</summary>
    public WidthMixing Widths { get; set; } = WidthMixing.Settled;

    /// <summary>What operations have added to the loss on the last way forward: between the parts of the work that threads share, in the order of the nodes.</summary>
    public double Penalty { get; set; }

    /// <summary>How far a running statistic moves towards that of the batch, 0..1.</summary>
    public double StatisticMomentum { get; set; } = 0.1;

    /// <summary>Scratch memory shared by all convolutions; one runs at a time.</summary>
    public ConvolutionScratch Scratch { get; } = new();

    /// <summary>
    /// Runs the body for 0..count-1. Each call must give the same result whoever runs it and when; then results do not depend on the number of threads.
    /// </summary>
    public void For(int count, Action<int> body) => _team.Run(count, body);

    /// <summary>The same for each plane of a map, by image and channel.</summary>
    public void ForPlanes(TrainingValue map, Action<int, int> body) => For(map.Images * map.Channels, plane => body(plane / map.Channels, plane % map.Channels));

    /// <summary>The gradient of a parameter, to be added to; empty for one that is not trained.</summary>
    public Span<float> GradientOf(Parameter parameter) => gradients.TryGetValue(parameter, out float[]? gradient) ? gradient : [];

    /// <summary>The array behind <see cref="GradientOf"/>; null for a parameter that is not trained.</summary>
    public float[]? GradientArrayOf(Parameter parameter) => gradients.GetValueOrDefault(parameter);

    /// <summary>
    /// Makes sure that the value has a gradient buffer. Returns whether it holds something to add to; if not, every element must be written.
    /// </summary>
    public bool BeginGradient(TrainingValue value)
    {
        if (value.Gradient is not null)
        {
            return true;
        }

        value.Gradient = _free.TryGetValue(value.Length, out Stack<float[]>? free) && free.Count > 0 ? free.Pop() : new float[value.Length];
        return false;
    }

    /// <summary>Gives the buffer back once the gradient has been passed on.</summary>
    public void EndGradient(TrainingValue value)
    {
        if (value.Gradient is { } buffer)
        {
            if (!_free.TryGetValue(buffer.Length, out Stack<float[]>? free))
            {
                _free[buffer.Length] = free = new();
            }

            free.Push(buffer);
            value.Gradient = null;
        }
    }
}
