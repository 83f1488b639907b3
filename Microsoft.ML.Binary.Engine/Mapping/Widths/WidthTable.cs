using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using Microsoft.ML.Binary.Files;
using Microsoft.ML.Binary.Graph;

namespace Microsoft.ML.Binary.Mapping;

/// <summary>
/// Bit widths for the layers of a network: one for all, or for layers by name. Written <c>8/8</c> (maps/weights) or <c>1/1/16</c>
/// (inputs/weights/outputs), or a JSON file with <c>default</c> and <c>layers</c>.
/// </summary>
/// <param name="Default">Widths of layers that are not named; null leaves those as they are.</param>
/// <param name="Layers">Widths by the name of the layer.</param>
/// <example>
/// <code>
/// WidthTable widths = WidthTable.Load("8/4");                             // all layers; or the name of a file with a row a layer
/// NetworkMapping mapping = new Mapper(Accelerator.Preset("eyeriss-16bit")).Map(widths.Apply(NetworkWorkloads.Of(network.Graph, 360, 480)));
/// </code>
/// </example>
public sealed record WidthTable(BitWidths? Default, ImmutableSortedDictionary<string, BitWidths> Layers)
{
    /// <summary>One choice for all layers.</summary>
    public WidthTable(BitWidths all)
        : this(all, ImmutableSortedDictionary<string, BitWidths>.Empty.WithComparers(StringComparer.Ordinal))
    {
    }

    /// <summary>Reads <c>8/8</c>, <c>1/1/16</c> or the JSON file of that name.</summary>
    /// <exception cref="InvalidDataException">It is neither, or a width is out of range.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static WidthTable Load(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        string[] parts = text.Split('/');
        if (parts.Length is 2 or 3 && parts.All(part => part.Length > 0 && part.All(char.IsAsciiDigit)))
        {
            int[] bits = [.. parts.Select(part => int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out int value) && value is >= 1 and <= 64
                ? value
                : throw new InvalidDataException($"Widths '{text}': {part} is not from 1 to 64 bits."))];
            return new(new BitWidths(bits[0], bits[1], bits.Length == 3 ? bits[2] : bits[0]));
        }

        if (!File.Exists(text))
        {
            throw new FileNotFoundException($"{text}: this is neither a file nor widths; write them as 8/8 (maps/weights) or 1/1/16 (inputs/weights/outputs).", text);
        }

        try
        {
            using JsonDocument document = JsonDocument.Parse(FileReading.Open(text, () => File.ReadAllText(text)));
            HeaderObject json = new(document.RootElement, "the table of widths");
            BitWidths? all = json.Has("default") ? Widths(json.Object("default")) : null;
            Dictionary<string, BitWidths> layers = json.Has("layers") ? json.Object("layers").ToDictionary(Widths) : [];
            json.End();
            return new(all, layers.ToImmutableSortedDictionary(StringComparer.Ordinal));
        }
        // Text that has no UTF-16 form is an InvalidOperationException.
        catch (Exception e) when (e is JsonException or InvalidDataException or InvalidOperationException or ArgumentException)
        {
            throw new InvalidDataException($"{text}: {e.Message.TrimEnd('.')}.", e);
        }
    }

    /// <summary>The layers with these widths. Of <see cref="Default"/>, products of maps take the width of inputs for both factors.</summary>
    /// <exception cref="ArgumentException">There is no layer of a name.</exception>
    public ImmutableArray<Workload> Apply(IReadOnlyList<Workload> workloads)
    {
        ArgumentNullException.ThrowIfNull(workloads);
        if (Layers.Keys.FirstOrDefault(name => workloads.All(workload => workload.Name != name)) is { } unknown)
        {
            throw new ArgumentException($"The widths name a layer '{unknown}'; the layers are {string.Join(", ", workloads.Select(workload => workload.Name))}.");
        }

        return [.. workloads.Select(workload =>
            Layers.TryGetValue(workload.Name, out BitWidths own) ? workload with { Bits = own }
            : Default is not { } all ? workload
            : workload with { Bits = workload.IsProductOfMaps ? all with { Weights = all.Inputs } : all })];
    }

    /// <summary>Writes the JSON form, which <see cref="Load"/> reads; whole or not at all.</summary>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public void Save(string path) => AtomicFile.Write(path, stream =>
    {
        using Utf8JsonWriter json = new(stream, new JsonWriterOptions { Indented = true });
        json.WriteStartObject();
        if (Default is { } all)
        {
            Write("default", all);
        }

        json.WriteStartObject("layers");
        foreach ((string name, BitWidths bits) in Layers)
        {
            Write(name, bits);
        }

        json.WriteEndObject();
        json.WriteEndObject();

        void Write(string name, BitWidths bits)
        {
            json.WriteStartObject(name);
            json.WriteNumber("inputs", bits.Inputs);
            json.WriteNumber("weights", bits.Weights);
            json.WriteNumber("outputs", bits.Outputs);
            json.WriteNumber("sums", bits.Sums);
            json.WriteEndObject();
        }
    });

    private static BitWidths Widths(HeaderObject json)
    {
        int inputs = json.Integer("inputs", 1, 64);
        BitWidths bits = new(inputs, json.Integer("weights", 1, 64), json.Has("outputs") ? json.Integer("outputs", 1, 64) : inputs);
        bits = json.Has("sums") ? bits with { Sums = json.Integer("sums", bits.Outputs, 64) } : bits;
        json.End();
        return bits;
    }
}
