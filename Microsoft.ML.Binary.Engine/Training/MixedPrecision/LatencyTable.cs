using System.Collections.Immutable;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.ML.Binary.Files;
using Microsoft.ML.Binary.Inference.Steps;
using Microsoft.ML.Binary.Kernels;

namespace Microsoft.ML.Binary.Training.MixedPrecision;

/// <summary>What a channel of a width costs in convolutions of one kind.</summary>
/// <param name="Kind">One of <see cref="LatencyTable.Kinds"/>.</param>
/// <param name="Bits">The width.</param>
/// <param name="PerProduct">Nanoseconds of a product of an output value (a weight).</param>
/// <param name="PerValue">Nanoseconds of an output value, beside its products.</param>
/// <example>
/// <code>
/// LatencyTable table = LatencyTable.Load("cpu.json");
/// foreach (LatencyEntry entry in table.Entries.Where(entry => entry.Bits == 4))
/// {
///     Console.WriteLine($"{entry.Kind}: {entry.PerProduct * 1000:F1} ps for a product of four bits");
/// }
/// </code>
/// </example>
public sealed record LatencyEntry(string Kind, int Bits, double PerProduct, double PerValue);

/// <summary>
/// How long convolutions of signs and of levels take on a processor by the widths of their channels, over what they would take with every channel pruned: measured
/// by <see cref="LatencyCalibration"/>, on one thread.
/// </summary>
/// <param name="Cpu">The processor.</param>
/// <param name="Path">The kernels that it runs.</param>
/// <param name="Date">When it was measured.</param>
/// <param name="Entries">An entry for each kind and width.</param>
/// <param name="Error">The largest part by which a measured layer differs from what the entries say.</param>
/// <example>
/// <code>
/// LatencyTable table = LatencyCalibration.Measure();                      // takes a while; let nothing else run
/// table.Save("cpu.json");
/// MixedPrecisionOptions options = new() { Cost = LatencyTable.Load("cpu.json").Cost() };
/// </code>
/// </example>
public sealed record LatencyTable(string Cpu, string Path, string Date, ImmutableArray<LatencyEntry> Entries, double Error)
{
    /// <summary>
    /// The kinds of convolutions that are measured: by their window, and whether that reads signs, signs that nearest-neighbour enlargement has doubled, or levels of two bits, doubled
    /// or not. Those of levels came later, and a table may lack them.
    /// </summary>
    public static ImmutableArray<string> Kinds { get; } = ["1x1", "3x3", "3x3 of doubled signs", "1x1 of levels", "3x3 of levels"];

    // So many of them are of signs.
    private const int SignKinds = 3;

    /// <summary>The name of this processor.</summary>
    public static string ThisCpu { get; } = FindCpu();

    /// <summary>The kernels of this processor.</summary>
    public static string ThisPath => KernelPaths.Best.ToString();

    /// <summary>The time of all convolutions of signs and of levels in nanoseconds as a cost to search by.</summary>
    /// <exception cref="InvalidDataException">The table is of another processor.</exception>
    public WidthCost Cost()
    {
        CheckProcessor("The table");
        return new LatencyCost(this);
    }

    /// <summary>Nanoseconds of a channel of so many bits.</summary>
    /// <exception cref="InvalidDataException">The table lacks the kind of convolution.</exception>
    public double OfChannel(ConvolutionShape shape, int bits)
    {
        ArgumentNullException.ThrowIfNull(shape);
        if (bits == 0)
        {
            return 0;
        }

        string kind = KindOf(shape);
        LatencyEntry entry = Entries.FirstOrDefault(entry => entry.Bits == bits && entry.Kind == kind)
            ?? throw new InvalidDataException($"The latency table of {Date} has no entry for '{kind}' with {bits} bits, which '{shape.Name}' needs. Run 'mlbinary calibrate' again and give its file.");
        return shape.Pixels * (entry.PerProduct * shape.Products + entry.PerValue);
    }

