using System.Diagnostics.CodeAnalysis;
using Microsoft.ML.Binary;
using Microsoft.ML.Binary.Files;
using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Inference;

namespace Batch;

/// <summary>What a worker was told.</summary>
/// <param name="Threads">Images at a time; 0 for one on each core.</param>
public sealed record WorkerSettings(int Threads);

/// <summary>
/// What the jobs of a batch have in common: the compiled network and the checked manifest. Both stay from job to job, and are loaded again when an order names another batch or a
/// file was changed. Of one worker, which does one job at a time.
/// </summary>
public sealed class OpenBatch(WorkerSettings settings) : IDisposable
{
    private (ShardOrder Order, (string Path, DateTime Written) Model, (string Path, DateTime Written) Manifest)? _opened;

    public BatchScorer? Scorer { get; private set; }

    public ImageManifest? Manifest { get; private set; }

    public ResultTable? Table { get; private set; }

    /// <summary>Opens what an order names, unless it is open.</summary>
    [MemberNotNull(nameof(Scorer), nameof(Manifest), nameof(Table))]
    public void Open(ShardOrder order)
    {
        var wanted = (order with { Shard = 0, Shards = 0 }, StampOf(order.Model), StampOf(order.Manifest));
        if (_opened == wanted && Scorer is not null && Manifest is not null && Table is not null)
        {
            return;
        }

        Dispose();
        StoredModel model = Enum.TryParse(order.Model, ignoreCase: true, out PretrainedModel name) ? new(PretrainedNetworks.Load(name), ViewOptions.AsTrained) : ModelFile.Load(order.Model);
        WorkingSize? size = order.WorkingSize switch { null => model.Views.Size, "own" => WorkingSize.Own, var side => WorkingSize.Of(int.Parse(side)) };
        Manifest = ImageManifest.Open(order.Manifest);
        Table = new(model.Network);
        Scorer = new(model.Network, new BatchOptions
        {
            OutputFolder = order.Output,
            Resume = true,
            Measure = true,
            Threads = settings.Threads,
            Views = model.Views with { Size = size },
        });
        _opened = wanted;
    }

    // A link may be turned to another file, which may be older. A file that is none (the model may be the name of a network) has always the same time.
    private static (string Path, DateTime Written) StampOf(string path)
    {
        string real = RealPath.Of(path);
        return (real, File.GetLastWriteTimeUtc(real));
    }

    public void Dispose()
    {
        _opened = null;
        Scorer?.Dispose();
        Scorer = null;
    }
}
