namespace Microsoft.ML.Binary.Mapping;

/// <summary>How many different tiles the spatial children of a level hold; equal ones are sent once, to all.</summary>
internal static class SpatialSharing
{
    public static long DifferentTiles(FlatNest nest, Workload workload, Operand operand, int level)
    {
        int start = level == 0 ? 0 : nest.TemporalEnd[level - 1], end = nest.SpatialEnd[level];
        long product = 1;
        bool columns = false, kernelColumns = false, rows = false, kernelRows = false;
        for (int i = start; i < end; i++)
        {
            Dimension dimension = nest.Dimensions[i];
            if (nest.Bounds[i] == 1 || !dimension.Moves(operand))
            {
                continue;
            }

            product *= nest.Bounds[i];
            columns |= dimension == Dimension.P;
            kernelColumns |= dimension == Dimension.R;
            rows |= dimension == Dimension.Q;
            kernelRows |= dimension == Dimension.S;
        }

        return operand == Operand.Inputs && ((columns && kernelColumns) || (rows && kernelRows))
            ? DifferentWindows(nest, workload, start, end)
            : product;
    }

    /// <summary>Windows of the inputs can coincide: a step of the output and one of the kernel may lead to the same place.</summary>
    private static long DifferentWindows(FlatNest nest, Workload workload, int start, int end)
    {
        long[] sides = new long[Dimensions.Count];
        Array.Fill(sides, 1);
        for (int i = 0; i < start; i++)
        {
            sides[(int)nest.Dimensions[i]] *= nest.Bounds[i];
        }

        HashSet<WindowWalk.Step> places = [default];
        for (int i = start; i < end; i++)
        {
            WindowWalk.Step step = WindowWalk.Move(workload, nest.Dimensions[i], sides[(int)nest.Dimensions[i]]);
            sides[(int)nest.Dimensions[i]] *= nest.Bounds[i];
            HashSet<WindowWalk.Step> reached = [];
            foreach (WindowWalk.Step place in places)
            {
                WindowWalk.Step next = place;
                for (int j = 0; j < nest.Bounds[i]; j++)
                {
                    reached.Add(next);
                    next += step;
                }
            }

            places = reached;
        }

        return places.Count;
    }
}
