using System.Text.Json.Nodes;
using Microsoft.ML.Binary.Graph;

namespace Microsoft.ML.Binary.Fuzz.Parsers;

/// <summary>Changes of JSON that stays JSON: other values, entries that are missing, moved, or there twice.</summary>
internal static class JsonMutation
{
    /// <summary>Changes an object in a few places.</summary>
    /// <param name="random">Says where and how.</param>
    /// <param name="text">The object.</param>
    /// <param name="values">Values to put in, as JSON; small numbers are put in besides.</param>
    public static string Apply(ref RandomStream random, string text, string[] values)
    {
        JsonObject root = JsonNode.Parse(text)!.AsObject();
        for (int i = 1 + random.NextInt(3); i > 0; i--)
        {
            Change(ref random, root, values);
        }

        text = root.ToJsonString();
        if (random.NextInt(16) > 0 || root.Count == 0)
        {
            return text;
        }

        // A name that is there twice, which an object in memory cannot have.
        JsonObject twice = new() { [root.ElementAt(random.NextInt(root.Count)).Key] = Value(ref random, values) };
        return string.Concat(twice.ToJsonString().AsSpan()[..^1], ",", text.AsSpan(1));
    }

    private static void Change(ref RandomStream random, JsonObject root, string[] values)
    {
        JsonNode node = root;
        while (true)
        {
            switch (node)
            {
                case JsonObject { Count: > 0 } o when random.NextInt(6) > 0:
                    string key = o.ElementAt(random.NextInt(o.Count)).Key;
                    if (o[key] is JsonObject or JsonArray && random.NextInt(8) > 0)
                    {
                        node = o[key]!;
                        continue;
                    }

                    if (random.NextInt(8) == 0)
                    {
                        o.Remove(key);
                    }
                    else
                    {
                        o[key] = Value(ref random, values);
                    }

                    return;
                case JsonArray { Count: > 0 } a:
                    int at = random.NextInt(a.Count), other = random.NextInt(a.Count);
                    switch (random.NextInt(8))
                    {
                        case 0:
                            a.RemoveAt(at);
                            return;
                        case 1:
                            a.Insert(other, a[at]?.DeepClone());
                            return;
                        case 2:
                            (a[at], a[other]) = (a[other]?.DeepClone(), a[at]?.DeepClone());
                            return;
                        default:
                            if (a[at] is JsonObject or JsonArray)
                            {
                                node = a[at]!;
                                continue;
                            }

                            a[at] = Value(ref random, values);
                            return;
                    }

                case JsonObject o:
                    o["extra"] = Value(ref random, values);
                    return;
                default:
                    return;
            }
        }
    }

    private static JsonNode? Value(ref RandomStream random, string[] values) => JsonNode.Parse(
        random.NextInt(4) == 0 ? random.NextInt(70).ToString(System.Globalization.CultureInfo.InvariantCulture) : values[random.NextInt(values.Length)]);
}
