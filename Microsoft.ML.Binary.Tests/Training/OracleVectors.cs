using System.Text.Json;

namespace Microsoft.ML.Binary.Tests.Training;

/// <summary>Numbers that other people's code computed (shared data, oracles).</summary>
internal static class OracleVectors
{
    /// <summary>Losses of multi-task training: by PyTorch and by other people's loss classes.</summary>
    public static JsonElement Losses(string name) => Read(name, "s2", "multitask_vectors.json");

    /// <summary>Quantisers, gates, costs and schedules of a search for widths: by the published library, and for what it lacks by numpy.</summary>
    public static JsonElement MixedPrecision(string name) => Read(name, "s4", "mps_vectors.json");

    public static float[] Floats(this JsonElement element, string name) => element.GetProperty(name).Deserialize<float[]>()!;

    public static void AssertClose(IReadOnlyList<float> expected, IReadOnlyList<float> actual, string what)
    {
        Assert.HasCount(expected.Count, actual);
        for (int i = 0; i < expected.Count; i++)
        {
            Assert.AreEqual(expected[i], actual[i], 1e-6 * Math.Max(1, Math.Abs(expected[i])), $"{what} {i}");
        }
    }

    private static JsonElement Read(string name, string folder, string file)
    {
        using JsonDocument document = JsonDocument.Parse(File.ReadAllText(SharedData.PathOf("oracles", folder, file)));
        return document.RootElement.GetProperty(name).Clone();
    }
}
