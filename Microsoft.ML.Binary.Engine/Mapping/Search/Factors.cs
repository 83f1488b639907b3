namespace Microsoft.ML.Binary.Mapping;

/// <summary>Integers taken apart.</summary>
internal static class Factors
{
    /// <summary>All ways to write a number as a product of so many factors in order, in lexicographic order.</summary>
    public static int[][] Splits(int number, int parts)
    {
        List<int[]> splits = [];
        int[] split = new int[parts];
        Fill(0, number);
        return [.. splits];

        void Fill(int part, int rest)
        {
            if (part == parts - 1)
            {
                split[part] = rest;
                splits.Add([.. split]);
                return;
            }

            for (int factor = 1; factor <= rest; factor++)
            {
                if (rest % factor == 0)
                {
                    split[part] = factor;
                    Fill(part + 1, rest / factor);
                }
            }
        }
    }

    /// <summary>The largest divisor that is at most <paramref name="limit"/>.</summary>
    public static int LargestDivisor(int number, int limit)
    {
        int divisor = Math.Min(number, limit);
        while (number % divisor != 0)
        {
            divisor--;
        }

        return divisor;
    }

    /// <summary>The smallest prime factor above <paramref name="above"/>; 1 if there is none.</summary>
    public static int NextPrime(int number, int above)
    {
        for (int prime = 2; prime <= number; prime++)
        {
            if (number % prime == 0)
            {
                if (prime > above)
                {
                    return prime;
                }

                number /= prime--;
            }
        }

        return 1;
    }
}
