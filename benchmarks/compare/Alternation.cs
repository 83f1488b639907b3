using System.Diagnostics;

namespace Microsoft.ML.Binary.Compare;

/// <summary>Times of one rival, in milliseconds.</summary>
internal sealed class Times
{
    private readonly List<double> _values = [];

    public double Minimum => _values.Min();

    public double Median => _values.Order().ElementAt(_values.Count / 2);

    public void Add(double milliseconds) => _values.Add(milliseconds);
}

/// <summary>
/// Measures rivals in turn, A B C A B C: what disturbs the machine for a while then disturbs all of them alike. A turn is several runs, so
/// that most of them find the caches as the same rival's run has left them, which is how a network is used on one image after another.
/// </summary>
internal static class Alternation
{
    private const int WarmUps = 3, RunsInTurn = 3, MinRounds = 3, MaxRounds = 60;

    /// <summary>Warms up, then measures for about <paramref name="budget"/>.</summary>
    /// <param name="budget">How long; at least <see cref="MinRounds"/> rounds are measured.</param>
    /// <param name="rivals">Each runs once and returns its milliseconds.</param>
    public static Times[] Measure(TimeSpan budget, params Func<double>[] rivals)
    {
        Times[] times = [.. rivals.Select(_ => new Times())];
        for (int i = 0; i < WarmUps; i++)
        {
            Array.ForEach(rivals, rival => rival());
        }

        long start = Stopwatch.GetTimestamp();
        for (int round = 0; round < MinRounds || (round < MaxRounds && Stopwatch.GetElapsedTime(start) < budget); round++)
        {
            for (int i = 0; i < RunsInTurn * rivals.Length; i++)
            {
                times[i / RunsInTurn].Add(rivals[i / RunsInTurn]());
            }
        }

        return times;
    }

    /// <summary>Milliseconds of an action.</summary>
    public static double Time(Action action)
    {
        long start = Stopwatch.GetTimestamp();
        action();
        return Stopwatch.GetElapsedTime(start).TotalMilliseconds;
    }

    /// <summary>Runs an action until the JIT's second tier, which compiles in the background what is still worth it, has surely replaced the first.</summary>
    public static void WarmUp(Action action)
    {
        long start = Stopwatch.GetTimestamp();
        for (int i = 0; i < 60 || Stopwatch.GetElapsedTime(start) < TimeSpan.FromSeconds(1.5); i++)
        {
            action();
        }
    }
}
