using System.Globalization;
using System.Text.Json;

namespace Microsoft.ML.Binary.Graph;

/// <summary>
/// A JSON object of an untrusted file: every property is taken once with its kind and range checked, and none may be left over, since
/// one that this release does not know might change what the network computes.
/// </summary>
internal sealed class HeaderObject
{
    private readonly Dictionary<string, JsonElement> _properties = new(StringComparer.Ordinal);

    public HeaderObject(JsonElement element, string where)
    {
        Where = where;
        if (element.ValueKind != JsonValueKind.Object)
        {
            throw new InvalidDataException($"{where} is not a JSON object");
        }

        foreach (JsonProperty property in element.EnumerateObject())
        {
            _properties.Add(property.Name, property.Value);
        }
    }

    /// <summary>What messages call the object.</summary>
    public string Where { get; set; }

    /// <summary>Whether it has a property that was not taken yet.</summary>
    public bool Has(string name) => _properties.ContainsKey(name);

    public string Text(string name) => TextOf(Take(name), $"'{name}' of {Where}");

    public int Integer(string name, int lowest, int highest) => (int)Long(name, lowest, highest);

    public long Long(string name, long lowest, long highest) => IntegerOf(Take(name), $"'{name}' of {Where}", lowest, highest);

    public double Number(string name, double lowest)
    {
        JsonElement element = Take(name);
        return element.ValueKind == JsonValueKind.Number && element.TryGetDouble(out double value) && value >= lowest && double.IsFinite(value)
            ? value
            : throw new InvalidDataException($"'{name}' of {Where} is {element.GetRawText()}; it must be a number of at least {lowest.ToString(CultureInfo.InvariantCulture)}");
    }

    public bool Flag(string name)
    {
        JsonElement element = Take(name);
        return element.ValueKind is JsonValueKind.True or JsonValueKind.False
            ? element.GetBoolean()
            : throw new InvalidDataException($"'{name}' of {Where} is {element.GetRawText()}; it must be true or false");
    }

    /// <summary>The elements of a list, of which there are at most <paramref name="longest"/>.</summary>
    public JsonElement[] List(string name, int longest)
    {
        JsonElement list = Take(name);
        if (list.ValueKind != JsonValueKind.Array || list.GetArrayLength() > longest)
        {
            throw new InvalidDataException($"'{name}' of {Where} is not a list of at most {longest} elements");
        }

        return [.. list.EnumerateArray()];
    }

    public int[] Integers(string name, int longest, int lowest, int highest) =>
        [.. List(name, longest).Select(e => (int)IntegerOf(e, $"an element of '{name}' of {Where}", lowest, highest))];

    public string[] Texts(string name, int longest) => [.. List(name, longest).Select(e => TextOf(e, $"an element of '{name}' of {Where}"))];

    /// <summary>An object in this one.</summary>
    public HeaderObject Object(string name) => new(Take(name), $"'{name}' of {Where}");

    /// <summary>What each property, an object itself, is read as.</summary>
    public Dictionary<string, T> ToDictionary<T>(Func<HeaderObject, T> read) =>
        _properties.ToDictionary(p => p.Key, p => read(new HeaderObject(p.Value, $"'{p.Key}' of {Where}")), StringComparer.Ordinal);

    /// <summary>The properties of an object whose values are all text.</summary>
    public Dictionary<string, string> TextMap(string name)
    {
        HeaderObject map = new(Take(name), $"'{name}' of {Where}");
        return map._properties.ToDictionary(p => p.Key, p => TextOf(p.Value, $"'{p.Key}' in '{name}'"), StringComparer.Ordinal);
    }

    /// <summary>The value of a map from names to what <paramref name="map"/> holds.</summary>
    public T Choice<T>(string name, IReadOnlyDictionary<string, T> map)
    {
        string text = Text(name);
        return map.TryGetValue(text, out T? value)
            ? value
            : throw new InvalidDataException($"'{name}' of {Where} is '{text}'; it must be one of {string.Join(", ", map.Keys)}");
    }

    /// <summary>Checks that nothing is left.</summary>
    public void End()
    {
        foreach (string name in _properties.Keys)
        {
            throw new InvalidDataException($"{Where} has a property '{name}', which this release does not know");
        }
    }

    private JsonElement Take(string name) =>
        _properties.Remove(name, out JsonElement value) ? value : throw new InvalidDataException($"{Where} has no '{name}'");

    private static string TextOf(JsonElement element, string what) => element.ValueKind == JsonValueKind.String
        ? element.GetString()!
        : throw new InvalidDataException($"{what} is not text");

    private static long IntegerOf(JsonElement element, string what, long lowest, long highest) =>
        element.ValueKind == JsonValueKind.Number && element.TryGetInt64(out long value) && value >= lowest && value <= highest
            ? value
            : throw new InvalidDataException($"{what} is {element.GetRawText()}; it must be an integer from {lowest} to {highest}");
}
