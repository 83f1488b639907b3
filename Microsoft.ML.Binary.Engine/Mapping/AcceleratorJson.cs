using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using Microsoft.ML.Binary.Graph;

namespace Microsoft.ML.Binary.Mapping;

/// <summary>The JSON form of an accelerator.</summary>
internal static class AcceleratorJson
{
    private const int MostLevels = 16;

    private static readonly Dictionary<string, Operand> OperandNames = Enum.GetValues<Operand>().ToDictionary(value => value.ToString(), StringComparer.Ordinal);
    private static readonly Dictionary<string, Dimension> DimensionNames = Enum.GetValues<Dimension>().ToDictionary(value => value.ToString(), StringComparer.Ordinal);

    /// <exception cref="InvalidDataException">It is no accelerator; the message begins with <paramref name="source"/>.</exception>
    public static Accelerator Read(string json, string source)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(json, new JsonDocumentOptions { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true });
            return Accelerator(new HeaderObject(document.RootElement, "the accelerator"));
        }
        // Text that has no UTF-16 form is an InvalidOperationException.
        catch (Exception e) when (e is JsonException or InvalidDataException or InvalidOperationException or ArgumentException)
        {
            throw new InvalidDataException($"{source}: {e.Message.TrimEnd('.')}.", e);
        }
    }

    public static string Write(Accelerator accelerator)
    {
        using MemoryStream buffer = new();
        using (Utf8JsonWriter json = new(buffer, new JsonWriterOptions { Indented = true }))
        {
            json.WriteStartObject();
            json.WriteString("name", accelerator.Name);
            json.WriteString("description", accelerator.Description);
            json.WriteNumber("macEnergy", accelerator.MacEnergy);
            json.WriteStartArray("levels");
            foreach (AcceleratorLevel level in accelerator.Levels)
            {
                Write(json, level);
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length);
    }

    private static Accelerator Accelerator(HeaderObject json)
    {
        string name = json.Text("name"), description = json.Has("description") ? json.Text("description") : "";
        json.Where = $"accelerator '{name}'";
        double macEnergy = json.Has("macBits") && !json.Has("macEnergy")
            ? AccessEnergy.Mac(json.Integer("macBits", 1, 64))
            : json.Number("macEnergy", 0);
        ImmutableArray<AcceleratorLevel> levels = [.. json.List("levels", MostLevels).Select((level, i) => Level(new HeaderObject(level, $"level {i + 1} of '{name}'")))];
        json.End();
        Accelerator accelerator = new() { Name = name, Description = description, MacEnergy = macEnergy, Levels = levels };
        Check(accelerator);
        return accelerator;
    }

    private static AcceleratorLevel Level(HeaderObject json)
    {
        string name = json.Text("name");
        if (name.Length == 0 || name.AsSpan().ContainsAny(" .:;\t"))
        {
            throw new InvalidDataException($"'name' of {json.Where} is '{name}'; it must not be empty or hold spaces, '.', ':' or ';'");
        }

        json.Where = $"level '{name}'";
        AcceleratorLevel level = new()
        {
            Name = name,
            Keeps = json.Has("keeps") ? [.. json.List("keeps", Dimensions.Operands).Select(e => Named(e, OperandNames, $"'keeps' of {json.Where}"))] : [],
            Words = json.Has("words") ? json.Long("words", 1, long.MaxValue) : null,
            WordBits = json.Has("wordBits") ? json.Integer("wordBits", 1, int.MaxValue) : 16,
            Block = json.Has("block") ? json.Integer("block", 1, int.MaxValue) : 1,
            Bandwidth = json.Has("bandwidth") ? json.Integer("bandwidth", 1, int.MaxValue) : null,
            Clusters = json.Has("clusters") ? json.Integer("clusters", 1, int.MaxValue) : null,
            FanOut = json.Has("fanOut") ? json.Integer("fanOut", 1, int.MaxValue) : 1,
            Spatial = json.Has("spatial") ? [.. json.List("spatial", Dimensions.Count).Select(e => Named(e, DimensionNames, $"'spatial' of {json.Where}"))] : [],
            FillsFanOut = json.Has("fillsFanOut") && json.Flag("fillsFanOut"),
            Temporal = json.Has("temporal") ? [.. json.List("temporal", Dimensions.Count).Select(e => Group(e, json.Where))] : [],
        };
        if (json.Has("registerFile") && json.Flag("registerFile"))
        {
            double energy = AccessEnergy.RegisterFile(
                level.Words ?? throw new InvalidDataException($"{json.Where} has no 'words', which the energy of a register file depends on"), level.WordBits);
            level = level with { ReadEnergy = energy, WriteEnergy = energy };
        }
        else if (!level.Keeps.IsEmpty)
        {
            level = level with { ReadEnergy = json.Number("readEnergy", 0), WriteEnergy = json.Number("writeEnergy", 0) };
        }

        json.End();
        return level;
    }

    private static ImmutableArray<Dimension> Group(JsonElement element, string where) => element.ValueKind == JsonValueKind.Array
        ? [.. element.EnumerateArray().Select(e => Named(e, DimensionNames, $"'temporal' of {where}"))]
        : [Named(element, DimensionNames, $"'temporal' of {where}")];

    private static T Named<T>(JsonElement element, Dictionary<string, T> names, string where) =>
        element.ValueKind == JsonValueKind.String && names.TryGetValue(element.GetString()!, out T? value)
            ? value
            : throw new InvalidDataException($"{where} has {element.GetRawText()}; it must be one of {string.Join(", ", names.Keys)}");

    /// <summary>What no single property shows.</summary>
    private static void Check(Accelerator accelerator)
    {
        if (accelerator.Levels.IsEmpty)
        {
            throw new InvalidDataException("it has no levels; the last one must keep Weights, Inputs and Outputs");
        }

        AcceleratorLevel outermost = accelerator.Levels[^1];
        if (outermost.Keeps.Distinct().Count() != Dimensions.Operands || outermost.Words is not null)
        {
            throw new InvalidDataException($"level '{outermost.Name}' is the last one; it must keep Weights, Inputs and Outputs and have no 'words'");
        }

        foreach (AcceleratorLevel level in accelerator.Levels)
        {
            if (accelerator.Levels.Count(other => other.Name == level.Name) > 1)
            {
                throw new InvalidDataException($"two levels are called '{level.Name}'");
            }

            if (level.Spatial.IsEmpty != (level.FanOut == 1))
            {
                throw new InvalidDataException($"level '{level.Name}' needs both 'fanOut' above 1 and 'spatial', or neither");
            }

            if (level.FillsFanOut && level.Spatial.Length != 1)
            {
                throw new InvalidDataException($"'fillsFanOut' of level '{level.Name}' needs exactly one dimension in 'spatial'");
            }

            if (!level.Keeps.IsEmpty && level.Words is null && !ReferenceEquals(level, outermost))
            {
                throw new InvalidDataException($"level '{level.Name}' has no 'words'; only the last level may hold any number");
            }

            if (HasTwice(level.Spatial) || HasTwice([.. level.Temporal.SelectMany(group => group)]))
            {
                throw new InvalidDataException($"level '{level.Name}' names a dimension twice");
            }
        }
    }

    private static bool HasTwice(ImmutableArray<Dimension> dimensions) => dimensions.Distinct().Count() != dimensions.Length;

    private static void Write(Utf8JsonWriter json, AcceleratorLevel level)
    {
        json.WriteStartObject();
        json.WriteString("name", level.Name);
        Names("keeps", level.Keeps);
        Number("words", level.Words);
        json.WriteNumber("wordBits", level.WordBits);
        json.WriteNumber("block", level.Block);
        if (!level.Keeps.IsEmpty)
        {
            json.WriteNumber("readEnergy", level.ReadEnergy);
            json.WriteNumber("writeEnergy", level.WriteEnergy);
        }

        Number("bandwidth", level.Bandwidth);
        Number("clusters", level.Clusters);
        if (level.FanOut > 1)
        {
            json.WriteNumber("fanOut", level.FanOut);
            Names("spatial", level.Spatial);
            json.WriteBoolean("fillsFanOut", level.FillsFanOut);
        }

        json.WriteStartArray("temporal");
        foreach (ImmutableArray<Dimension> group in level.Temporal)
        {
            json.WriteStartArray();
            foreach (Dimension dimension in group)
            {
                json.WriteStringValue(dimension.ToString());
            }

            json.WriteEndArray();
        }

        json.WriteEndArray();
        json.WriteEndObject();

        void Names<T>(string name, ImmutableArray<T> values)
            where T : struct, Enum
        {
            json.WriteStartArray(name);
            foreach (T value in values)
            {
                json.WriteStringValue(value.ToString());
            }

            json.WriteEndArray();
        }

        void Number(string name, long? value)
        {
            if (value is { } number)
            {
                json.WriteNumber(name, number);
            }
        }
    }
}
