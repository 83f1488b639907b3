using System.Collections.Immutable;
using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Training;

namespace Microsoft.ML.Binary.Tests.Training.Operations;

/// <summary>
/// One operation on random values. The loss is sum r y with random r, so the gradient of the output is r, and each gradient that the
/// operation computes stands beside a central difference of the loss, added up in double.
/// </summary>
internal sealed class GradientCheck
{
    private const int MaxElements = 80;

    private readonly TrainingOperation _operation;
    private readonly TrainingValue[] _distinct;
    private readonly Dictionary<Parameter, float[]> _gradients;
    private readonly float[] _r;
    private RandomStream _random = new(1);

    /// <summary>Makes an operation for inputs of the given types; an input that is listed twice is one value with two readers.</summary>
    public GradientCheck(Node node, FeatureType[] inputs, int images, int height, int width, int[]? sameAs = null)
    {
        Inputs = new TrainingValue[inputs.Length];
        for (int i = 0; i < inputs.Length; i++)
        {
            (int rows, int columns) = inputs[i].SizeAt(height, width);
            Inputs[i] = sameAs is not null && sameAs[i] < i ? Inputs[sameAs[i]] : new(images, inputs[i].Channels, rows, columns, needsGradient: true);
        }

        _distinct = [.. Inputs.Distinct()];
        foreach (TrainingValue input in _distinct)
        {
            Fill(input.Data);
        }

        FeatureType type = node.Infer(inputs);
        (int outputRows, int outputColumns) = type.SizeAt(height, width);
        Output = new(images, type.Channels, outputRows, outputColumns, needsGradient: true);
        _operation = TrainingNetwork.Operation(node, Inputs, Output);
        Trained = [.. node.Parameters.Where(p => p.Role is not (ParameterRole.Statistic or ParameterRole.Constant))];
        _gradients = Trained.ToDictionary(p => p, p => new float[p.Values.Length]);
        Pass = new TrainingPass(threads: 2, _gradients) { UsesBatchStatistics = true };
        _r = new float[Output.Length];
        Fill(_r);
    }

    public TrainingValue[] Inputs { get; }

    public TrainingValue Output { get; }

    public ImmutableArray<Parameter> Trained { get; }

    public TrainingPass Pass { get; }

    /// <summary>The gradient of the output.</summary>
    public ReadOnlySpan<float> R => _r;

    /// <summary>The gradients of an input and of the parameters, from buffers that held garbage before.</summary>
    public float[] InputGradient(int input)
    {
        Backward(prefill: null);
        return (float[])Inputs[input].Gradient!.Clone();
    }

    public float[] ParameterGradient(Parameter parameter)
    {
        Backward(prefill: null);
        return (float[])_gradients[parameter].Clone();
    }

    /// <summary>Compares every gradient with finite differences of the given step; for a linear operation any step will do.</summary>
    public void Run(float step = 1, double tolerance = 1e-4)
    {
        Backward(prefill: null);
        float[][] inputs = [.. _distinct.Select(input => (float[])input.Gradient!.Clone())];
        float[][] parameters = [.. Trained.Select(p => (float[])_gradients[p].Clone())];
        for (int i = 0; i < inputs.Length; i++)
        {
            Compare($"input {i}", _distinct[i].Data, inputs[i], step, tolerance);
        }

        for (int i = 0; i < parameters.Length; i++)
        {
            Compare(Trained[i].Name, Trained[i].Values, parameters[i], step, tolerance);
        }

        CheckAccumulation(inputs, parameters);
    }

    /// <summary>Makes every input a map of signs, and compares the gradients of the inputs with half of what flipping one of them changes.</summary>
    public void RunFlips(double tolerance = 1e-4)
    {
        foreach (TrainingValue input in _distinct)
        {
            TakeSigns(input);
        }

        Backward(prefill: null);
        float[][] inputs = [.. _distinct.Select(input => (float[])input.Gradient!.Clone())];
        float[][] parameters = [.. Trained.Select(p => (float[])_gradients[p].Clone())];
        for (int i = 0; i < inputs.Length; i++)
        {
            Compare($"input {i}", _distinct[i].Data, inputs[i], step: 1, tolerance, center: 0);
        }

        CheckAccumulation(inputs, parameters);
    }

