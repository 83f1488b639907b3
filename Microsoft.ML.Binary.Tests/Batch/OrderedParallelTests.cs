namespace Microsoft.ML.Binary.Tests.Batch;

[TestClass]
public sealed class OrderedParallelTests
{
    [TestMethod]
    public void Map_KeepsTheOrder()
    {
        int[] items = [.. Enumerable.Range(0, 500)];
        CollectionAssert.AreEqual(
            items.Select(i => i * i).ToArray(),
            OrderedParallel.Map(items, 4, i => { Thread.SpinWait(i * 7919 % 2000); return i * i; }).ToArray());
    }

    [TestMethod]
    [DataRow(0)]
    [DataRow(-1)]
    public void Map_RefusesFewerThanOneThread_WhenItIsCalled(int threads) =>
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => OrderedParallel.Map([1, 2], threads, i => i));

    [TestMethod]
    public void Map_ReadsNoFurtherAheadThanItHasThreads()
    {
        int read = 0;
        using IEnumerator<int> results = OrderedParallel.Map(Enumerable.Range(0, 1000).Select(i => { read++; return i; }), 3, i => i).GetEnumerator();
        for (int i = 0; i < 20; i++)
        {
            results.MoveNext();
        }

        Assert.IsLessThanOrEqualTo(20 + 3, read);
    }

    /// <summary>Work that waits does not wait for the thread pool to grow: all of it is under way at once.</summary>
    [TestMethod]
    public void Map_HasAllItsThreads()
    {
        const int threads = 40;
        using Barrier all = new(threads);
        Assert.AreEqual(threads, OrderedParallel.Map(Enumerable.Range(0, threads), threads, _ => all.SignalAndWait(TimeSpan.FromMinutes(1)) && !Thread.CurrentThread.IsThreadPoolThread).Count(met => met));
    }

    /// <summary>What the work uses may be disposed after the walk, whether it ended by itself, by an error or early.</summary>
    [TestMethod]
    public void Map_LeavesNoWorkBehind()
    {
        int working = 0;
        IEnumerable<int> results = OrderedParallel.Map(Enumerable.Range(0, 100), 4, i =>
        {
            Interlocked.Increment(ref working);
            try
            {
                Thread.Sleep(i == 0 ? 0 : 20);
                return 100 / (i - 10);
            }
            finally
            {
                Interlocked.Decrement(ref working);
            }
        });

        _ = results.First();
        Assert.AreEqual(0, working);
        Assert.ThrowsExactly<DivideByZeroException>(() => results.Count());
        Assert.AreEqual(0, working);
    }

    [TestMethod]
    public void Map_ThrowsAnItemsErrorInItsPlace()
    {
        using IEnumerator<int> results = OrderedParallel.Map([1, 2, 0, 4], 4, i => 12 / i).GetEnumerator();
        Assert.IsTrue(results.MoveNext());
        Assert.IsTrue(results.MoveNext());
        Assert.AreEqual(6, results.Current);
        Assert.ThrowsExactly<DivideByZeroException>(() => results.MoveNext());
    }

    [TestMethod]
    [DataRow(1)]
    [DataRow(3)]
    [DataRow(8)]
    public void Map_ThrowsAnErrorOfTheItemsAfterTheResultsOfThoseBeforeIt(int threads)
    {
        List<int> results = [];
        Assert.ThrowsExactly<InvalidDataException>(() =>
        {
            foreach (int result in OrderedParallel.Map(Items(), threads, i => i))
            {
                results.Add(result);
            }
        });
        CollectionAssert.AreEqual((int[])[0, 1, 2, 3, 4], results);

        static IEnumerable<int> Items()
        {
            for (int i = 0; i < 5; i++)
            {
                yield return i;
            }

            throw new InvalidDataException();
        }
    }

    [TestMethod]
    [DataRow(0)]
    [DataRow(2)]
    public void Map_TakesTheThreadsThatTheSystemStarts(int most)
    {
        int started = 0;
        int[] items = [.. Enumerable.Range(0, 50)];
        CollectionAssert.AreEqual(items, OrderedParallel.Walk(items, 4, i => i, Start).ToArray());
        Assert.AreEqual(most, started);

        void Start(Thread thread)
        {
            if (started == most)
            {
                throw new OutOfMemoryException();
            }

            started++;
            thread.Start();
        }
    }
}
