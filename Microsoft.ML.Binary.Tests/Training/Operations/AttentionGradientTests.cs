using Microsoft.ML.Binary.Graph;

namespace Microsoft.ML.Binary.Tests.Training.Operations;

[TestClass]
public sealed class AttentionGradientTests
{
    private const float Step = 0.01f;

    [TestMethod]
    [DataRow(1, 2, 3, 1, 3, 4, false)]
    [DataRow(2, 3, 5, 2, 7, 5, false)]
    [DataRow(2, 3, 5, 2, 7, 5, true)]
    [DataRow(3, 5, 1, 4, 6, 9, true)]
    public void ReducedAttention(int heads, int keyDepth, int valueDepth, int reduction, int height, int width, bool signs)
    {
        GradientCheck check = new(
            Attention(heads), [
                new FeatureType(heads * keyDepth, 1, Bits: signs ? 1 : FeatureType.RealBits), new FeatureType(heads * keyDepth, 1, reduction, signs ? 1 : FeatureType.RealBits),
                new FeatureType(heads * valueDepth, 1, reduction)],
            2, height, width);
        if (signs)
        {
            GradientCheck.TakeSigns(check.Inputs[0]);
            GradientCheck.TakeSigns(check.Inputs[1]);
        }

        check.Run(Step, tolerance: 2e-3);
    }

    [TestMethod]
    public void OneMapAsQueriesKeysAndValues()
    {
        FeatureType map = new(4, 1);
        new GradientCheck(Attention(2), [map, map, map], 2, 3, 4, sameAs: [0, 0, 0]).Run(Step, tolerance: 2e-3);
    }

    [TestMethod]
    public void LargeLogitsDoNotOverflow()
    {
        ReducedAttention node = Attention(1);
        node.Temperature.Values[0] = 1000;
        FeatureType map = new(4, 1);
        GradientCheck check = new(node, [map, map, map], 1, 3, 4);
        Assert.IsTrue(check.InputGradient(0).All(float.IsFinite));
        Assert.IsTrue(check.Output.Data.All(float.IsFinite));
    }

    private static ReducedAttention Attention(int heads) => new(
        "attention", [0, 1, 2], RandomParameter.Uniform("temperature", ParameterRole.Modulation, 2, 0.2f, 0.7f, heads),
        RandomParameter.Uniform("slope", ParameterRole.Modulation, 3, -0.3f, 0.1f, heads));
}
