using Microsoft.ML.Binary.Inference;
using Microsoft.ML.Binary.Inference.Steps;
using Microsoft.ML.Binary.Kernels;

namespace Microsoft.ML.Binary.Tests.Inference;

[TestClass]
public class WorkerTeamTests
{
    private const int Attempts = 500;

    [TestMethod]
    [DataRow(2, true)]
    [DataRow(3, true)]
    [DataRow(2, false)]
    [DataRow(3, false)]
    public void AnExceptionLeavesNoThreadAtWork(int threads, bool onCaller)
    {
        using WorkerTeam team = new(threads);
        for (int i = 0; i < Attempts; i++)
        {
            FailingStep failing = new(onCaller);
            InferencePlan plan = new([failing], [], KernelSet.Best, 64, threads, nodes: []);
            Assert.ThrowsExactly<FormatException>(() => plan.Run(plan.Rent(), team));
            failing.Left = true;

            CountingStep counting = new();
            plan = new InferencePlan([counting, counting], [], KernelSet.Best, 64, threads, nodes: []);
            plan.Run(plan.Rent(), team);
            Assert.IsTrue(counting.Done.All(times => times == 2), string.Join(' ', counting.Done));
            Assert.AreEqual(0, failing.Late);
        }
    }

    [TestMethod]
    [DataRow(1)]
    [DataRow(2)]
    [DataRow(5)]
    public void EveryIndexIsVisitedOnce(int threads)
    {
        using WorkerTeam team = new(threads);
        for (int count = 0; count < 300; count++)
        {
            int[] visits = new int[count];
            team.Run(count, i => Interlocked.Increment(ref visits[i]));
            Assert.IsTrue(visits.All(visit => visit == 1), $"{count} items, {threads} threads");
        }
    }

    [TestMethod]
    [DataRow(1)]
    [DataRow(2)]
    public void ARunOnALargeImageIsCancelledBetweenPiecesOfAStep(int threads)
    {
        using WorkerTeam team = new(threads);
        CountingStep step = new();
        InferencePlan plan = new([step], [], KernelSet.Best, 64, threads, nodes: []);
        RunState state = plan.Rent();
        using CancellationTokenSource cancellation = new();
        state.CancelBy(cancellation.Token, pixels: 36_000_000);
        step.Each = cancellation.Cancel;

        Assert.ThrowsExactly<OperationCanceledException>(() => plan.Run(state, team));
        Assert.IsTrue(step.Done.Sum() <= threads * (step.Items / 100), $"{step.Done.Sum()} of {step.Items} items were done"); // a piece for each thread
    }

    [TestMethod]
    public void ManyShortLoopsFollowEachOther()
    {
        using WorkerTeam team = new(3);
        long sum = 0;
        for (int i = 0; i < 20_000; i++)
        {
            team.Run(7, item => Interlocked.Add(ref sum, item));
        }

        Assert.AreEqual(20_000L * 21, sum);
    }

    [TestMethod]
    public void ALoopInsideOfALoopIsRun()
    {
        using WorkerTeam team = new(2);
        int visits = 0;
        team.Run(10, _ => team.Run(10, _ => Interlocked.Increment(ref visits)));
        Assert.AreEqual(100, visits);
    }

    [TestMethod]
    [DataRow(1)]
    [DataRow(2)]
    public void AnExceptionReachesTheCallerAndTheTeamGoesOn(int threads)
    {
        using WorkerTeam team = new(threads);
        for (int failing = 0; failing < 40; failing++)
        {
            InvalidDataException thrown = Assert.ThrowsExactly<InvalidDataException>(
                () => team.Run(40, i => Expect(i != failing)));
            Assert.AreEqual("broken", thrown.Message);
        }

        int visits = 0;
        team.Run(40, _ => Interlocked.Increment(ref visits));
        Assert.AreEqual(40, visits);

        static void Expect(bool holds)
        {
            if (!holds)
            {
                throw new InvalidDataException("broken");
            }
        }
    }

    [TestMethod]
    [DataRow(1)]
    [DataRow(2)]
    [DataRow(5)]
    public void APartBeginsWhenTheOneBeforeIsDone(int threads)
    {
        using WorkerTeam team = new(threads);
        for (int i = 0; i < Attempts; i++)
        {
            Parts parts = new([3, 1, 100, 0, 7, 1, 1, 40]);
            team.Run(parts);
            CollectionAssert.AreEqual(parts.Counts, parts.Done);
            Assert.AreEqual(0, parts.Early);
        }
    }

    [TestMethod]
    [DataRow(2)]
    [DataRow(3)]
    public void ACallerWhoIsAwayKeepsNobodyWaiting(int threads)
    {
        using WorkerTeam team = new(threads);
        Parts parts = new([.. Enumerable.Repeat(50, 40)]);
        using ManualResetEventSlim begun = new();
        bool? kept = null;
        parts.Each = thread => begun.Wait(thread == 0 ? 0 : Timeout.Infinite);
        parts.CallerRests = () =>
        {
            begun.Set();
            kept ??= !parts.LastIsDone.Wait(TimeSpan.FromSeconds(60));
        };
        team.Run(parts);
        Assert.AreEqual(false, kept, "the others went no further than the caller");
        CollectionAssert.AreEqual(parts.Counts, parts.Done);
    }

