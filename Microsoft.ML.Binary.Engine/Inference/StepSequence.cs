using Microsoft.ML.Binary.Inference.Steps;

namespace Microsoft.ML.Binary.Inference;

/// <summary>Does steps one after the other: with the team, unless there is none or another caller has it, and else alone.</summary>
internal static class StepSequence
{
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
