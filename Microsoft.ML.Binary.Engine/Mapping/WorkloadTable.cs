using System.Collections.Immutable;
using System.Globalization;
using Microsoft.ML.Binary.Files;

namespace Microsoft.ML.Binary.Mapping;

/// <summary>A layer of a table, with a mapping if the table gives one.</summary>
/// <param name="Workload">The layer.</param>
/// <param name="Mapping">The mapping as <see cref="LoopNest.Parse"/> reads it; null to look for the best.</param>
/// <example>
/// <code>
/// TableLayer layer = WorkloadTable.Parse(["layer,C,M,P,Q,R,S", "conv,8,8,14,14,3,3"], "layers.csv")[0];
/// Console.WriteLine($"{layer.Workload.Name}: {layer.Workload.Macs} multiply-accumulates, {layer.Mapping ?? "mapping to be found"}");
/// </code>
/// </example>
public sealed record TableLayer(Workload Workload, string? Mapping);

/// <summary>
/// Reads any network as a table of its layers: CSV with a header, a line a layer. Columns C, M and P must be there; others count 1 where they
/// are missing or empty: R, S, N, Q, Wstride, Hstride, Wdilation, Hdilation, groups. <c>layer</c> names the layer; <c>bits_in</c>,
/// <c>bits_w</c> and <c>bits_out</c> go together and are 16 if nothing is said; <c>bits_sum</c> is that of partial sums; <c>mapping</c>
/// gives the mapping instead of having it looked for.
/// </summary>
/// <example>
/// <code>
/// NetworkMapping mapping = new Mapper(Accelerator.Preset("simba-16bit")).Map([.. WorkloadTable.Load("mobilenet.csv").Select(layer =&gt; layer.Workload)]);
/// </code>
/// </example>
public static class WorkloadTable
{
    private const int Largest = 1 << 20;

    private static readonly string[] Columns =
    [
        "layer", "C", "M", "R", "S", "N", "P", "Q", "Wstride", "Hstride", "Wdilation", "Hdilation", "groups", "bits_in", "bits_w", "bits_out", "bits_sum", "mapping",
    ];

    /// <summary>Reads a file.</summary>
    /// <exception cref="InvalidDataException">A column or a field is wrong, or there is no layer; the message names the file and the line.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static ImmutableArray<TableLayer> Load(string path) => Parse(FileReading.Open(path, () => File.ReadAllLines(path)), path);

    /// <summary>Reads the lines of a table.</summary>
    /// <param name="lines">The header and a line a layer; empty lines are skipped.</param>
    /// <param name="name">What messages call it.</param>
    /// <exception cref="InvalidDataException">As for <see cref="Load"/>.</exception>
    public static ImmutableArray<TableLayer> Parse(IReadOnlyList<string> lines, string name)
    {
        ArgumentNullException.ThrowIfNull(lines);
        string[] header = lines.Count == 0 || string.IsNullOrWhiteSpace(lines[0]) ? [] : Fields(lines[0]);
        if (header.FirstOrDefault(column => !Columns.Contains(column)) is { } unknown)
        {
            throw new InvalidDataException($"{name}: line 1 has a column '{unknown}'; known are {string.Join(", ", Columns)}.");
        }

        foreach (string needed in (string[])["C", "M", "P"])
        {
            if (!header.Contains(needed))
            {
                throw new InvalidDataException($"{name}: line 1 has no column '{needed}'; a table of layers begins with a header that names at least C, M and P.");
            }
        }

        if (header.Distinct().Count() != header.Length)
        {
            throw new InvalidDataException($"{name}: line 1 names a column twice.");
        }

        ImmutableArray<TableLayer>.Builder layers = ImmutableArray.CreateBuilder<TableLayer>();
        for (int i = 1; i < lines.Count; i++)
        {
            if (lines[i].AsSpan().Trim().Length > 0)
            {
                layers.Add(Layer(header, Fields(lines[i]), i, $"{name}: line {i + 1}"));
            }
        }

        return layers.Count > 0
            ? layers.DrainToImmutable()
            : throw new InvalidDataException($"{name}: the table has no layers; write a line for each below the header.");
    }

    private static TableLayer Layer(string[] header, string[] fields, int number, string where)
    {
        if (fields.Length != header.Length)
        {
            throw new InvalidDataException($"{where} has {fields.Length} fields, and the header {header.Length}.");
        }

        BitWidths bits = new(Number("bits_in", NetworkWorkloads.RealBits), Number("bits_w", NetworkWorkloads.RealBits), Number("bits_out", NetworkWorkloads.RealBits));
        Workload workload = new()
        {
            Name = Text("layer") ?? number.ToString(CultureInfo.InvariantCulture),
            C = Number("C", 0),
            M = Number("M", 0),
            R = Number("R", 1),
            S = Number("S", 1),
            N = Number("N", 1),
            P = Number("P", 0),
            Q = Number("Q", 1),
            StrideX = Number("Wstride", 1),
            StrideY = Number("Hstride", 1),
            DilationX = Number("Wdilation", 1),
            DilationY = Number("Hdilation", 1),
            Groups = Number("groups", 1),
            Bits = bits with { Sums = Number("bits_sum", bits.Sums) },
        };
        if (workload.C % workload.Groups != 0 || workload.M % workload.Groups != 0)
        {
            throw new InvalidDataException($"{where}: {workload.C} input and {workload.M} output channels do not divide into {workload.Groups} groups.");
        }

        workload = workload with { C = workload.C / workload.Groups, M = workload.M / workload.Groups };
        try
        {
            workload.Validate();
        }
        catch (ArgumentException e)
        {
            throw new InvalidDataException($"{where}: {e.Message}", e);
        }

        return new TableLayer(workload, Text("mapping"));

        string? Text(string column) => Array.IndexOf(header, column) is int index and >= 0 && fields[index].Length > 0 ? fields[index] : null;

        int Number(string column, int otherwise)
        {
            string? text = Text(column);
            return text is null && otherwise > 0 ? otherwise
                : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int value) && value is >= 1 and <= Largest ? value
                : throw new InvalidDataException($"{where}: {column} is '{text}'; it must be an integer from 1 to {Largest}.");
        }
    }

    private static string[] Fields(string line) => [.. line.Split(',').Select(field => field.Trim().Trim('"'))];
}
