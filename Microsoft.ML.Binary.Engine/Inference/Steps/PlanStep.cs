namespace Microsoft.ML.Binary.Inference.Steps;

/// <summary>One pass of a plan. Its items may be done in any order and on any threads.</summary>
/// <param name="name">The node that it computes; of fused nodes the last.</param>
internal abstract class PlanStep(string name)
{
    public string Name => name;

    /// <summary>Number of items.</summary>
    public abstract int Items { get; }

    /// <summary>Bytes of scratch memory that a thread needs.</summary>
    public virtual long ScratchBytes => 0;

    /// <summary>Multiply-accumulates of the convolution in it, for profiles.</summary>
    public virtual long Macs => 0;

    /// <summary>Bytes of the maps that it reads and writes, each counted once, for profiles.</summary>
    public long Bytes { get; set; }

    /// <summary>Does items [<paramref name="first"/>, <paramref name="last"/>).</summary>
    public abstract void Run(RunState state, int thread, int first, int last);

    /// <summary>Does steps one after the other: with the team, unless there is none or another caller has it, and else alone.</summary>
    public static void Run(ReadOnlySpan<PlanStep> steps, RunState state, WorkerTeam? team)
    {
        if (team is not null && team.TryEnter())
        {
            try
            {
                foreach (PlanStep step in steps)
                {
                    team.Run(state.WorkOf(step));
                }
            }
            finally
            {
                team.Exit();
            }

            return;
        }

        foreach (PlanStep step in steps)
        {
            step.Run(state, thread: 0, 0, step.Items);
        }
    }
}
