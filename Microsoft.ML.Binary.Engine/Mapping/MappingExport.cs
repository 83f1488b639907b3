using System.Text;
using System.Text.Json;
using Microsoft.ML.Binary.Files;
using Microsoft.ML.Binary.Messages;

namespace Microsoft.ML.Binary.Mapping;

/// <summary>
/// Mappings as JSON and CSV, for other tools. Energies are in microjoules, EDP in joules times cycles; all figures are those of all
/// repetitions of a layer, except access counts, which are words of one instance and one repetition.
/// </summary>
/// <example>
/// <code>
/// mapping.SaveJson("mapping.json");
/// mapping.SaveCsv("layers.csv");
/// </code>
/// </example>
public static class MappingExport
{
    /// <summary>Totals, and for each layer its mapping, what it costs and every access count.</summary>
    public static string ToJson(this NetworkMapping mapping)
    {
        ArgumentNullException.ThrowIfNull(mapping);
        using MemoryStream buffer = new();
        using (Utf8JsonWriter json = new(buffer, new JsonWriterOptions { Indented = true }))
        {
            Write(json, mapping);
        }

        return Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length);
    }

    /// <summary>A row a layer (RFC 4180) with a header; energies of each level and tensor are columns.</summary>
    public static string ToCsv(this NetworkMapping mapping)
    {
        ArgumentNullException.ThrowIfNull(mapping);
        AccessCount[] parts = [.. mapping.Layers[0].Cost.Accesses];
        StringBuilder csv = new();
        csv.Append(CsvRow.Of(
        [
            "layer", "C", "M", "R", "S", "N", "P", "Q", "Wstride", "Hstride", "Wdilation", "Hdilation", "repetitions", "bits_in", "bits_w", "bits_out", "bits_sum", "mapping",
            "origin", "macs", "cycles", "utilization", "edp_J_cycle", "last_level_accesses", "energy_uJ", "mac_uJ",
            .. parts.Select(part => $"{mapping.Accelerator.Levels[part.Level].Name}_{part.Operand}_uJ"),
        ]));
        foreach (LayerMapping layer in mapping.Layers)
        {
            Workload w = layer.Workload;
            csv.Append(CsvRow.Of(
            [
                w.Name, w.C, w.M, w.R, w.S, w.N, w.P, w.Q, w.StrideX, w.StrideY, w.DilationX, w.DilationY, w.Repetitions, w.Bits?.Inputs, w.Bits?.Weights, w.Bits?.Outputs,
                w.Bits?.Sums, layer.Nest.ToString(mapping.Accelerator), layer.Origin.ToString().ToLowerInvariant(), w.Macs, layer.Cycles, layer.Cost.Utilization, layer.Edp,
                layer.LastLevelAccesses, layer.Energy * 1e-6, layer.Cost.MacEnergy * w.Repetitions * 1e-6,
                .. layer.Cost.Accesses.Select(access => (object)(access.Energy * w.Repetitions * 1e-6)),
            ]));
        }

        return csv.ToString();
    }

    /// <summary>Writes <see cref="ToJson"/> to a file, replaced if it exists; it appears whole or not at all.</summary>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public static void SaveJson(this NetworkMapping mapping, string path) => AtomicFile.Write(path, Encoding.UTF8.GetBytes(mapping.ToJson()));

    /// <summary>Writes <see cref="ToCsv"/> to a file, replaced if it exists; it appears whole or not at all.</summary>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public static void SaveCsv(this NetworkMapping mapping, string path) => AtomicFile.Write(path, Encoding.UTF8.GetBytes(mapping.ToCsv()));

    private static void Write(Utf8JsonWriter json, NetworkMapping mapping)
    {
        json.WriteStartObject();
        json.WriteString("accelerator", mapping.Accelerator.Name);
        json.WriteString("objective", mapping.Objective.ToString());
        json.WriteStartArray("notes");
        foreach (string note in mapping.Notes)
        {
            json.WriteStringValue(note);
        }

        json.WriteEndArray();
        json.WriteNumber("energyMicrojoules", mapping.Energy * 1e-6);
        json.WriteNumber("memoryEnergyMicrojoules", mapping.MemoryEnergy * 1e-6);
        json.WriteNumber("macs", mapping.Macs);
        json.WriteNumber("cycles", mapping.Cycles);
        json.WriteNumber("edpJouleCycles", mapping.Edp);
        json.WriteNumber("lastLevelAccesses", mapping.LastLevelAccesses);
        json.WriteStartArray("layers");
        foreach (LayerMapping layer in mapping.Layers)
        {
            Write(json, mapping.Accelerator, layer);
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, Accelerator accelerator, LayerMapping layer)
    {
        Workload workload = layer.Workload;
        json.WriteStartObject();
        json.WriteString("name", workload.Name);
        foreach (Dimension dimension in Enum.GetValues<Dimension>())
        {
            json.WriteNumber(dimension.ToString(), workload[dimension]);
        }

        json.WriteNumber("strideX", workload.StrideX);
        json.WriteNumber("strideY", workload.StrideY);
        json.WriteNumber("dilationX", workload.DilationX);
        json.WriteNumber("dilationY", workload.DilationY);
        json.WriteNumber("repetitions", workload.Repetitions);
        if (workload.Bits is { } bits)
        {
            json.WriteStartObject("bits");
            json.WriteNumber("inputs", bits.Inputs);
            json.WriteNumber("weights", bits.Weights);
            json.WriteNumber("outputs", bits.Outputs);
            json.WriteNumber("sums", bits.Sums);
            json.WriteEndObject();
        }

        json.WriteString("mapping", layer.Nest.ToString(accelerator));
        json.WriteString("origin", layer.Origin.ToString().ToLowerInvariant());
        json.WriteNumber("macs", workload.Macs);
        json.WriteNumber("cycles", layer.Cycles);
        json.WriteNumber("utilization", layer.Cost.Utilization);
        json.WriteNumber("energyMicrojoules", layer.Energy * 1e-6);
        json.WriteNumber("memoryEnergyMicrojoules", layer.MemoryEnergy * 1e-6);
        json.WriteNumber("macEnergyMicrojoules", layer.Cost.MacEnergy * workload.Repetitions * 1e-6);
        json.WriteNumber("edpJouleCycles", layer.Edp);
        json.WriteNumber("lastLevelAccesses", layer.LastLevelAccesses);
        json.WriteStartArray("accesses");
        foreach (AccessCount access in layer.Cost.Accesses)
        {
            json.WriteStartObject();
            json.WriteString("level", accelerator.Levels[access.Level].Name);
            json.WriteString("tensor", access.Operand.ToString());
            json.WriteNumber("tile", access.Tile);
            json.WriteNumber("reads", access.Reads);
            json.WriteNumber("updates", access.Updates);
            json.WriteNumber("fills", access.Fills);
            json.WriteNumber("instances", access.Instances);
            json.WriteNumber("energyMicrojoules", access.Energy * workload.Repetitions * 1e-6);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }
}
