using Microsoft.ML.Binary.Training;

namespace Microsoft.ML.Binary.Tests.Training;

[TestClass]
public sealed class TrainingTeamTests
{
    [TestMethod]
    [DataRow(1)]
    [DataRow(2)]
    [DataRow(5)]
    public void EveryIndexIsVisitedOnce(int threads)
    {
        TrainingTeam team = new(threads);
        for (int count = 0; count < 300; count++)
        {
            int[] visits = new int[count];
            team.Run(count, i => Interlocked.Increment(ref visits[i]));
            Assert.IsTrue(visits.All(visit => visit == 1), $"{count} items, {threads} threads");
        }
    }

    [TestMethod]
    public void ManyShortLoopsFollowEachOther()
    {
        TrainingTeam team = new(3);
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
        TrainingTeam team = new(2);
        int visits = 0;
        team.Run(10, _ => team.Run(10, _ => Interlocked.Increment(ref visits)));
        Assert.AreEqual(100, visits);
    }

    [TestMethod]
    [DataRow(1)]
    [DataRow(2)]
    public void AnExceptionReachesTheCallerAndTheTeamGoesOn(int threads)
    {
        TrainingTeam team = new(threads);
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
}
