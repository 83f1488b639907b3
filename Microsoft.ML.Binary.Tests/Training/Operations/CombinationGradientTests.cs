using Microsoft.ML.Binary.Graph;

namespace Microsoft.ML.Binary.Tests.Training.Operations;

[TestClass]
public sealed class CombinationGradientTests
{
    [TestMethod]
    [DataRow(new[] { 0, 1 })]
    [DataRow(new[] { 0, 1, 2, 3 })]
    [DataRow(new[] { 0, 0 })]
    [DataRow(new[] { 0, 1, 0, 0 })]
    public void Add(int[] inputs) => new GradientCheck(
        new Add("add", [.. inputs]), [.. inputs.Select(_ => new FeatureType(3, 1))], 2, 5, 7, sameAs: inputs).Run();

    [TestMethod]
    [DataRow(new[] { 0 })]
    [DataRow(new[] { 0, 1 })]
    [DataRow(new[] { 0, 0 })]
    [DataRow(new[] { 0, 1, 0, 3 })]
    public void Concat(int[] inputs) => new GradientCheck(
        new Concat("concat", [.. inputs]), [.. inputs.Select(i => new FeatureType(2 + i, 1))], 2, 5, 7, sameAs: inputs).Run();

    [TestMethod]
    [DataRow(1, 3)]
    [DataRow(2, 4)]
    [DataRow(3, 9)]
    [DataRow(4, 4)]
    public void ChannelMean(int groups, int channels) =>
        new GradientCheck(new ChannelMean("mean", [0], groups), [new FeatureType(channels, 1)], 3, 5, 7).Run();
}
