using System.Text.Json;
using Microsoft.ML.Binary.Training;
using Microsoft.ML.Binary.Training.Losses;

namespace Microsoft.ML.Binary.Tests.Training.Losses;

[TestClass]
public sealed class EdgeLossTests
{
    [TestMethod]
    public void Vectors_AreReproduced()
    {
        JsonElement vectors = OracleVectors.Losses("edge_loss");
        float[] x = vectors.Floats("x");
        byte[] y = [.. vectors.Floats("y").Select(v => (byte)v)];
        foreach (JsonElement expected in vectors.GetProperty("cases").EnumerateArray())
        {
            TrainingValue logits = new(1, 1, 1, x.Length, needsGradient: true);
            x.CopyTo(logits.Data, 0);
            JsonElement weight = expected.GetProperty("pos_weight");
            double loss = EdgeLoss.Run(LogitGradient.Pass(), logits, y, weight.ValueKind == JsonValueKind.Null ? null : weight.GetSingle());
            Assert.AreEqual(expected.GetProperty("loss").GetDouble(), loss, 1e-6);
            OracleVectors.AssertClose(expected.Floats("grad"), logits.Gradient!, "gradient");
        }
    }

    [TestMethod]
    public void Gradient_IsTheDifferenceOfTheLoss()
    {
        TrainingValue logits = LogitGradient.Logits(2, 1, 3, 5);
        byte[] masks = [.. Enumerable.Range(0, logits.Length).Select(i => i % 7 == 0 ? EdgeLoss.Ignored : i % 3 == 0 ? EdgeLoss.Edge : (byte)0)];
        LogitGradient.Check(logits, pass => EdgeLoss.Run(pass, logits, masks));
        LogitGradient.Check(logits, pass => EdgeLoss.Run(pass, logits, masks, 0.9f));
    }

    [TestMethod]
    public void IgnoredPixels_TakeNoPart()
    {
        TrainingValue all = LogitGradient.Logits(1, 1, 1, 4), half = LogitGradient.Logits(1, 1, 1, 2);
        double expected = EdgeLoss.Run(LogitGradient.Pass(), half, [1, 0]);
        Assert.AreEqual(expected, EdgeLoss.Run(LogitGradient.Pass(), all, [1, 0, 255, 255]), 1e-12);
        CollectionAssert.AreEqual(new[] { 0f, 0f }, all.Gradient![2..]);
        Assert.AreEqual(0, EdgeLoss.Run(LogitGradient.Pass(), half, [255, 255]));
    }
}
