using System.Buffers;
using System.Collections.Immutable;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.ML.Binary.Graph;

namespace Microsoft.ML.Binary.Training;

/// <summary>What decides the result of a run, beside its budget: a checkpoint of one key is refused by a run of another.</summary>
internal static class TrainingKey
{
    public static string Of(ImmutableArray<TrainedHead> heads, DenseGraph initial, int samples, bool isCached, int width, int height, TrainingOptions options)
    {
        TrainingTask task = heads[0].Task;
        AugmentationOptions a = options.Augmentation;
        (string weights, float softIoU, byte ignored) = task.Key;
        string teacher = options.Teacher is { } network
            ? string.Create(CultureInfo.InvariantCulture, $"{Digest(network)} of share {options.DistillationWeight}")
            : "none";
        string size = options.WorkingSize.IsOwn ? "" : $"working size {options.WorkingSize}, ";
        string order = isCached ? "of the whole set" : $"of {options.CacheBytes} bytes at a time";
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{task.Task}, {size}initial network {Digest(initial)}, {samples} samples, order {order}, batch {options.BatchSize}, crop {width}x{height}, "
            + $"learning rate {options.LearningRate}, warm-up {options.WarmUp}, weight decay {options.WeightDecay}, average {options.AverageDecay}, "
            + $"class weights {weights}, soft IoU {softIoU}, deep supervision {options.DeepSupervision}, teacher {teacher}, "
            + $"ignored label {ignored}, initial statistics measured {options.MeasuresInitialStatistics}, "
            + $"scale {a.MinScale}-{a.MaxScale}, random placement {a.RandomPlacement}, flip {a.Flip}, "
            + $"contrast {a.Contrast}, color {a.Color}, gamma {a.Gamma}, blur {a.Blur}, noise {a.Noise}, seed {options.Seed}")
            + task.KeyOfOptions
            + Unusual("gate rate", options.GateRate, 1) + Unusual("scaling rate", options.ScalingRate, 0.1f)
            + Unusual("exposure", options.Exposure.Mean, 0)
            + (options.WorkingSize.IsOwn || options.Exposure.IsAsIs ? "" : " of images at their own size") // once of those at the working size
            + Unusual("batches a step", options.GradientAccumulation, 1)
            + (heads.Length > 1 ? $", tasks {string.Join("; ", heads.Select(head => head.Key))}" : "")
            + (options.FeatureTeacher is { } features
                ? string.Create(CultureInfo.InvariantCulture, $", features {Digest(features)} of weight {options.FeatureWeight} at {string.Join(' ', options.FeatureTaps ?? [])}")
                : "")
            + (initial.Nodes.Any(node => node is Bottleneck)
                ? string.Create(CultureInfo.InvariantCulture, $", bottleneck {options.BottleneckWeight} after {options.BottleneckRamp}")
                : "")
            + (heads.Length > 1 && options.TaskWeighting != TaskWeighting.Fixed ? $", weighed by {options.TaskWeighting}" : "")
            + options.Search?.Key
            + Unusual("held out", options.EarlyStopping?.HoldOut ?? 0, 0)
            + Unusual("measured every", options.EarlyStopping?.Interval ?? 0, 0)
            + (options.EarlyStopping is null ? "" : string.Concat(heads.Select(head => head.KeyOfResult)));
    }

    /// <summary>Options that came later take part where they differ from what was done before: checkpoints from then stay usable.</summary>
    public static string Unusual<T>(string name, T value, T usual) where T : IFormattable, IEquatable<T> =>
        value.Equals(usual) ? "" : string.Create(CultureInfo.InvariantCulture, $", {name} {value}");

    /// <summary>Tells networks apart by their nodes, whatever the values of these.</summary>
    public static string Structure(DenseGraph graph) => Convert.ToHexStringLower(SHA256.HashData(Nodes(graph)).AsSpan(0, 8));

    /// <summary>Tells networks apart by their nodes and values.</summary>
    private static string Digest(DenseGraph graph)
    {
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Nodes(graph));
        foreach (Node node in graph.Nodes)
        {
            foreach (Parameter parameter in node.Parameters)
            {
                hash.AppendData(MemoryMarshal.AsBytes(parameter.Values.AsSpan()));
            }

            hash.AppendData(NodeFormat.PackedWeights(node));
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset().AsSpan(0, 8));
    }

    private static ReadOnlySpan<byte> Nodes(DenseGraph graph)
    {
        ArrayBufferWriter<byte> nodes = new();
        using Utf8JsonWriter json = new(nodes);
        json.WriteStartArray();
        foreach (Node node in graph.Nodes)
        {
            NodeFormat.Write(json, node);
        }

        json.WriteEndArray();
        json.Flush();
        return nodes.WrittenSpan;
    }
}
