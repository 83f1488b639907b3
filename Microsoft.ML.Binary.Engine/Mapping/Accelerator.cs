using System.Collections.Immutable;
using Microsoft.ML.Binary.Files;

namespace Microsoft.ML.Binary.Mapping;

/// <summary>
/// An accelerator as data: memories from the multipliers out to DRAM, with the energy of an access, and what mappings it can run. There are
/// presets after Eyeriss and Simba; others are read from JSON (see <c>docs/mapping.md</c>).
/// </summary>
/// <example>
/// <code>
/// Accelerator eyeriss = Accelerator.Preset("eyeriss-16bit");
/// eyeriss.Save("mine.json");                                              // to change, and to load by Accelerator.Load
/// </code>
/// </example>
public sealed record Accelerator
{
    private const string PresetFolder = "Microsoft.ML.Binary.Mapping.Presets.", PresetEnding = ".json";

    /// <summary>Its name.</summary>
    public required string Name { get; init; }

    /// <summary>What it is, in a sentence or two.</summary>
    public string Description { get; init; } = "";

    /// <summary>Energy of a multiply-accumulate, pJ, of whatever width the values are.</summary>
    public required double MacEnergy { get; init; }

    /// <summary>The levels, from the innermost out; the last one holds everything.</summary>
    public required ImmutableArray<AcceleratorLevel> Levels { get; init; }

    /// <summary>Multipliers in all.</summary>
    public long Multipliers => Levels.Aggregate(1L, (product, level) => product * level.FanOut);

    /// <summary>Names of the presets; <c>eyeriss</c> and <c>simba</c> are short for those with words of 16 bits.</summary>
    public static ImmutableArray<string> Presets { get; } =
    [
        .. typeof(Accelerator).Assembly.GetManifestResourceNames()
            .Where(name => name.StartsWith(PresetFolder, StringComparison.Ordinal))
            .Select(name => name[PresetFolder.Length..^PresetEnding.Length])
            .Order(StringComparer.Ordinal),
    ];

    /// <summary>A preset by its name, in any case.</summary>
    /// <exception cref="ArgumentException">There is none of that name.</exception>
    public static Accelerator Preset(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        string known = FindPreset(name)
            ?? throw new ArgumentException($"There is no accelerator '{name}'; there are {string.Join(", ", Presets)}.", nameof(name));
        using Stream stream = typeof(Accelerator).Assembly.GetManifestResourceStream(PresetFolder + known + PresetEnding)!;
        using StreamReader reader = new(stream);
        return AcceleratorJson.Read(reader.ReadToEnd(), known);
    }

    /// <summary>A preset, or one from a JSON file.</summary>
    /// <param name="nameOrPath">The name of a preset goes before a file that is called so.</param>
    /// <exception cref="IOException">There is neither such a preset nor such a file.</exception>
    /// <exception cref="InvalidDataException">The file is no accelerator; the message says where and what would be right.</exception>
    public static Accelerator Load(string nameOrPath)
    {
        ArgumentException.ThrowIfNullOrEmpty(nameOrPath);
        if (FindPreset(nameOrPath) is { } preset)
        {
            return Preset(preset);
        }

        return File.Exists(nameOrPath)
            ? AcceleratorJson.Read(FileReading.Open(nameOrPath, () => File.ReadAllText(nameOrPath)), nameOrPath)
            : throw new FileNotFoundException($"{nameOrPath}: this is neither a file nor an accelerator that is known; those are {string.Join(", ", Presets)}.", nameOrPath);
    }

    /// <summary>The JSON form, which <see cref="Load"/> reads.</summary>
    public string ToJson() => AcceleratorJson.Write(this);

    /// <summary>Writes <see cref="ToJson"/> to a file, replaced if it exists; it appears whole or not at all.</summary>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public void Save(string path) => AtomicFile.Write(path, System.Text.Encoding.UTF8.GetBytes(ToJson()));

    /// <summary>The same accelerator with loops of the outermost level in any order: a larger space of mappings.</summary>
    public Accelerator WithAnyOuterOrder() => this with
    {
        Levels = Levels.SetItem(Levels.Length - 1, Levels[^1] with { Temporal = [[.. Levels[^1].Temporal.SelectMany(group => group)]] }),
    };

    /// <exception cref="FormatException">There is no level of that name.</exception>
    internal int LevelIndex(string name)
    {
        for (int i = 0; i < Levels.Length; i++)
        {
            if (Levels[i].Name == name)
            {
                return i;
            }
        }

        throw new FormatException($"'{name}' is not a level of {Name}; its levels are {string.Join(", ", Levels.Select(level => level.Name))}.");
    }

    private static string? FindPreset(string name) => name.ToLowerInvariant() switch
    {
        "eyeriss" => "eyeriss-16bit",
        "simba" => "simba-16bit",
        string lower => Presets.FirstOrDefault(preset => preset == lower),
    };
}
