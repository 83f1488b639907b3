using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using Microsoft.ML.Binary.Files;
using Microsoft.ML.Binary.Messages;

namespace Microsoft.ML.Binary.Mapping;

/// <summary>A network with widths, measured.</summary>
/// <param name="Name">What it is called: <c>front 3</c>, <c>8 bits</c>, or a model.</param>
/// <param name="Widths">Widths of the layers that the search is about; empty for a network of its own.</param>
/// <param name="Predicted">Accuracy that the search went by; null for a network of its own.</param>
/// <param name="Measured">Accuracy on all images.</param>
/// <param name="Mapping">What it costs.</param>
/// <example>
/// <code>
/// static MeasuredPoint? Cheapest(WidthSearchResult result, double accuracy) =>
///     result.Front.Concat(result.Others).Where(point => point.Measured >= accuracy).MinBy(point => point.Mapping.Total(result.Metric));
/// </code>
/// </example>
public sealed record MeasuredPoint(string Name, ImmutableArray<LayerWidths> Widths, double? Predicted, double Measured, NetworkMapping Mapping);

/// <summary>What a search over widths found, measured, and what to compare it with.</summary>
/// <param name="Network">The network.</param>
/// <param name="Layers">Names of the layers whose widths were searched.</param>
/// <param name="PredictedBy">What accuracy the search went by.</param>
/// <param name="MeasuredBy">What accuracy was measured in the end.</param>
/// <param name="Metric">The cost.</param>
/// <param name="Evaluations">How many configurations the search looked at.</param>
/// <param name="Front">The front, by ascending cost.</param>
/// <param name="Others">Uniform configurations and other networks.</param>
/// <example>
/// <code>
/// MeasuredPoint point = new("8 bits", [.. quantization.Layers.Select(_ => new LayerWidths(8, 8))], Predicted: 0.71, Measured: 0.70, mapping);
/// WidthSearchResult result = new("road", quantization.Layers, "sensitivity", "mean IoU", MappingMetric.Edp, Evaluations: 4000, Front: [point], Others: []);
/// result.SaveCsv("widths.csv");
/// result.Table(point).Save("8-bits.json");                                // what mlbinary map --widths reads
/// </code>
/// </example>
public sealed record WidthSearchResult(
    string Network, ImmutableArray<string> Layers, string PredictedBy, string MeasuredBy, MappingMetric Metric, int Evaluations,
    ImmutableArray<MeasuredPoint> Front, ImmutableArray<MeasuredPoint> Others)
{
    /// <summary>A row a configuration (RFC 4180) with a header; the widths of each layer are columns.</summary>
    public string ToCsv()
    {
        StringBuilder csv = new();
        csv.Append(CsvRow.Of(["name", "predicted", "measured", "energy_uJ", "memory_uJ", "cycles", "edp_J_cycle", "last_level_accesses", .. Layers]));
        foreach (MeasuredPoint point in Front.Concat(Others))
        {
            csv.Append(CsvRow.Of(
            [
                point.Name, point.Predicted, point.Measured, point.Mapping.Energy * 1e-6, point.Mapping.MemoryEnergy * 1e-6, point.Mapping.Cycles, point.Mapping.Edp,
                point.Mapping.LastLevelAccesses, .. point.Widths.IsEmpty ? Layers.Select(_ => (object?)null) : point.Widths.Select(widths => (object?)widths.ToString()),
            ]));
        }

        return csv.ToString();
    }

    /// <summary>All figures and widths.</summary>
    public string ToJson()
    {
        using MemoryStream buffer = new();
        using (Utf8JsonWriter json = new(buffer, new JsonWriterOptions { Indented = true }))
        {
            json.WriteStartObject();
            json.WriteString("network", Network);
            json.WriteString("accelerator", Front[0].Mapping.Accelerator.Name);
            json.WriteString("metric", Metric.ToString().ToLowerInvariant());
            json.WriteString("predictedBy", PredictedBy);
            json.WriteString("measuredBy", MeasuredBy);
            json.WriteNumber("evaluations", Evaluations);
            Points("front", Front);
            Points("others", Others);
            json.WriteEndObject();

            void Points(string name, ImmutableArray<MeasuredPoint> points)
            {
                json.WriteStartArray(name);
                foreach (MeasuredPoint point in points)
                {
                    json.WriteStartObject();
                    json.WriteString("name", point.Name);
                    if (point.Predicted is { } predicted)
                    {
                        json.WriteNumber("predicted", predicted);
                    }

                    json.WriteNumber("measured", point.Measured);
                    json.WriteNumber("energyMicrojoules", point.Mapping.Energy * 1e-6);
                    json.WriteNumber("memoryEnergyMicrojoules", point.Mapping.MemoryEnergy * 1e-6);
                    json.WriteNumber("cycles", point.Mapping.Cycles);
                    json.WriteNumber("edpJouleCycles", point.Mapping.Edp);
                    json.WriteNumber("lastLevelAccesses", point.Mapping.LastLevelAccesses);
                    json.WriteStartObject("widths");
                    for (int i = 0; i < point.Widths.Length; i++)
                    {
                        json.WriteString(Layers[i], point.Widths[i].ToString());
                    }

                    json.WriteEndObject();
                    json.WriteEndObject();
                }

                json.WriteEndArray();
            }
        }

        return Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length);
    }

    /// <summary>The widths of a configuration as a table that <see cref="WidthTable.Load"/> reads.</summary>
    public WidthTable Table(MeasuredPoint point)
    {
        ArgumentNullException.ThrowIfNull(point);
        return new(null, point.Mapping.Layers.Where(layer => Layers.Contains(layer.Workload.Name)).ToImmutableSortedDictionary(
            layer => layer.Workload.Name, layer => layer.Workload.Bits!.Value, StringComparer.Ordinal));
    }

    /// <summary>Writes <see cref="ToJson"/> to a file, replaced if it exists; it appears whole or not at all.</summary>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public void SaveJson(string path) => AtomicFile.Write(path, Encoding.UTF8.GetBytes(ToJson()));

    /// <summary>Writes <see cref="ToCsv"/> to a file, replaced if it exists; it appears whole or not at all.</summary>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public void SaveCsv(string path) => AtomicFile.Write(path, Encoding.UTF8.GetBytes(ToCsv()));
}
