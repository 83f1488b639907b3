using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.ML.Binary.Networks;

namespace Microsoft.ML.Binary.TrainingBenchmark;

/// <summary>The step that is timed; both rivals read it from a file.</summary>
/// <param name="Network">The network's shape.</param>
/// <param name="Batch">Images.</param>
/// <param name="Height">Rows of an image.</param>
/// <param name="Width">Columns of an image.</param>
internal sealed record StepSettings(NetworkConfiguration Network, int Batch, int Height, int Width)
{
    private const string FileName = "network.json";

    private static readonly JsonSerializerOptions Json = new() { Converters = { new JsonStringEnumConverter() } };

    public void Write(string folder) => File.WriteAllText(Path.Combine(folder, FileName), JsonSerializer.Serialize(this, Json));

    public static StepSettings Read(string folder) =>
        JsonSerializer.Deserialize<StepSettings>(File.ReadAllText(Path.Combine(folder, FileName)), Json)!;
}
