using System.Diagnostics;
using Microsoft.ML.Binary.Files;
using Microsoft.ML.Binary.Graph;

namespace Microsoft.ML.Binary.Fuzz.Processes;

/// <summary>
/// Trainings that are killed at any moment. Whatever is there then is whole: no model or one that loads, no checkpoint or one to resume from; in the end the model
/// is that of a training that nobody disturbed, and nothing else lies in the folder.
/// </summary>
internal static class KillRun
{
    // A checkpoint is written every 200 steps; the end writes model and checkpoint.
    private const int Steps = 230;

    /// <returns>Whether all held.</returns>
    public static bool Run(int count, long seed, TextWriter output)
    {
        using TrainingFolder folder = new();
        Stopwatch watch = Stopwatch.StartNew();
        (int exitCode, string text) = TrainingFolder.End(folder.Train(folder["whole.mlbn"], Steps));
        TimeSpan length = watch.Elapsed;
        if (exitCode != 0)
        {
            output.WriteLine($"FAULT undisturbed: {text}");
            return false;
        }

        byte[] whole = File.ReadAllBytes(folder["whole.mlbn"]);
        RandomStream random = new(seed, 41);
        int kills = 0, resumed = 0, finished = 0, faults = 0;
        while (kills < count)
        {
            string model = folder["killed.mlbn"], checkpoint = model + ".checkpoint";
            while (true)
            {
                bool resume = File.Exists(checkpoint);
                resumed += resume ? 1 : 0;
                long start = Stopwatch.GetTimestamp();
                using Process process = folder.Train(model, Steps, resume ? checkpoint : null);

                // Towards the end more often than not: that is where files are written.
                double part = random.NextInt(3) == 0 ? random.NextDouble() : 0.8 + 0.25 * random.NextDouble();
                if (kills < count && !process.WaitForExit(length * (resume ? 0.6 * part : part)))
                {
                    process.Kill();
                    process.WaitForExit();
                    kills++;

                    // As if it had been two days ago: what a writer left that was killed just now is not deleted yet.
                    foreach (string left in Directory.GetFiles(folder.Path, AtomicFile.TemporaryPattern))
                    {
                        File.SetLastWriteTimeUtc(left, DateTime.UtcNow.AddDays(-2));
                    }

                    if (Broken(model, checkpoint) is { } problem)
                    {
                        faults++;
                        output.WriteLine($"FAULT kill {kills}: {problem}");
                    }

                    continue;
                }

                (exitCode, text) = TrainingFolder.End(process);
                finished++;

                // The machine may be busier or idler than it was: the last run that nobody disturbed tells how long one takes.
                length = resume ? length : Stopwatch.GetElapsedTime(start);
                if (exitCode != 0 || !File.ReadAllBytes(model).AsSpan().SequenceEqual(whole))
                {
                    faults++;
                    output.WriteLine($"FAULT after {kills} kills: exit code {exitCode}, {(exitCode == 0 ? "another model" : text)}");
                }

                break;
            }

            string[] rest = [.. Directory.GetFiles(folder.Path).Select(Path.GetFileName).Where(name => name is not ("whole.mlbn" or "killed.mlbn")).Select(name => name!)];
            if (rest.Length > 0)
            {
                faults++;
                output.WriteLine($"FAULT after {kills} kills: left behind: {string.Join(", ", rest)}");
            }

            foreach (string file in Directory.GetFiles(folder.Path, "killed*"))
            {
                File.Delete(file);
            }
        }

        output.WriteLine($"kills        {kills,12:N0} kills, {resumed:N0} resumed, {finished:N0} finished: {faults:N0} faults, {watch.Elapsed.TotalSeconds:0} s");
        return faults == 0;
    }

    private static string? Broken(string model, string checkpoint)
    {
        try
        {
            if (File.Exists(model))
            {
                DenseNetwork.Load(model);
            }

            // Its checksum is read when it is resumed from; here it is enough that it is whole.
            return !File.Exists(checkpoint) || new FileInfo(checkpoint).Length > 1000 ? null : "a short checkpoint";
        }
        catch (IOException e)
        {
            return e.Message;
        }
    }
}