    /// <summary>Writes the table. Whole or not at all.</summary>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public void Save(string path) => AtomicFile.Write(path, JsonSerializer.SerializeToUtf8Bytes(this, LatencyJson.Default.LatencyTable));

    /// <summary>Reads a table of this processor.</summary>
    /// <exception cref="InvalidDataException">The file is no latency table, or one of another processor.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static LatencyTable Load(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        LatencyTable? table;
        try
        {
            table = JsonSerializer.Deserialize(FileReading.Open(path, () => File.ReadAllText(path)), LatencyJson.Default.LatencyTable);
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"{path}: this is no latency table, which 'mlbinary calibrate' writes. {e.Message}", e);
        }

        if (table is not { Cpu: not null, Path: not null } || table.Entries.IsDefaultOrEmpty
            || table.Entries.Any(entry => entry is null || !Kinds.Contains(entry.Kind) || !double.IsFinite(entry.PerProduct) || !double.IsFinite(entry.PerValue) || entry.PerProduct < 0 || entry.PerValue < 0)
            || (from kind in Kinds.Take(SignKinds) from bits in new[] { 1, 2, 4, 8 } where !table.Entries.Any(entry => entry.Kind == kind && entry.Bits == bits) select kind).Any())
        {
            throw new InvalidDataException($"{path}: this is no latency table, which 'mlbinary calibrate' writes: it must have a processor, kernels, and a time for every kind of signs and width.");
        }

        table.CheckProcessor(path);
        return table;
    }

    private static string KindOf(ConvolutionShape shape) => (shape.Geometry.Kernel, shape.ActivationBits) switch
    {
        (1, 1) => Kinds[0],
        (_, 1) => shape.ReadsDoubled ? Kinds[2] : Kinds[1],
        (1, _) => Kinds[3],
        _ => Kinds[4],
    };

    private void CheckProcessor(string what)
    {
        if (Cpu != ThisCpu || Path != ThisPath)
        {
            throw new InvalidDataException(
                $"{what}: it was measured on '{Cpu}' with {Path} kernels, and this is '{ThisCpu}' with {ThisPath}. Run 'mlbinary calibrate' here and give its file.");
        }
    }

    private static string FindCpu()
    {
        try
        {
            string? model = OperatingSystem.IsLinux()
                ? File.ReadLines("/proc/cpuinfo").FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal))?.Split(':', 2)[^1].Trim()
                : Environment.GetEnvironmentVariable("PROCESSOR_IDENTIFIER");
            return model is { Length: > 0 } ? model : RuntimeInformation.ProcessArchitecture.ToString();
        }
        catch (IOException)
        {
            return RuntimeInformation.ProcessArchitecture.ToString();
        }
    }

    private sealed class LatencyCost(LatencyTable table) : LinearCost("latency", "ns", table.OfChannel, string.Create(
        CultureInfo.InvariantCulture, $"latency {string.Join(' ', table.Entries.Select(entry => $"{entry.Kind}/{entry.Bits}:{entry.PerProduct:R}+{entry.PerValue:R}"))}"))
    {
        // Kernels make whole groups of channels out of those of a block that are kept.
        public override double Of(ConvolutionShape shape, IEnumerable<byte> bits)
        {
            ArgumentNullException.ThrowIfNull(bits);
            double one = table.OfChannel(shape, 1);
            return bits.Chunk(BinaryConvolutionStep.Channels).Sum(block =>
            {
                int kept = block.Count(b => b == 1);
                return one * Math.Min(4 * NibbleWeights.Groups(kept), block.Length) + block.Sum(b => b > 1 ? table.OfChannel(shape, b) : 0);
            });
        }
    }
}

[JsonSerializable(typeof(LatencyTable))]
[JsonSourceGenerationOptions(WriteIndented = true, PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
internal sealed partial class LatencyJson : JsonSerializerContext;
