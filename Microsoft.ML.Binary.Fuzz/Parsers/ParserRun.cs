using System.Diagnostics;
using System.IO.Hashing;
using System.Security.Cryptography;

namespace Microsoft.ML.Binary.Fuzz.Parsers;

/// <summary>Reads damaged and forged files of every format: each is taken or refused, in little time and memory.</summary>
internal static class ParserRun
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(20);

    public static IReadOnlyList<Target> All { get; } =
        [new NetworkTarget(), new CheckpointTarget(), new PngTarget(), new PnmTarget(), new TiffTarget(), new BmpTarget(), new ZipTarget(), new ClassListTarget(), new PhotoTarget(), new MaskTarget()];

    /// <summary>Runs some targets, by name; none for all.</summary>
    /// <returns>Whether there was no fault.</returns>
    public static bool Run(long count, long seed, IReadOnlyCollection<string> names, int threads, string? corpus, TextWriter output)
    {
        Target[] targets = [.. All.Where(target => names.Count == 0 || names.Contains(target.Name))];
        long faults = 0;
        foreach (Target target in targets)
        {
            long share = (long)(count * target.Weight / targets.Sum(t => t.Weight)), taken = 0, refused = 0;
            long[] started = new long[threads], current = new long[threads];
            Stopwatch watch = Stopwatch.StartNew();
            using Timer guard = new(_ => Guard(target, seed, started, current, corpus), null, s_patience, s_patience);
            Parallel.For(0, threads, new ParallelOptions { MaxDegreeOfParallelism = threads }, thread =>
            {
                for (long i = thread; i < share; i += threads)
                {
                    byte[] input = target.Input(seed, i);
                    (current[thread], started[thread]) = (i, Stopwatch.GetTimestamp());
                    string? fault = Try(target, input, IsChosen(input), out bool wasTaken);
                    started[thread] = 0;
                    if (fault is null)
                    {
                        Interlocked.Increment(ref wasTaken ? ref taken : ref refused);
                        continue;
                    }

                    Interlocked.Increment(ref faults);
                    lock (output)
                    {
                        output.WriteLine($"FAULT {target.Name} seed {seed} input {i}: {fault}");
                        Keep(corpus, target, input);
                    }
                }
            });
            output.WriteLine(
                $"{target.Name,-12} {share,12:N0} files: {taken:N0} taken, {refused:N0} refused, {share - taken - refused:N0} faults, {watch.Elapsed.TotalSeconds:0} s");
        }

        return faults == 0;
    }

    /// <summary>Whether a file is read thoroughly: an eighth of them, by what is in it, so that a fault is one again when the file is read again.</summary>
    public static bool IsChosen(byte[] input) => XxHash32.HashToUInt32(input) % 8 == 0;

    /// <summary>Reads one file; what is wrong with that, or null.</summary>
    public static string? Try(Target target, byte[] input, bool thoroughly, out bool taken)
    {
        taken = false;
        long before = GC.GetAllocatedBytesForCurrentThread();
        try
        {
            taken = target.Read(input, thoroughly);
        }
        catch (Exception e)
        {
            return $"{e.GetType().Name}: {e.Message} {e.StackTrace?.Split('\n').FirstOrDefault()?.Trim()}";
        }

        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        return allocated > target.MaxAllocation(input.Length) ? $"{allocated:N0} bytes allocated for a file of {input.Length:N0}" : null;
    }

    private static void Guard(Target target, long seed, long[] started, long[] current, string? corpus)
    {
        for (int i = 0; i < started.Length; i++)
        {
            if (started[i] is not 0 and long start && Stopwatch.GetElapsedTime(start) > s_patience)
            {
                Console.Error.WriteLine($"FAULT {target.Name} seed {seed} input {current[i]}: not read within {s_patience.TotalSeconds} s");
                Keep(corpus, target, target.Input(seed, current[i]));
                Environment.Exit(3);
            }
        }
    }

    private static void Keep(string? corpus, Target target, byte[] input)
    {
        if (corpus is not null)
        {
            string folder = Directory.CreateDirectory(Path.Combine(corpus, target.Name)).FullName;
            File.WriteAllBytes(Path.Combine(folder, Convert.ToHexStringLower(SHA256.HashData(input).AsSpan(0, 8))), input);
        }
    }
}
