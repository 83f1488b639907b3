using System.Text.Json;

namespace Microsoft.ML.Binary.Tests.Training;

/// <summary>Losses of multi-task training as computed by PyTorch and by other people's loss classes (shared data, oracles/s2).</summary>
internal static class MultiTaskVectors
{
    public static JsonElement Of(string name)
    {
        using JsonDocument document = JsonDocument.Parse(File.ReadAllText(SharedData.PathOf("oracles", "s2", "multitask_vectors.json")));
        return document.RootElement.GetProperty(name).Clone();
    }

    public static float[] Floats(this JsonElement element, string name) => element.GetProperty(name).Deserialize<float[]>()!;

    public static void AssertClose(IReadOnlyList<float> expected, IReadOnlyList<float> actual, string what)
    {
        Assert.HasCount(expected.Count, actual);
        for (int i = 0; i < expected.Count; i++)
        {
            Assert.AreEqual(expected[i], actual[i], 1e-6 * Math.Max(1, Math.Abs(expected[i])), $"{what} {i}");
        }
    }
}
