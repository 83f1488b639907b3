namespace Microsoft.ML.Binary.Mapping;

/// <summary>
/// The selection of NSGA-II (Deb et al., 2002) for two objectives, the first to be high, the second low, as arXiv 2404.05368 uses it.
/// </summary>
internal static class Nsga2
{
    public readonly record struct Objectives(double Accuracy, double Cost)
    {
        public bool Dominates(Objectives other) => Accuracy >= other.Accuracy && Cost <= other.Cost && this != other;
    }

    /// <summary>Indices of the points in fronts: those that none dominates, those that only these dominate, and so on.</summary>
    public static List<List<int>> Fronts(IReadOnlyList<Objectives> points)
    {
        List<List<int>> fronts = [];
        List<int> left = [.. Enumerable.Range(0, points.Count)];
        while (left.Count > 0)
        {
            List<int> front = left.FindAll(i => !left.Exists(j => points[j].Dominates(points[i])));
            fronts.Add(front);
            left.RemoveAll(front.Contains);
        }

        return fronts;
    }

    /// <summary>
    /// How much room each point of a front has: over both objectives, the distance between its neighbours as a share of <paramref name="scale"/>;
    /// infinite at the ends.
    /// </summary>
    public static double[] Crowding(IReadOnlyList<Objectives> front, Objectives scale)
    {
        double[] distances = new double[front.Count];
        Add(point => point.Accuracy, scale.Accuracy);
        Add(point => point.Cost, scale.Cost);
        return distances;

        void Add(Func<Objectives, double> value, double largest)
        {
            int[] sorted = [.. Enumerable.Range(0, front.Count).OrderBy(i => value(front[i]))];
            distances[sorted[0]] = distances[sorted[^1]] = double.PositiveInfinity;
            for (int i = 1; i < sorted.Length - 1; i++)
            {
                distances[sorted[i]] += Math.Abs(value(front[sorted[i - 1]]) - value(front[sorted[i + 1]])) / largest;
            }
        }
    }

    /// <summary>Removes the point with the least room, again and again, until so many are left; returns their places in the front.</summary>
    public static List<int> Reduce(IReadOnlyList<Objectives> front, int count, Objectives scale)
    {
        List<int> left = [.. Enumerable.Range(0, front.Count)];
        while (left.Count > count)
        {
            double[] room = Crowding([.. left.Select(i => front[i])], scale);
            left.RemoveAt(Array.IndexOf(room, room.Min()));
        }

        return left;
    }

    /// <summary>The best points, by front, the last one reduced.</summary>
    public static List<int> Survivors(IReadOnlyList<Objectives> points, int count, Objectives scale)
    {
        List<int> survivors = [];
        foreach (List<int> front in Fronts(points))
        {
            survivors.AddRange(survivors.Count + front.Count <= count
                ? front
                : Reduce([.. front.Select(i => points[i])], count - survivors.Count, scale).Select(i => front[i]));
            if (survivors.Count == count)
            {
                break;
            }
        }

        return survivors;
    }
}
