using System.Text.Json;
using Microsoft.ML.Binary.Tests.Training;

namespace Microsoft.ML.Binary.Tests.Evaluation;

[TestClass]
public sealed class MultiTaskGainTests
{
    [TestMethod]
    public void Vectors_AreReproduced()
    {
        foreach (JsonElement expected in OracleVectors.Losses("delta_m").EnumerateArray())
        {
            double[] multi = expected.GetProperty("multi").Deserialize<double[]>()!, single = expected.GetProperty("single").Deserialize<double[]>()!;
            int[] lower = expected.GetProperty("lower_is_better").Deserialize<int[]>()!;
            double percent = MultiTaskGain.Percent([.. multi.Select((m, t) => new TaskFigure(m, single[t], lower[t] == 1))]);
            Assert.AreEqual(expected.GetProperty("delta_m_percent").GetDouble(), percent, 1e-9);
        }
    }

    [TestMethod]
    public void FiguresThatNothingRelatesTo_AreRefused()
    {
        Assert.ThrowsExactly<ArgumentException>(() => MultiTaskGain.Percent());
        Assert.ThrowsExactly<ArgumentException>(() => MultiTaskGain.Percent(new TaskFigure(1, 0)));
    }
}
