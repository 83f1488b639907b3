using Microsoft.ML.Binary.Inference.Steps;
using Microsoft.ML.Binary.Kernels;

namespace Microsoft.ML.Binary.Inference;

/// <summary>
/// The steps that execute a network for one padded image size, with every buffer at its place in one arena. Runs of it share nothing but
/// the plan; the memory of finished ones is used again.
/// </summary>
/// <param name="mapSteps">The steps that make maps, in order.</param>
/// <param name="results">For each output of the network the step that makes a result of it.</param>
/// <param name="kernels">The kernels that they use.</param>
/// <param name="arenaBytes">Bytes of the arena.</param>
/// <param name="threads">Threads that may work on one run.</param>
/// <param name="nodes">Every node's output, if all are kept.</param>
internal sealed class InferencePlan(PlanStep[] mapSteps, ResultStep[] results, KernelSet kernels, int arenaBytes, int threads, MapView[] nodes)
{
    private readonly PlanStep[] _steps = [.. mapSteps, .. results];
    private readonly int _scratchBytes = checked((int)mapSteps.Concat(results).Max(step => step.ScratchBytes));
    private readonly Stack<RunState> _free = new();

    public IReadOnlyList<PlanStep> Steps => _steps;

    public int ArenaBytes => arenaBytes;

    /// <summary>Bytes that all threads work in besides.</summary>
    public long ScratchBytes => (long)_scratchBytes * threads;

    /// <summary>Bytes of one run's memory.</summary>
    public long StateBytes => arenaBytes + RunState.Surplus + ScratchBytes;

    /// <summary>Bytes of finished runs that are kept.</summary>
    public long KeptBytes
    {
        get
        {
            lock (_free)
            {
                return _free.Count * StateBytes;
            }
        }
    }

    /// <summary>Memory for a run: of a finished one, or new.</summary>
    public RunState Rent()
    {
        lock (_free)
        {
            if (_free.TryPop(out RunState? state))
            {
                return state;
            }
        }

        return new RunState(kernels, arenaBytes, _scratchBytes, threads);
    }

    /// <summary>Gives memory back; as many as there are cores are kept.</summary>
    public void Return(RunState state)
    {
        lock (_free)
        {
            if (_free.Count < Environment.ProcessorCount)
            {
                _free.Push(state);
            }
        }
    }

    /// <summary>Leaves the memory of one finished run to the garbage collector; false if there is none.</summary>
    public bool Forget()
    {
        lock (_free)
        {
            return _free.TryPop(out _);
        }
    }

    /// <summary>All steps, each with the memory that it works in.</summary>
    public (PlanStep Step, RunState State)[] StepsWith(RunState state) => [.. _steps.Select(step => (step, state))];

    /// <summary>The steps that make maps: all but those that make results.</summary>
    public ReadOnlySpan<PlanStep> MapSteps => mapSteps;

    /// <summary>The logits, once the steps that make maps have been done.</summary>
    public LogitRows Logits => results[0].Rows;

    /// <summary>Executes all steps; the team may be null.</summary>
    public void Run(RunState state, WorkerTeam? team) => PlanStep.Run(_steps, state, team);

    /// <summary>The output of a node of the last run, if all are kept.</summary>
    public FeatureMap Output(RunState state, int node)
    {
        PlaneLayout layout = nodes[node].Layout;
        int[] planes = nodes[node].Offsets();
        FeatureMap map = new(planes.Length, layout.Height, layout.Width);
        for (int c = 0; c < planes.Length; c++)
        {
            for (int row = 0; row < layout.Height; row++)
            {
                state.Floats(planes[c] + layout.Offset(row, 0) * sizeof(float), layout.Width).CopyTo(map.Plane(c)[(row * layout.Width)..]);
            }
        }

        return map;
    }
}
