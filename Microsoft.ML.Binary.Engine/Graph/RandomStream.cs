namespace Microsoft.ML.Binary.Graph;

/// <summary>
/// A small counter-based generator (SplitMix64): a stream is addressed by numbers, for example seed, step and sample, so nothing of it
/// has to be stored to resume, and no thread waits for another's draw.
/// </summary>
internal struct RandomStream
{
    private ulong _state;

    public RandomStream(long seed, long a = 0, long b = 0)
    {
        _state = (ulong)seed;
        _state = NextBits() ^ ((ulong)a * 0xD1342543DE82EF95UL);
        _state = NextBits() ^ ((ulong)b * 0xAF251AF3B0F025B5UL);
    }

    /// <summary>A number for a name, to be mixed into a seed: the same on every machine and in every process.</summary>
    public static long KeyOf(string name)
    {
        ulong key = 0xCBF29CE484222325UL;
        foreach (char letter in name)
        {
            key = (key ^ letter) * 0x100000001B3UL;
        }

        return (long)key;
    }

    public ulong NextBits()
    {
        _state += 0x9E3779B97F4A7C15UL;
        ulong z = _state;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9UL;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EBUL;
        return z ^ (z >> 31);
    }

    /// <summary>Uniform in [0, 1).</summary>
    public double NextDouble() => (NextBits() >> 11) * (1.0 / (1UL << 53));

    /// <summary>Uniform in [low, high).</summary>
    public float NextSingle(float low, float high) => low + (high - low) * (float)NextDouble();

    /// <summary>Uniform in 0..bound-1.</summary>
    public int NextInt(int bound) => (int)(NextDouble() * bound);

    /// <summary>Standard normal (Box-Muller).</summary>
    public float NextNormal() =>
        (float)(Math.Sqrt(-2 * Math.Log(1 - NextDouble())) * Math.Cos(2 * Math.PI * NextDouble()));
}
