using Microsoft.ML.Binary.Imaging;
using Microsoft.ML.Binary.Imaging.Codec;
using Microsoft.ML.Binary.Inference;
using Microsoft.ML.Binary.Tests.Cli;
using Microsoft.ML.Binary.Tests.Pipeline;

namespace Microsoft.ML.Binary.Tests.Batch;

[TestClass]
public sealed class ComputeThreadsTests
{
    [TestMethod]
    public void NoMoreTurnsThanThereAre_AndEachEndsOnce()
    {
        using ComputeThreads threads = new(2);
        ComputeTurn first = threads.Take(default), second = threads.Take(default);
        Assert.AreNotEqual(first.Run(() => Environment.CurrentManagedThreadId), second.Run(() => Environment.CurrentManagedThreadId));
        AssertNoneIsFree();
        first.Dispose();
        first.Dispose();
        Assert.ThrowsExactly<ObjectDisposedException>(() => first.Run(() => 1));
        ComputeTurn third = threads.Take(default);
        AssertNoneIsFree();
        second.Dispose();
        third.Dispose();
        threads.Take(default).Dispose();

        void AssertNoneIsFree()
        {
            using CancellationTokenSource soon = new(millisecondsDelay: 20);
            Assert.ThrowsExactly<OperationCanceledException>(() => threads.Take(soon.Token));
        }
    }

    [TestMethod]
    public void AnException_IsThrownToWhoTookTheTurn_AndTheThreadGoesOn()
    {
        using ComputeThreads threads = new(1);
        using ComputeTurn turn = threads.Take(default);
        Assert.AreEqual("a file", Assert.ThrowsExactly<InvalidDataException>(() => turn.Run(() => throw new InvalidDataException("a file"))).Message);
        Assert.AreEqual(3, turn.Run(() => 3));
    }

    [TestMethod]
    [DataRow(0)]
    [DataRow(1)]
    public void WhereTheSystemStartsNoMoreThreads_FewerCompute(int most)
    {
        int started = 0;
        using ComputeThreads threads = new(3, thread =>
        {
            if (started == most)
            {
                throw new OutOfMemoryException();
            }

            started++;
            thread.Start();
        });
        using (ComputeTurn turn = threads.Take(default))
        {
            Assert.AreEqual(most == 0, turn.Run(() => Environment.CurrentManagedThreadId) == Environment.CurrentManagedThreadId);
            Assert.AreEqual("a file", Assert.ThrowsExactly<InvalidDataException>(() => turn.Run(() => throw new InvalidDataException("a file"))).Message);
            using CancellationTokenSource soon = new(millisecondsDelay: 20);
            Assert.ThrowsExactly<OperationCanceledException>(() => threads.Take(soon.Token));
        }

        threads.Take(default).Dispose();
    }

    /// <summary>The flush of a mask is outside of a turn: the next image is computed meanwhile.</summary>
    [TestMethod]
    public void ATurnEndsWhenTheImageIsComputed()
    {
        using Workplace place = new(images: 1);
        using ComputeThreads threads = new(1);
        using CompiledNetwork network = CompiledNetwork.Compile(PipelineNetworks.Segmentation());
        ComputeTurn turn = threads.Take(default);
        var (figures, fault) = new RowScorer(network, new PngNote("MlBinary", "a test"), measure: true, new PixelArrayPool(1)).Score(
            place.Image(0), [(network.Heads[0], place["mask.png"])], turn, default);
        Assert.IsNull(fault);
        Assert.AreEqual(Workplace.Width * Workplace.Height, figures[0].For(network.Heads[0], "").ClassPixels.Sum());
        Assert.ThrowsExactly<ObjectDisposedException>(() => turn.Run(() => 1));
        threads.Take(default).Dispose();
    }
}
