using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Networks;
using Microsoft.ML.Binary.Training;

namespace Microsoft.ML.Binary.Tests.Training;

/// <summary>Factors of the learning rate: they change what they are for, by as much, and nothing else.</summary>
[TestClass]
public sealed class LearningRateFactorTests
{
    // The first step of Adam has the length of the rate.
    private const float Rate = 1e-3f;

    private static readonly TrainingOptions OneStep = TinyTask.Options(1) with { LearningRate = Rate, WarmUp = 0, WeightDecay = 0, AverageDecay = 0 };

    [TestMethod]
    public void GatesHaveTheirOwn() => Check<Gate>(usual: 1, OneStep with { GateRate = 3 }, factor: 3);

    [TestMethod]
    public void ChannelScalingHasItsOwn() => Check<SqueezeExcitation>(usual: 0.1f, OneStep with { ScalingRate = 0.3f }, factor: 0.3f);

    private static void Check<T>(float usual, TrainingOptions changed, float factor) where T : Node
    {
        DenseGraph initial = DenseNetworkBuilder.Build(TinyTask.Configuration() with { Scaling = ChannelScaling.All });
        DenseGraph before = Train(initial, OneStep), after = Train(initial, changed);
        int moved = 0;
        for (int i = 0; i < initial.Nodes.Length; i++)
        {
            foreach ((Parameter start, Parameter first, Parameter second) in initial.Nodes[i].Parameters.Zip(before.Nodes[i].Parameters, after.Nodes[i].Parameters))
            {
                if (initial.Nodes[i] is not T)
                {
                    CollectionAssert.AreEqual(first.Values, second.Values, start.Name);
                    continue;
                }

                for (int k = 0; k < start.Values.Length; k++)
                {
                    // Gradients that are next to nothing move by less.
                    float distance = Math.Abs(first.Values[k] - start.Values[k]);
                    if (Math.Abs(distance / (usual * Rate) - 1) < 1e-2)
                    {
                        Assert.AreEqual(factor * Rate, Math.Abs(second.Values[k] - start.Values[k]), 1e-2 * factor * Rate, start.Name);
                        moved++;
                    }
                }
            }
        }

        Assert.IsGreaterThan(10, moved);
    }

    private static DenseGraph Train(DenseGraph initial, TrainingOptions options) =>
        TinyTask.Train(options, graph: initial).Graph;
}