    [TestMethod]
    [DataRow(1)]
    [DataRow(2)]
    [DataRow(3)]
    public void NoPartBeginsAfterOneThatFailed(int threads)
    {
        using WorkerTeam team = new(threads);
        for (int i = 0; i < Attempts; i++)
        {
            Parts parts = new([10, 10, 10]) { FailingPart = 1 };
            Assert.ThrowsExactly<FormatException>(() => team.Run(parts));
            Assert.AreEqual(10, parts.Done[0]);
            Assert.AreEqual(0, parts.Done[2]);
        }
    }

    [TestMethod]
    public void ThreadsThatFellAsleepWakeUp()
    {
        using WorkerTeam team = new(3);
        for (int i = 0; i < 30; i++)
        {
            int visits = 0;
            team.Run(100, _ => Interlocked.Increment(ref visits));
            Assert.AreEqual(100, visits);
            Thread.Sleep(2);
        }
    }

    [TestMethod]
    [DataRow(0)]
    [DataRow(1)]
    [DataRow(3)]
    public void WhereTheSystemStartsNoMoreThreads_TheTeamIsSmaller(int most)
    {
        int limit = most, started = 0, refused = 0;
        StoppedClock clock = new();
        using WorkerTeam team = new(5, Start, clock);
        for (int i = 0; i < Attempts; i++)
        {
            AssertRuns();
        }

        Assert.AreEqual((most, 1), (started, refused), "an attempt that failed is not repeated at once");
        limit = 4;
        clock.Now += clock.TimestampFrequency;
        AssertRuns();
        Assert.AreEqual((4, 1), (started, refused));

        void AssertRuns()
        {
            Parts parts = new([100, 1, 40]);
            team.Run(parts);
            CollectionAssert.AreEqual(parts.Counts, parts.Done);
            Assert.AreEqual(0, parts.Early);
        }

        void Start(Thread thread)
        {
            if (started == limit)
            {
                refused++;
                throw new OutOfMemoryException();
            }

            started++;
            thread.Start();
        }
    }

    [TestMethod]
    public void WhatFailsBesideTheWork_IsThrownWhenNobodyWorksAnyMore()
    {
        for (int i = 0; i < Attempts / 10; i++)
        {
            int working = 0, visits = 0;
            using WorkerTeam team = new(3, thread =>
            {
                thread.Start();
                SpinWait.SpinUntil(() => Volatile.Read(ref working) > 0, TimeSpan.FromSeconds(1));
                throw new ThreadInterruptedException();
            });
            for (int thread = 1; thread < 3; thread++)
            {
                Assert.ThrowsExactly<ThreadInterruptedException>(() => team.Run(1000, _ => Work()));
                Assert.AreEqual(0, Volatile.Read(ref working));
            }

            visits = 0;
            team.Run(1000, _ => Work());
            Assert.AreEqual(1000, visits);

            void Work()
            {
                Interlocked.Increment(ref working);
                Thread.SpinWait(100);
                Interlocked.Increment(ref visits);
                Interlocked.Decrement(ref working);
            }
        }
    }

    private sealed class StoppedClock : TimeProvider
    {
        public long Now { get; set; }

        public override long GetTimestamp() => Now;
    }

    /// <summary>Parts of so many items, and how many of each were done.</summary>
    private sealed class Parts(int[] counts) : IWork
    {
        private int _part, _early;

        public int[] Counts => counts;

        public int[] Done { get; } = new int[counts.Length];

        /// <summary>Items that were done before those of the part before.</summary>
        public int Early => _early;

        public int FailingPart { get; init; } = -1;

        public ManualResetEventSlim LastIsDone { get; } = new();

        /// <summary>Called in every chunk, with the thread.</summary>
        public Action<int>? Each { get; set; }

        /// <summary>Called on the caller's thread between chunks.</summary>
        public Action? CallerRests { get; set; }

        public int Items => counts[_part];

        public long Remaining
        {
            get
            {
                CallerRests?.Invoke();
                return 0;
            }
        }

        public bool MoveNext()
        {
            if (_part < counts.Length - 1)
            {
                _part++;
                return true;
            }

            LastIsDone.Set();
            return false;
        }

        public void Run(int thread, int first, int last)
        {
            Each?.Invoke(thread);
            int part = Volatile.Read(ref _part);
            if (part == FailingPart)
            {
                throw new FormatException();
            }

            if (part > 0 && Volatile.Read(ref Done[part - 1]) != counts[part - 1])
            {
                Interlocked.Increment(ref _early);
            }

            Interlocked.Add(ref Done[part], last - first);
        }
    }

    /// <summary>Throws on the caller's thread or on the others; chunks of the other kind end only after that.</summary>
    private sealed class FailingStep(bool onCaller) : PlanStep("failing")
    {
        private volatile bool _thrown;
        private int _late;

        public volatile bool Left;

        public int Late => Volatile.Read(ref _late);

        public override int Items => 1000;

        public override void Run(RunState state, int thread, int first, int last)
        {
            if (thread == 0 == onCaller)
            {
                _thrown = true;
                throw new FormatException();
            }

            SpinWait wait = default;
            while (!_thrown)
            {
                wait.SpinOnce(sleep1Threshold: -1);
            }

            // Long enough for the caller to leave, if it does not wait for this thread.
            Thread.SpinWait(1000);
            if (Left)
            {
                Interlocked.Increment(ref _late);
            }
        }
    }

    private sealed class CountingStep() : PlanStep("counting")
    {
        public int[] Done { get; } = new int[1000];

        public Action? Each { get; set; }

        public override int Items => Done.Length;

        public override void Run(RunState state, int thread, int first, int last)
        {
            for (int i = first; i < last; i++)
            {
                Interlocked.Increment(ref Done[i]);
                Each?.Invoke();
            }
        }
    }
}
