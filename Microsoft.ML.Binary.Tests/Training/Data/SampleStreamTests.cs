using Microsoft.ML.Binary.Imaging;
using Microsoft.ML.Binary.Training;
using Microsoft.ML.Binary.Training.Data;

namespace Microsoft.ML.Binary.Tests.Training.Data;

[TestClass]
public sealed class SampleStreamTests
{
    private const int Count = 13, SampleBytes = 4;

    [TestMethod]
    [DataRow(Count)]
    [DataRow(Count - 1)]
    [DataRow(5)]
    [DataRow(1)]
    public void EverySampleComesOnceAnEpoch(int cached)
    {
        using SampleStream stream = Stream(cached);
        Assert.AreEqual(Count, stream.Count);
        for (int epoch = 0; epoch < 4; epoch++)
        {
            string[] names = Take(stream, Count);
            CollectionAssert.AreEquivalent(Names(), names);
            Assert.AreEqual(epoch, stream.Epoch);
            Assert.AreEqual(Count, stream.Position);
        }
    }

    [TestMethod]
    [DataRow(Count)]
    [DataRow(5)]
    public void TheOrderDependsOnSeedAndEpochAlone(int cached)
    {
        using SampleStream one = Stream(cached), same = Stream(cached), other = Stream(cached, seed: 2);
        string[] first = Take(one, Count), second = Take(one, Count);
        CollectionAssert.AreEqual(first, Take(same, Count));
        CollectionAssert.AreNotEqual(first, second);
        CollectionAssert.AreNotEqual(first, Take(other, Count));
        CollectionAssert.AreNotEqual(Names(), first);
    }

    [TestMethod]
    [DataRow(Count)]
    [DataRow(5)]
    public void SeekingLeadsToWhereTakingDoes(int cached)
    {
        for (int samples = 0; samples <= 3 * Count; samples++)
        {
            using SampleStream taken = Stream(cached), sought = Stream(cached);
            Take(taken, samples);
            sought.Seek(samples);
            Assert.AreEqual(taken.Epoch, sought.Epoch, $"after {samples}");
            Assert.AreEqual(taken.Position, sought.Position, $"after {samples}");
            Assert.AreEqual(taken.Peek(3).Name, sought.Peek(3).Name, $"after {samples}");
            CollectionAssert.AreEqual(Take(taken, Count), Take(sought, Count), $"after {samples}");
        }
    }

    [TestMethod]
    [DataRow(Count)]
    [DataRow(5)]
    public void PeekingTakesNothing(int cached)
    {
        using SampleStream plain = Stream(cached), peeked = Stream(cached);
        List<string> names = [];
        for (int i = 0; i < 2 * Count; i++)
        {
            peeked.Peek(i);
            names.Add(peeked.Next().Name);
            peeked.Peek(100 + i);
        }

        CollectionAssert.AreEqual(Take(plain, 2 * Count), names);
    }

    [TestMethod]
    public void ACachedSetIsReadOnceAndALargerOneOnceAnEpoch()
    {
        int reads = 0;
        using SampleStream cached = new(() => Counted(), Count * SampleBytes, 1);
        Take(cached, 5 * Count);
        Assert.AreEqual(1, reads);

        reads = 0;
        using SampleStream streamed = new(() => Counted(), 5 * SampleBytes, 1);
        Take(streamed, 5 * Count);
        Assert.AreEqual(1 + 5, reads, "once to look at it, once an epoch");

        IEnumerable<TrainingSample> Counted()
        {
            reads++;
            return Samples();
        }
    }

    [TestMethod]
    public void AStreamedSetStaysWithinTheCache()
    {
        int handedOut = 0, read = 0;
        using SampleStream stream = new(() => Samples().Select(sample => { read++; return sample; }), 5 * SampleBytes, 1);
        read = 5;
        for (int i = 0; i < Count; i++)
        {
            stream.Next();
            handedOut++;
            Assert.IsLessThanOrEqualTo(handedOut + 5, read);
        }
    }

    [TestMethod]
    public void ShrinkingDataIsAnError()
    {
        int left = Count;
        using SampleStream stream = new(() => Samples().Take(left), 5 * SampleBytes, 1);
        Take(stream, Count);
        left = Count - 1;
        string message = Assert.ThrowsExactly<InvalidDataException>(() => Take(stream, Count)).Message;
        StringAssert.Contains(message, "Pass 2 ");
        StringAssert.Contains(message, "after 12 samples; the first pass had 13");
    }

    [TestMethod]
    public void GrowingDataIsCutAtTheFirstPass()
    {
        int extra = 0;
        using SampleStream stream = new(() => Samples().Concat(Samples().Take(extra)), 5 * SampleBytes, 1);
        extra = 4;
        Take(stream, 3 * Count);
        Assert.AreEqual(2, stream.Epoch);
    }

    [TestMethod]
    public void EmptyDataIsAnError() => StringAssert.Contains(
        Assert.ThrowsExactly<InvalidDataException>(() => new SampleStream(() => [], 100, 1)).Message, "is empty");

    private static SampleStream Stream(int cached, long seed = 1) => new(Samples, cached * SampleBytes, seed);

    private static IEnumerable<TrainingSample> Samples() =>
        Enumerable.Range(0, Count).Select(i => new TrainingSample($"sample {i}", new RgbImage(1, 1), [0]));

    private static string[] Names() => [.. Samples().Select(sample => sample.Name)];

    private static string[] Take(SampleStream stream, int count) => [.. Enumerable.Range(0, count).Select(_ => stream.Next().Name)];
}
