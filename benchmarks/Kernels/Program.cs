using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;
using Microsoft.ML.Binary.KernelBenchmarks;

switch (args)
{
    case ["mixed"]:
        MixedRatios.Run(Console.Out);
        return;
    case ["neighbour", .. string[] options]:
        Neighbour.Run(options, Console.Out);
        return;
    case ["burn"]:
        Neighbour.Burn();
        return;
}

// In this process: what is measured is one loop, and a project generated for it would have to be built like this one.
IConfig config = DefaultConfig.Instance
    .AddJob(Job.Default.WithToolchain(InProcessEmitToolchain.Instance).AsMutator())
    .AddColumn(new RateColumn("GMAC/s", work => work.Macs), new RateColumn("GB/s", work => work.Bytes));
BenchmarkSwitcher.FromAssembly(typeof(RateColumn).Assembly).Run(args, config);
