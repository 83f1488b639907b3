using Microsoft.ML.OnnxRuntime;

namespace Microsoft.ML.Binary.Compare;

/// <summary>A network in ONNX Runtime: on the calling thread alone, with all optimisations.</summary>
internal sealed class OnnxModel : IDisposable
{
    private readonly InferenceSession _session;
    private readonly RunOptions _options = new();
    private OrtValue? _input;
    private IDisposableReadOnlyCollection<OrtValue>? _outputs;

    /// <param name="file">The bytes of an ONNX file with one input.</param>
    public OnnxModel(byte[] file)
    {
        using SessionOptions options = new()
        {
            ExecutionMode = ExecutionMode.ORT_SEQUENTIAL,
            GraphOptimizationLevel = GraphOptimizationLevel.ORT_ENABLE_ALL,
            IntraOpNumThreads = 1,
            InterOpNumThreads = 1,
            LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR,
        };
        _session = new InferenceSession(file, options);
    }

    /// <summary>The version of ONNX Runtime.</summary>
    public static string Version => OrtEnv.Instance().GetVersionString();

    /// <summary>Sets the input for the runs that follow.</summary>
    public void Feed<T>(T[] values, params long[] sides) where T : unmanaged
    {
        Forget();
        _input = OrtValue.CreateTensorValueFromMemory(values, sides);
    }

    /// <summary>Runs once. The first run on an input makes the outputs; those after it write to the same memory, as this engine does.</summary>
    /// <returns>Milliseconds.</returns>
    public double Time() => Alternation.Time(Compute);

    /// <summary>Runs once.</summary>
    /// <returns>The outputs, all of which are floats, by name.</returns>
    public Dictionary<string, float[]> Run()
    {
        Compute();
        return _session.OutputNames.Zip(_outputs!).ToDictionary(output => output.First, output => output.Second.GetTensorDataAsSpan<float>().ToArray());
    }

    /// <summary>Runs once.</summary>
    /// <returns>The only output, in memory that the next run writes to.</returns>
    public ReadOnlySpan<float> Results()
    {
        Compute();
        return _outputs!.Single().GetTensorDataAsSpan<float>();
    }

    public void Dispose()
    {
        Forget();
        _options.Dispose();
        _session.Dispose();
    }

    private void Compute()
    {
        if (_outputs is null)
        {
            _outputs = _session.Run(_options, _session.InputNames, [_input!], _session.OutputNames);
        }
        else
        {
            _session.Run(_options, _session.InputNames, [_input!], _session.OutputNames, _outputs);
        }
    }

    private void Forget()
    {
        _outputs?.Dispose();
        _input?.Dispose();
        (_outputs, _input) = (null, null);
    }
}