    /// <summary>Makes every input a map of signs, and compares the gradient of one parameter with finite differences.</summary>
    public void RunFor(Parameter parameter, float step, double tolerance)
    {
        foreach (TrainingValue input in _distinct)
        {
            TakeSigns(input);
        }

        Backward(prefill: null);
        Compare(parameter.Name, parameter.Values, (float[])_gradients[parameter].Clone(), step, tolerance);
    }

    public static void TakeSigns(TrainingValue value)
    {
        for (int i = 0; i < value.Length; i++)
        {
            value.Data[i] = value.Data[i] >= 0 ? 1 : -1;
        }
    }

    /// <summary>Another reader of the inputs has left its gradient there before.</summary>
    public void CheckAccumulation(float[][] inputs, float[][] parameters)
    {
        Backward(prefill: 3);
        for (int i = 0; i < inputs.Length; i++)
        {
            CheckShifted($"input {i} with another reader", inputs[i], _distinct[i].Gradient!, 3);
        }

        for (int i = 0; i < parameters.Length; i++)
        {
            CheckShifted(Trained[i].Name, parameters[i], _gradients[Trained[i]], 0);
        }
    }

    private static void CheckShifted(string what, float[] expected, float[] actual, float shift)
    {
        double scale = expected.Max(Math.Abs) + shift;
        for (int i = 0; i < expected.Length; i++)
        {
            Assert.AreEqual(expected[i] + shift, actual[i], 1e-5 * scale, $"{what}, element {i}");
        }
    }

    private void Backward(float? prefill)
    {
        PoisonScratch();
        _operation.Forward(Pass);
        foreach (float[] gradient in _gradients.Values)
        {
            Array.Clear(gradient);
        }

        foreach (TrainingValue value in _distinct.Append(Output))
        {
            Pass.EndGradient(value);
        }

        foreach (TrainingValue value in _distinct.Append(Output))
        {
            Pass.BeginGradient(value);
            Array.Fill(value.Gradient!, float.NaN);
        }

        foreach (TrainingValue value in _distinct.Append(Output))
        {
            Pass.EndGradient(value);
        }

        Pass.BeginGradient(Output);
        _r.CopyTo(Output.Gradient!, 0);
        if (prefill is { } shift)
        {
            foreach (TrainingValue input in _distinct)
            {
                Pass.BeginGradient(input);
                Array.Fill(input.Gradient!, shift);
            }
        }

        _operation.Backward(Pass);
    }

    // Whatever an earlier operation left in the shared buffers must not show.
    private void PoisonScratch()
    {
        foreach (string name in (string[])["input", "result", "output gradient", "weight gradient", "transposed"])
        {
            Array.Fill(Pass.Scratch.Rent(name, 1), float.NaN);
        }
    }

    private void Compare(string what, float[] values, float[] gradient, float step, double tolerance, float? center = null)
    {
        double scale = gradient.Max(Math.Abs);
        Assert.IsTrue(double.IsFinite(scale), $"The gradient of {what} is not finite.");
        foreach (int i in Elements(values.Length))
        {
            float value = values[i];
            values[i] = (center ?? value) + step;
            double above = Loss(), high = values[i];
            values[i] = (center ?? value) - step;
            double difference = (above - Loss()) / (high - values[i]);
            values[i] = value;
            Assert.AreEqual(difference, gradient[i], tolerance * Math.Max(scale, 1e-3), $"{what}, element {i} of {values.Length}");
        }
    }

    private IEnumerable<int> Elements(int length)
    {
        if (length <= MaxElements)
        {
            return Enumerable.Range(0, length);
        }

        // The corners matter most, since borders are where a convolution goes wrong; the rest at random.
        int[] chosen = new int[MaxElements];
        for (int i = 0; i < chosen.Length; i++)
        {
            chosen[i] = i < 8 ? i : i < 16 ? length - 1 - (i - 8) : _random.NextInt(length);
        }

        return chosen;
    }

    private double Loss()
    {
        _operation.Forward(Pass);
        double sum = 0;
        for (int i = 0; i < _r.Length; i++)
        {
            sum += (double)_r[i] * Output.Data[i];
        }

        return sum;
    }

    private void Fill(float[] values)
    {
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = _random.NextNormal();
        }
    }
}
