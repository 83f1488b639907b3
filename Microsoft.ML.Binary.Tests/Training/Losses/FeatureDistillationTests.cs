using System.Text.Json;
using Microsoft.ML.Binary.Training;
using Microsoft.ML.Binary.Training.Losses;

namespace Microsoft.ML.Binary.Tests.Training.Losses;

[TestClass]
public sealed class FeatureDistillationTests
{
    [TestMethod]
    public void Vectors_AreReproduced()
    {
        JsonElement vectors = OracleVectors.Losses("feature_kd");
        int[] shape = vectors.GetProperty("shape").Deserialize<int[]>()!;
        TrainingValue student = new(shape[0], shape[1], shape[2], shape[3], needsGradient: true);
        vectors.Floats("student").CopyTo(student.Data, 0);

        double loss = FeatureDistillation.Run(LogitGradient.Pass(), student, vectors.Floats("teacher"), weight: 1);

        Assert.AreEqual(vectors.GetProperty("loss").GetDouble(), loss, 1e-6);
        OracleVectors.AssertClose(vectors.Floats("grad_student"), student.Gradient!, "gradient");
    }

    [TestMethod]
    public void Gradient_IsAddedTimesTheWeight()
    {
        TrainingValue student = LogitGradient.Logits(2, 3, 4, 5);
        float[] teacher = LogitGradient.Logits(2, 3, 4, 5, spread: 1).Data;
        Array.Reverse(teacher);
        TrainingPass pass = LogitGradient.Pass();
        double one = FeatureDistillation.Run(pass, student, teacher, 1);
        float[] once = [.. student.Gradient!];
        double two = FeatureDistillation.Run(pass, student, teacher, 2);
        Assert.AreEqual(2 * one, two, 1e-12);
        OracleVectors.AssertClose([.. once.Select(g => 3 * g)], student.Gradient!, "gradient");
    }

    [TestMethod]
    public void MapsOfZeros_HaveNoDirection()
    {
        TrainingValue zeros = new(1, 1, 2, 2, needsGradient: true);
        Assert.AreEqual(1, FeatureDistillation.Run(LogitGradient.Pass(), zeros, new float[] { 1, 2, 3, 4 }, 1));
        Assert.IsTrue(zeros.Gradient!.All(g => g == 0));
        Assert.AreEqual(0, FeatureDistillation.Run(LogitGradient.Pass(), zeros, new float[4], 1));
    }
}
