using Microsoft.ML.Binary.Fuzz;
using Microsoft.ML.Binary.Fuzz.Graphs;
using Microsoft.ML.Binary.Fuzz.Mutants;
using Microsoft.ML.Binary.Fuzz.Parsers;
using Microsoft.ML.Binary.Fuzz.Processes;
using Microsoft.ML.Binary.Fuzz.Soak;

// Attacks on the library, seeded: each run prints counts, and how to repeat what failed. The exit code is 1 if anything did, 2 if it was not understood.
if (Arguments.Parse(args) is not { } arguments)
{
    return Arguments.Usage(Console.Error);
}

long seed = arguments.Long("seed", 1);
int threads = (int)arguments.Long("threads", 1);
return arguments.Command switch
{
    "parsers" => ParserRun.Run(
        arguments.Long("count", 100_000), seed, arguments.Text("targets", "")!.Split(',', StringSplitOptions.RemoveEmptyEntries), threads, arguments.Text("corpus", null), Console.Out)
        ? 0 : 1,
    "graphs" => GraphRun.Run(arguments.Long("count", 1_000), seed, threads, Console.Out) ? 0 : 1,
    "layers" => GraphRun.RunLayers(arguments.Long("count", 10_000), seed, threads, Console.Out) ? 0 : 1,
    "kills" => KillRun.Run((int)arguments.Long("count", 30), seed, Console.Out) ? 0 : 1,
    "full-disk" => FullDiskRun.Run(Console.Out) ? 0 : 1,
    "soak" => SoakRun.Run(TimeSpan.FromMinutes(arguments.Long("minutes", 1)), seed, arguments.Text("picture", null), Console.Out) ? 0 : 1,
    _ => MutantRun.Run(arguments.Text("repository", ".")!, arguments.Text("only", null), Console.Out) ? 0 : 1,
};
