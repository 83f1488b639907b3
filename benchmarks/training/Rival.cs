using System.Diagnostics;
using System.Globalization;

namespace Microsoft.ML.Binary.TrainingBenchmark;

/// <summary>A process that runs one training step for each line it is sent, pinned to as many cores as it has threads.</summary>
internal sealed class Rival : IDisposable
{
    private readonly Process _process;
    private readonly List<double> _times = [];

    public Rival(int threads, string program, params string[] arguments)
    {
        bool pinned = OperatingSystem.IsLinux();
        string cores = string.Join(',', Enumerable.Range(0, threads));
        ProcessStartInfo start = new(pinned ? "taskset" : program, pinned ? ["-c", cores, program, .. arguments] : arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        _process = Process.Start(start)!;
        string[] ready = Ask(null).Split(' ', 3);
        (Parameters, Version) = (long.Parse(ready[1], CultureInfo.InvariantCulture), ready[2]);
    }

    /// <summary>Trained values of its network.</summary>
    public long Parameters { get; }

    public string Version { get; }

    /// <summary>The loss of each step.</summary>
    public List<double> Losses { get; } = [];

    public double Minimum => _times.Min();

    public double Median => _times.Order().ElementAt(_times.Count / 2);

    /// <summary>Runs one step.</summary>
    public void Step(bool counts)
    {
        string[] answer = Ask("step").Split(' ');
        Losses.Add(double.Parse(answer[1], CultureInfo.InvariantCulture));
        if (counts)
        {
            _times.Add(double.Parse(answer[0], CultureInfo.InvariantCulture));
        }
    }

    /// <summary>The highest memory of the process so far in MiB (VmHWM); 0 where the system does not tell.</summary>
    public double PeakMemory()
    {
        string status = $"/proc/{_process.Id}/status";
        string? line = File.Exists(status) ? File.ReadLines(status).FirstOrDefault(line => line.StartsWith("VmHWM:", StringComparison.Ordinal)) : null;
        return line is null ? 0 : double.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[^2], CultureInfo.InvariantCulture) / 1024;
    }

    public void Dispose()
    {
        _process.StandardInput.Close();
        _process.WaitForExit();
        _process.Dispose();
    }

    private string Ask(string? question)
    {
        if (question is not null)
        {
            _process.StandardInput.WriteLine(question);
        }

        return _process.StandardOutput.ReadLine()
            ?? throw new InvalidOperationException($"'{_process.StartInfo.FileName} {string.Join(' ', _process.StartInfo.ArgumentList)}' ended early.");
    }
}
