using Batch;
using Hangfire;
using Hangfire.Storage;
using Hangfire.Storage.Monitoring;
using Microsoft.ML.Binary;

// Scores a manifest in shards, each a Hangfire job:
//   enqueue --manifest FILE --out DIR --model MODEL --shards N [--working-size N|own]     puts the jobs into the queue
//   worker [--threads T]                                                                  takes jobs until it is stopped; start as many as you like, on any machine
//   dashboard [--urls http://127.0.0.1:5080]                                              shows queue, workers and failures
//   wait                                                                                  ends when the queue is empty, with 1 if there are jobs that failed, also of earlier batches
// Each with --storage sqlite --connection FILE (the default: batch.db) or --storage postgresql --connection "Host=...", and --patience SECONDS (Queue.cs).
const string usage = "Batch enqueue|worker|dashboard|wait [--storage sqlite|postgresql] [--connection TEXT] ...";
if (args is not [var verb, .. var rest])
{
    Console.Error.WriteLine(usage);
    return 2;
}

switch (verb)
{
    case "enqueue":
        {
            using IHost host = Build();
            IConfiguration configuration = host.Services.GetRequiredService<IConfiguration>();
            IBackgroundJobClient jobs = host.Services.GetRequiredService<IBackgroundJobClient>();
            int shards = configuration.GetValue("shards", 16);

            // Workers may run in other folders, so paths are whole. The name of a pretrained network is none.
            string model = Needed("model");
            model = Enum.TryParse<PretrainedModel>(model, ignoreCase: true, out _) ? model : Path.GetFullPath(model);
            for (int shard = 1; shard <= shards; shard++)
            {
                ShardOrder order = new(
                    model, Path.GetFullPath(Needed("manifest")), Path.GetFullPath(Needed("out")), shard, shards, configuration["working-size"]);
                jobs.Enqueue<ShardJob>(job => job.Run(order, CancellationToken.None));
            }

            Console.WriteLine($"{shards} jobs");
            return 0;

            string Needed(string option) => configuration[option] is { Length: > 0 } value ? value : throw new ArgumentException($"--{option} is missing.");
        }

    case "worker":
        {
            // One shard at a time, on all cores; several at a time would only share them.
            using IHost host = Build(services => services.AddHangfireServer(server =>
            {
                server.WorkerCount = 1;
                server.SchedulePollingInterval = TimeSpan.FromSeconds(2);
            }));
            await host.RunAsync();
            return 0;
        }

    case "dashboard":
        {
            WebApplicationBuilder builder = WebApplication.CreateBuilder(rest);
            AddQueue(builder.Services, builder.Configuration);
            await using WebApplication app = builder.Build();
            app.MapHangfireDashboard("");       // only for requests of this machine, unless told otherwise
            await app.RunAsync();
            return 0;
        }

    case "wait":
        {
            using IHost host = Build();
            IMonitoringApi monitor = host.Services.GetRequiredService<JobStorage>().GetMonitoringApi();
            StatisticsDto start = monitor.GetStatistics(), now = start;
            while (now.Enqueued + now.Processing + now.Scheduled + (now.Awaiting ?? 0) > 0)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(500));
                now = monitor.GetStatistics();
            }

            Console.WriteLine($"{now.Succeeded - start.Succeeded} jobs done meanwhile, {now.Failed} failed");
            return now.Failed > 0 ? 1 : 0;
        }

    default:
        Console.Error.WriteLine(usage);
        return 2;
}

IHost Build(Action<IServiceCollection>? more = null)
{
    HostApplicationBuilder builder = Host.CreateApplicationBuilder(rest);
    AddQueue(builder.Services, builder.Configuration);
    more?.Invoke(builder.Services);
    return builder.Build();
}

static void AddQueue(IServiceCollection services, IConfiguration configuration)
{
    services.AddHangfire(hangfire => hangfire
        .SetDataCompatibilityLevel(CompatibilityLevel.Version_180)
        .UseSimpleAssemblyNameTypeSerializer()
        .UseRecommendedSerializerSettings()
        .UseQueue(
            configuration["storage"], configuration["connection"], configuration.GetValue<int?>("patience") is int seconds ? TimeSpan.FromSeconds(seconds) : null));
    services.AddSingleton(new WorkerSettings(configuration.GetValue("threads", 0)));
    services.AddSingleton<OpenBatch>();
}
