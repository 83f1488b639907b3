using Microsoft.ML.Binary.Imaging.Codec;
using Microsoft.ML.Binary.Inference;
using Microsoft.ML.Binary.Tests.Cli;
using Microsoft.ML.Binary.Tests.Pipeline;

namespace Microsoft.ML.Binary.Tests.Batch;

[TestClass]
public sealed class WorkTurnsTests
{
    [TestMethod]
    public void NoMoreTurnsThanThereAre_AndEachEndsOnce()
    {
        WorkTurns turns = new(2);
        WorkTurn first = turns.Take(default), second = turns.Take(default);
        AssertNoneIsFree();
        first.Dispose();
        first.Dispose();
        WorkTurn third = turns.Take(default);
        AssertNoneIsFree();
        second.Dispose();
        third.Dispose();
        turns.Take(default).Dispose();

        void AssertNoneIsFree()
        {
            using CancellationTokenSource soon = new(millisecondsDelay: 20);
            Assert.ThrowsExactly<OperationCanceledException>(() => turns.Take(soon.Token));
        }
    }

    /// <summary>The flush of a mask is outside of its turn: the next image is scored meanwhile.</summary>
    [TestMethod]
    public void ATurnEndsWhereAnImageIsComputed()
    {
        using Workplace place = new(images: 1);
        using CompiledNetwork network = CompiledNetwork.Compile(PipelineNetworks.Segmentation());
        string mask = place["mask.png"];
        bool? there = null;
        new RowScorer(network, new PngNote("MlBinary", "a test"), measure: false).Score(place.Image(0), [(network.Heads[0], mask)], () => there = File.Exists(mask), default);
        Assert.IsFalse(there);
        Assert.IsTrue(File.Exists(mask));
    }
}
