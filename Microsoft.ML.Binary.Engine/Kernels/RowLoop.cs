using System.Runtime.CompilerServices;

namespace Microsoft.ML.Binary.Kernels;

/// <summary>What a kernel does with one register of a row.</summary>
internal interface IRowBody
{
    /// <summary>Does elements <paramref name="index"/> to <paramref name="index"/> + V.Count - 1.</summary>
    void At<V>(int index) where V : struct, ILanes<V>;
}

/// <summary>
/// Cuts a row of any length into registers. What is left of a row is done by methods of their own, which are compiled only for rows that have
/// such a rest: each body in a method costs a millisecond of the first image.
/// </summary>
internal static class RowLoop
{
    /// <summary>Each element from the first on once: whole registers, then narrower ones for what is left.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Run<V, TBody>(TBody body, int length, int first = 0) where V : struct, ILanes<V> where TBody : IRowBody
    {
        int i = first;
        for (; i <= length - V.Count; i += V.Count)
        {
            body.At<V>(i);
        }

        if (V.Count > 1 && i < length)
        {
            Rest<V, TBody>(body, length, i);
        }
    }

    /// <summary>
    /// Whole registers, the last of which may overlap the one before it: for bodies that give the same when they are done twice, so that
    /// write none of what they read.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void RunOverlapping<V, TBody>(TBody body, int length) where V : struct, ILanes<V> where TBody : IRowBody
    {
        if (length < V.Count)
        {
            Rest<Lanes1, TBody>(body, length, 0);
            return;
        }

        for (int i = 0; i < length; i += V.Count)
        {
            body.At<V>(Math.Min(i, length - V.Count));
        }
    }

    // Less than a register.
    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    private static void Rest<V, TBody>(TBody body, int length, int first) where V : struct, ILanes<V> where TBody : IRowBody
    {
        int i = first;
        if (V.Count > Lanes256.Count && i <= length - Lanes256.Count)
        {
            body.At<Lanes256>(i);
            i += Lanes256.Count;
        }

        for (; i < length; i++)
        {
            body.At<Lanes1>(i);
        }
    }
}
