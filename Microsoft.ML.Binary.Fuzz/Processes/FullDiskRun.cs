using System.Diagnostics;
using Microsoft.ML.Binary.Graph;

namespace Microsoft.ML.Binary.Fuzz.Processes;

/// <summary>
/// Trainings on disks of every size from none to enough: with room for the model there is one, without the old one stays, and nothing half-written lies about.
/// </summary>
internal static class FullDiskRun
{
    private const int Steps = 3;

    private static readonly int[] s_kilobytes = [16, 64, 100, 140, 160, 180, 200, 260, 400, 1000, 4000, 8000, 16000, 32000, 64000];

    /// <returns>Whether all held; true where disks cannot be made here.</returns>
    public static bool Run(TextWriter output)
    {
        if (!OperatingSystem.IsLinux() || !Environment.IsPrivilegedProcess)
        {
            output.WriteLine("full-disk    skipped: only root on Linux can make small disks");
            return true;
        }

        using TrainingFolder folder = new();
        int models = 0, faults = 0;
        foreach (int kilobytes in s_kilobytes)
        {
            string disk = Directory.CreateDirectory(folder["disk"]).FullName, model = Path.Combine(disk, "model.mlbn");
            if (!Execute("mount", "-t", "tmpfs", "-o", $"size={kilobytes}k", "tmpfs", disk))
            {
                output.WriteLine("full-disk    skipped: no small disk could be made");
                return true;
            }

            try
            {
                File.WriteAllText(model, "old");
                (int exitCode, string text) = TrainingFolder.End(folder.Train(model, Steps));
                bool isOld = new FileInfo(model).Length == 3;
                string[] files = [.. Directory.GetFiles(disk).Select(file => Path.GetFileName(file)!)];
                string? problem = exitCode is not (0 or 1) ? $"exit code {exitCode}"
                    : (exitCode == 0) == isOld ? $"exit code {exitCode}, and the model is {(isOld ? "the old one" : "new")}"
                    : files.Any(file => file.EndsWith(".tmp", StringComparison.Ordinal)) ? $"left behind: {string.Join(", ", files)}"
                    : text.Contains("unexpected", StringComparison.Ordinal) || text.Contains(" at Microsoft.", StringComparison.Ordinal) ? text
                    : isOld || DenseNetwork.Load(model) is not null ? null : "";
                models += exitCode == 0 ? 1 : 0;
                if (problem is not null)
                {
                    faults++;
                    output.WriteLine($"FAULT disk of {kilobytes} KB: {problem}");
                }
            }
            finally
            {
                Execute("umount", disk);
            }
        }

        output.WriteLine($"full-disk    {s_kilobytes.Length,12:N0} trainings, {models:N0} with room for the model: {faults:N0} faults");
        return faults == 0;
    }

    private static bool Execute(string program, params string[] arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
        process.StandardError.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0;
    }
}
