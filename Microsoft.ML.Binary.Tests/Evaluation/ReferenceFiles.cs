using System.Text.Json;
using Microsoft.ML.Binary.Imaging;

namespace Microsoft.ML.Binary.Tests.Evaluation;

/// <summary>The images and values that Reference/reference.py wrote.</summary>
internal static class ReferenceFiles
{
    private static readonly string Folder = Path.Combine(AppContext.BaseDirectory, "Evaluation", "Reference");

    public static JsonElement Expected(string set)
    {
        using JsonDocument document = JsonDocument.Parse(File.ReadAllText(Path.Combine(Folder, "expected.json")));
        return document.RootElement.GetProperty(set).Clone();
    }

    /// <summary>Name, prediction and mask of each pair; gray levels for saliency, stored values otherwise.</summary>
    public static IEnumerable<(string Name, int Width, int Height, byte[] Prediction, byte[] Mask)> Pairs(string set)
    {
        foreach (string path in Directory.GetFiles(Path.Combine(Folder, set, "masks"), "*.png").Order(StringComparer.Ordinal))
        {
            string predictionPath = Path.Combine(Folder, set, "preds", Path.GetFileName(path));
            string name = Path.GetFileNameWithoutExtension(path);
            if (set == "saliency")
            {
                SaliencyMask mask = MaskReader.ReadGray(path);
                yield return (name, mask.Width, mask.Height, MaskReader.ReadGray(predictionPath).Values, mask.Values);
            }
            else
            {
                SegmentationMask mask = MaskReader.ReadClassIndices(path);
                yield return (name, mask.Width, mask.Height, MaskReader.ReadClassIndices(predictionPath).Labels, mask.Labels);
            }
        }
    }

    /// <summary>Within 1e-9, relative where the value is above 1; null stands for NaN.</summary>
    public static void AssertEqual(JsonElement expected, double actual, string what)
    {
        if (expected.ValueKind == JsonValueKind.Null)
        {
            Assert.AreEqual(double.NaN, actual, what);
            return;
        }

        double value = expected.GetDouble();
        Assert.AreEqual(value, actual, 1e-9 * Math.Max(1, Math.Abs(value)), what);
    }

    public static void AssertEqual(JsonElement expected, IReadOnlyList<double> actual, string what)
    {
        Assert.AreEqual(expected.GetArrayLength(), actual.Count, what);
        for (int i = 0; i < actual.Count; i++)
        {
            AssertEqual(expected[i], actual[i], $"{what}[{i}]");
        }
    }
}
