using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Training;

namespace Microsoft.ML.Binary.Cli.Options;

/// <summary>One task of <c>--tasks</c>.</summary>
internal sealed record TaskEntry
{
    /// <summary>The name of the head.</summary>
    public required string Name { get; init; }

    /// <summary>What is learned: the name of a <see cref="DenseTask"/>.</summary>
    public required string Kind { get; init; }

    /// <summary>The folder of the masks; null where they are those of <see cref="From"/>.</summary>
    public string? Masks { get; init; }

    /// <summary>Segmentation: a number of classes, or the file that lists them; null finds out from the masks.</summary>
    [JsonConverter(typeof(TextOrNumber))]
    public string? Classes { get; init; }

    /// <summary>Factor of the loss.</summary>
    public float Weight { get; init; } = 1;

    /// <summary>The task whose masks it is derived from.</summary>
    public string? From { get; init; }

    /// <summary>What else is said: the options of its own kind (<see cref="TrainingTask.WithOption"/>).</summary>
    [JsonExtensionData]
    public IDictionary<string, JsonElement> Options { get; init; } = new Dictionary<string, JsonElement>();

    [JsonIgnore]
    public DenseTask Task => CommandOption.ParseName<DenseTask>(Kind)!.Value;

    /// <summary>What is learned.</summary>
    /// <exception cref="ArgumentException">There is no such option, or its value is out of range; the message says what would be right.</exception>
    public TrainingTask ToTrainingTask() => Options.Aggregate(TrainingTask.For(Task), (task, option) => task.WithOption(option.Key, Number(option.Key, option.Value)));

    // Text that holds a number is one, as in the other fields.
    private static float Number(string name, JsonElement value) =>
        value.ValueKind is JsonValueKind.Number or JsonValueKind.String && float.TryParse(value.ToString(), NumberStyles.Float, CultureInfo.InvariantCulture, out float number)
            ? number
            : throw new ArgumentException($"'{name}' is {value.GetRawText()}; it must be a number.");

    /// <summary>Reads a number as the text that it is written with.</summary>
    private sealed class TextOrNumber : JsonConverter<string>
    {
        public override string? Read(ref Utf8JsonReader reader, Type type, JsonSerializerOptions options)
        {
            if (reader.TokenType == JsonTokenType.Number)
            {
                using JsonDocument number = JsonDocument.ParseValue(ref reader);
                return number.RootElement.GetRawText();
            }

            return reader.TokenType == JsonTokenType.String ? reader.GetString() : throw new JsonException("It must be a number or a text.");
        }

        public override void Write(Utf8JsonWriter writer, string value, JsonSerializerOptions options) => writer.WriteStringValue(value);
    }
}

/// <summary>Reads the file that <c>--tasks</c> names: a JSON array with an object for each task. Folders and files in it are relative to it.</summary>
internal static class TaskFile
{
    private static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web)
    {
        ReadCommentHandling = JsonCommentHandling.Skip,
        AllowTrailingCommas = true,
    };

    /// <exception cref="InvalidDataException">It is not such a file, or an entry is wrong; the message names file and entry.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static IReadOnlyList<TaskEntry> Read(string path)
    {
        TaskEntry?[] found;
        try
        {
            found = JsonSerializer.Deserialize<TaskEntry?[]>(File.ReadAllText(path), Options) ?? [];
        }
        catch (JsonException e)
        {
            throw new InvalidDataException(
                $"{path}: this is no list of tasks, which looks like [{{\"name\": \"classes\", \"kind\": \"segmentation\", \"masks\": \"DIR\"}}, {{\"name\": \"edges\", \"kind\": \"edges\", \"from\": \"classes\"}}]. {e.Message}", e);
        }

        Check(found.Length > 0, "it lists no task; give at least one.");
        int nothing = Array.FindIndex(found, entry => entry is not { Name: not null, Kind: not null });
        Check(nothing < 0, $"entry {nothing + 1} is null, or its 'name' or 'kind' is; each is an object with a name and a kind.");
        TaskEntry[] entries = [.. found.OfType<TaskEntry>()];
        foreach (TaskEntry entry in entries)
        {
            string names = string.Join(", ", Enum.GetValues<DenseTask>().Select(task => task.Name));
            Check(CommandOption.ParseName<DenseTask>(entry.Kind) is not null, $"the kind of task '{entry.Name}' is '{entry.Kind}'; it must be one of {names}.");
            Check(
                entries.Count(other => other.Name.Equals(entry.Name, StringComparison.OrdinalIgnoreCase)) == 1, $"two tasks are named '{entry.Name}' (case makes no difference); names must differ.");
            Check(entry.Weight > 0 && float.IsFinite(entry.Weight), $"the weight of task '{entry.Name}' is {entry.Weight}; it must be above 0. Leave out a task that is not to be learned.");
            Check(entry.Masks is null != entry.From is null, $"task '{entry.Name}' needs either 'masks', a folder, or 'from', the task whose masks it is derived from.");
            Check(entry.From is null || TrainingTask.For(entry.Task).CanBeDerived, $"task '{entry.Name}' has 'from', and {entry.Task.Name} cannot be derived from another task's masks.");
            Check(
                entry.From is null || entries.Any(other => other.Masks is not null && other.Name.Equals(entry.From, StringComparison.OrdinalIgnoreCase)),
                $"'from' of task '{entry.Name}' is '{entry.From}', and no task of that name has masks.");
            Check(entry.Classes is null || entry.Task.HasClasses, $"task '{entry.Name}' has 'classes', and {entry.Kind} has none.");
            TrainingTask task = TaskOf(entry);
            Check(
                entry.From is not null || task is not EdgesTask { Widening: > 0 },
                $"task '{entry.Name}' has 'width', which widens lines that are derived from another task's masks; edges of masks of their own are learned as they are drawn. Leave it out.");
        }

        string folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        return [.. entries.Select(entry => entry with
        {
            Masks = entry.Masks is { } masks ? Path.Combine(folder, masks) : null,
            Classes = entry.Classes is { } classes && !int.TryParse(classes, out _) ? Path.Combine(folder, classes) : entry.Classes,
        })];

        TrainingTask TaskOf(TaskEntry entry)
        {
            try
            {
                return entry.ToTrainingTask();
            }
            catch (ArgumentException e)
            {
                throw new InvalidDataException($"{path}: task '{entry.Name}': {e.Message}", e);
            }
        }

        void Check(bool condition, string problem)
        {
            if (!condition)
            {
                throw new InvalidDataException($"{path}: {problem}");
            }
        }
    }
}
