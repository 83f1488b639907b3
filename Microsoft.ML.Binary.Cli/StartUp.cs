using System.Diagnostics;
using Microsoft.ML.Binary.Inference;
using static System.FormattableString;

namespace Microsoft.ML.Binary.Cli;

/// <summary>How long it takes until a network can be run on images of one size, and the memory that this takes.</summary>
internal sealed class StartUp
{
    private const int WarmRepeats = 9;

    private readonly Func<ModelSource> _resolve;
    private readonly Func<ViewOptions, ViewOptions> _views;
    private readonly int _width, _height, _threads;
    private readonly long _workingSetBefore = Environment.WorkingSet;

    /// <summary>Loads and compiles for the first time in this process.</summary>
    public StartUp(Func<ModelSource> resolve, Func<ViewOptions, ViewOptions> views, int width, int height, int threads)
    {
        (_resolve, _views, _width, _height, _threads) = (resolve, views, width, height, threads);
        long start = Stopwatch.GetTimestamp();
        Source = resolve();
        TimeSpan built = Stopwatch.GetElapsedTime(start);
        Network = Compile(Source);
        Cold = Stopwatch.GetElapsedTime(start) - (Source.IsPreset ? built : TimeSpan.Zero);
    }

    public ModelSource Source { get; }

    public CompiledNetwork Network { get; }

    /// <summary>Time of the first load (not of a preset, which is built instead) and compilation: the runtime compiles our code in it too.</summary>
    public TimeSpan Cold { get; }

    /// <summary>The median time of doing it again.</summary>
    public TimeSpan Warm()
    {
        TimeSpan[] times = new TimeSpan[WarmRepeats];
        for (int i = 0; i < times.Length; i++)
        {
            long start = Stopwatch.GetTimestamp();
            using CompiledNetwork again = Compile(Source.IsPreset ? Source : _resolve());
            times[i] = Stopwatch.GetElapsedTime(start);
        }

        Array.Sort(times);
        return times[WarmRepeats / 2];
    }

    /// <summary>The process's peak memory up to now, and what is in it.</summary>
    public string Memory()
    {
        using Process process = Process.GetCurrentProcess();
        InferenceMemory memory = Network.Prepare(_width, _height);
        return Invariant($"peak working set {Megabytes(process.PeakWorkingSet64)}: {Megabytes(_workingSetBefore)} before the model, ")
            + Invariant($"{Megabytes(memory.MapBytes)} maps, {Megabytes(memory.ScratchBytes)} work space, {Megabytes(memory.WeightBytes)} weights; the rest is code and the model's file");
    }

    private CompiledNetwork Compile(ModelSource source)
    {
        CompiledNetwork network = CompiledNetwork.Compile(source.Network, new() { Threads = _threads, Views = _views(source.Views) });
        network.Prepare(_width, _height);
        return network;
    }

    private static string Megabytes(long bytes) => Invariant($"{bytes / 1e6:0.0} MB");
}
