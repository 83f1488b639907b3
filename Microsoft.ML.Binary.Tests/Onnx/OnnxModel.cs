using Microsoft.ML.Binary.Inference;
using Microsoft.ML.OnnxRuntime;

namespace Microsoft.ML.Binary.Tests.Onnx;

/// <summary>An exported file in ONNX Runtime, which refuses it where declared and computed shapes differ.</summary>
internal sealed class OnnxModel : IDisposable
{
    private readonly InferenceSession _session;

    public OnnxModel(byte[] file, GraphOptimizationLevel optimizations = GraphOptimizationLevel.ORT_DISABLE_ALL)
    {
        using SessionOptions options = new()
        {
            IntraOpNumThreads = 1,
            GraphOptimizationLevel = optimizations,
            LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR,
        };
        options.AddSessionConfigEntry("session.strict_shape_type_inference", "1");
        _session = new InferenceSession(file, options);
    }

    public ModelMetadata Metadata => _session.ModelMetadata;

    public string Input => Describe(_session.InputMetadata.Single());

    public string[] Outputs => [.. _session.OutputNames.Select(name => Describe(new(name, _session.OutputMetadata[name])))];

    /// <summary>Runs the file on an image.</summary>
    /// <returns>All outputs by name.</returns>
    public Dictionary<string, FeatureMap> Run(FeatureMap image)
    {
        using OrtValue input = OrtValue.CreateTensorValueFromMemory(image.Values, [1, image.Channels, image.Height, image.Width]);
        using RunOptions options = new();
        using IDisposableReadOnlyCollection<OrtValue> values = _session.Run(options, _session.InputNames, [input], _session.OutputNames);
        return _session.OutputNames.Zip(values).ToDictionary(pair => pair.First, pair => Map(pair.Second));
    }

    public void Dispose() => _session.Dispose();

    private static FeatureMap Map(OrtValue value)
    {
        long[] shape = value.GetTensorTypeAndShape().Shape;
        Assert.AreEqual((4, 1L), (shape.Length, shape[0]));
        return new FeatureMap((int)shape[1], (int)shape[2], (int)shape[3]) with { Values = value.GetTensorDataAsSpan<float>().ToArray() };
    }

    // Name, element type, sides: numbers, symbols, or nothing where one is unknown.
    private static string Describe(KeyValuePair<string, NodeMetadata> end) =>
        $"{end.Key} {end.Value.ElementType.Name} {string.Join(' ', end.Value.Dimensions.Zip(end.Value.SymbolicDimensions, (side, symbol) => side >= 0 ? $"{side}" : symbol))}";
}
