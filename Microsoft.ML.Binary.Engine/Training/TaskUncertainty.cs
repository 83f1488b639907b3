using System.Collections.Immutable;
using Microsoft.ML.Binary.Graph;

namespace Microsoft.ML.Binary.Training;

/// <summary>
/// Weighs the losses of several tasks by homoscedastic uncertainty (Kendall, Gal and Cipolla, CVPR 2018): the loss is the sum over tasks of
/// w (exp(-s) L + s), where w is what was given as the task's weight and s, a log variance, is learned with the network. s starts at log L of the first batch
/// that has a loss, so that tasks start equal whatever the size of their losses, and follows it: exp(-s) tends to 1 / L. Until then the weight is w.
/// </summary>
internal sealed class TaskUncertainty
{
    // exp(-s) stays within 1e4 and 1e-4.
    private const float Limit = 9.2f;

    private readonly ImmutableArray<float> _given;
    private readonly Parameter _logVariances;
    private readonly float[] _gradient;
    private readonly AdamW _optimizer;

    /// <summary>Makes log variances that are not known yet.</summary>
    /// <param name="given">The weights that were given, above 0, one for each task.</param>
    public TaskUncertainty(ImmutableArray<float> given)
    {
        _given = given;
        _logVariances = new("tasks.log-variance", ParameterRole.Modulation, [given.Length], [.. Enumerable.Repeat(float.NaN, given.Length)]);
        _gradient = new float[given.Length];
        _optimizer = new([_logVariances], new Dictionary<Parameter, float[]> { [_logVariances] = _gradient }, weightDecay: 0);
    }

    /// <summary>What a resumed run needs to go on: log variances, NaN before the first batch that has a loss, and their moments.</summary>
    public ImmutableArray<float[]> State => [_logVariances.Values, .. _optimizer.First, .. _optimizer.Second];

    /// <summary>The gradient of the log variances since the last step.</summary>
    public ReadOnlySpan<float> Gradient => _gradient;

    /// <summary>The factor of a task's loss: w exp(-s), or w while s is not known.</summary>
    public double Factor(int task) => _given[task] * (float.IsNaN(_logVariances.Values[task]) ? 1 : Math.Exp(-_logVariances.Values[task]));

    /// <summary>What the loss of a task on a batch becomes; adds to the gradient of its log variance.</summary>
    public double Weigh(int task, double loss)
    {
        ref float s = ref _logVariances.Values[task];
        if (float.IsNaN(s))
        {
            // A loss of 0 has no logarithm, and says nothing of those to come.
            if (!(loss > 0))
            {
                return _given[task] * loss;
            }

            s = Clamp((float)Math.Log(loss));
        }

        double scaled = Math.Exp(-s) * loss;
        _gradient[task] += (float)(_given[task] * (1 - scaled));
        return _given[task] * (scaled + s);
    }

    /// <summary>Changes the log variances once.</summary>
    /// <param name="pass">Threads and kernels.</param>
    /// <param name="step">The step, counted from 1.</param>
    /// <param name="learningRate">The step length.</param>
    /// <param name="batches">Batches since the last step.</param>
    public void Step(TrainingPass pass, int step, double learningRate, int batches)
    {
        for (int task = 0; task < _gradient.Length; task++)
        {
            _gradient[task] /= batches;
        }

        _optimizer.Step(pass, step, learningRate);
        for (int task = 0; task < _gradient.Length; task++)
        {
            _logVariances.Values[task] = Clamp(_logVariances.Values[task]);
        }

        Array.Clear(_gradient);
    }

    private static float Clamp(float logVariance) => Math.Clamp(logVariance, -Limit, Limit);
}
