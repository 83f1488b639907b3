using System.Diagnostics;
using System.Globalization;

namespace Microsoft.ML.Binary.Fuzz.Mutants;

/// <summary>
/// Puts all faults of the list into a copy of the repository at once, each behind a switch, builds that once, and runs the tests for each of them: one that no test
/// finds is a survivor.
/// </summary>
internal static class MutantRun
{
    private const string Variable = "MLBINARY_MUTANT";

    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(10);

    // Random graphs find most faults of kernels in seconds, and a few classes of tests most of the others; the tests of the area decide about the rest.
    private static readonly Dictionary<string, (bool Graphs, string[] Filters)> s_areas = new()
    {
        ["inference"] = (true, ["FullyQualifiedName~Tests.Inference|FullyQualifiedName~Tests.Kernels|FullyQualifiedName~Tests.EndToEnd|FullyQualifiedName~FeatureTypeTests"]),
        ["metrics"] = (false, ["FullyQualifiedName~SaliencyMetricsTests|FullyQualifiedName~RoadMetricsTests|FullyQualifiedName~ReferenceTests|FullyQualifiedName~NearestObjectPixelTests", "FullyQualifiedName~Tests.Evaluation|FullyQualifiedName~Tests.Imaging.Mask"]),
    };

    /// <param name="repository">The folder of the repository.</param>
    /// <param name="only">Mutants whose description contains this; null for all.</param>
    /// <param name="output">Where each result goes.</param>
    /// <returns>Whether every survivor is explained in the list, and nothing that is explained was found.</returns>
    public static bool Run(string repository, string? only, TextWriter output)
    {
        string copy = Directory.CreateTempSubdirectory("mlbinary-mutants-").FullName;
        try
        {
            IReadOnlyList<Mutant> mutants = Mutant.Read(Path.Combine(AppContext.BaseDirectory, "Mutants", "mutants.txt"));
            Copy(repository, copy);
            foreach (Mutant mutant in mutants)
            {
                string path = Directory.GetFiles(copy, mutant.File, SearchOption.AllDirectories).Single();
                File.WriteAllText(path, mutant.Into(File.ReadAllText(path)));
            }

            string folder = Path.GetDirectoryName(Directory.GetFiles(copy, "KernelPath.cs", SearchOption.AllDirectories).Single())!;
            File.WriteAllText(Path.Combine(folder, "MutantSwitch.cs"), Switch);
            if (Execute(copy, 0, out string text, "build", "-c", "Release", "-p:TreatWarningsAsErrors=false", "-p:EnforceCodeStyleInBuild=false", "Microsoft.ML.Binary.Tests") != 0)
            {
                output.WriteLine(text);
                return false;
            }

            Mutant[] chosen = [.. mutants.Where(mutant => only is null || mutant.Name.Contains(only, StringComparison.Ordinal))];
            foreach (string area in chosen.Select(mutant => mutant.Area).Distinct())
            {
                if (Finds(copy, 0, area))
                {
                    output.WriteLine($"FAULT the tests of '{area}' fail without any mutant");
                    return false;
                }
            }

            return Judge(copy, chosen, output);
        }
        finally
        {
            Directory.Delete(copy, recursive: true);
        }
    }

    private static bool Judge(string copy, Mutant[] mutants, TextWriter output)
    {
        int found = 0, explained = 0, survivors = 0;
        Stopwatch watch = Stopwatch.StartNew();
        foreach (Mutant mutant in mutants)
        {
            bool isFound = Finds(copy, mutant.Number, mutant.Area);
            string verdict = (isFound, mutant.Why) switch
            {
                (true, null) => "found",
                (true, _) => "FOUND, though explained",
                (false, null) => "SURVIVES",
                _ => $"survives: {mutant.Why}",
            };
            found += isFound ? 1 : 0;
            explained += !isFound && mutant.Why is not null ? 1 : 0;
            survivors += isFound == (mutant.Why is not null) ? 1 : 0;
            output.WriteLine($"{verdict,-10} {mutant.Name}");
            output.Flush();
        }

        output.WriteLine($"mutants      {mutants.Length,12:N0}: {found:N0} found, {explained:N0} change nothing, {survivors:N0} to look at, {watch.Elapsed.TotalSeconds:0} s");
        return survivors == 0;
    }

    private static bool Finds(string copy, int mutant, string area)
    {
        (bool graphs, string[] filters) = s_areas[area];
        string fuzz = Directory.GetFiles(copy, "Microsoft.ML.Binary.Fuzz.dll", SearchOption.AllDirectories).First(path => path.Contains("Fuzz" + Path.DirectorySeparatorChar + "bin", StringComparison.Ordinal));
        return (graphs && Execute(copy, mutant, out _, "exec", fuzz, "graphs", "--count", "60", "--seed", "11") != 0)
            || filters.Any(filter => Execute(copy, mutant, out _, "test", "-c", "Release", "--no-build", "Microsoft.ML.Binary.Tests", "--filter", filter) != 0);
    }

    private static int Execute(string folder, int mutant, out string text, params string[] arguments)
    {
        ProcessStartInfo start = new(Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet", arguments)
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment[Variable] = mutant.ToString(CultureInfo.InvariantCulture);
        using Process process = Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync(), error = process.StandardError.ReadToEndAsync();
        if (!process.WaitForExit(s_patience))
        {
            process.Kill(entireProcessTree: true);
            process.WaitForExit();
            text = "It did not end in time.";
            return -1;
        }

        text = output.Result + error.Result;
        return process.ExitCode;
    }

    private static void Copy(string repository, string copy)
    {
        string root = Path.GetFullPath(repository);
        foreach (string path in Directory.EnumerateFiles(root, "*", SearchOption.AllDirectories))
        {
            string relative = Path.GetRelativePath(root, path);
            string[] parts = relative.Split(Path.DirectorySeparatorChar);
            if (parts.Any(part => part is "bin" or "obj" or ".git"))
            {
                continue;
            }

            string target = Path.Combine(copy, relative);
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(path, target);
        }
    }

    private const string Switch = $$"""
        internal static class MutantSwitch
        {
            private static readonly int s_number = int.TryParse(System.Environment.GetEnvironmentVariable("{{Variable}}"), out int number) ? number : 0;

            public static bool Is(int number) => s_number == number;
        }
        """;
}
