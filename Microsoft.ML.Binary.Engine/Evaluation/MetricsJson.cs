using System.Collections.Immutable;
using System.Text;
using System.Text.Json;

namespace Microsoft.ML.Binary;

/// <summary>What the JSON forms of metrics are made of; an undefined figure (NaN) is null.</summary>
internal static class MetricsJson
{
    /// <summary>A document.</summary>
    public static string Text(Action<Utf8JsonWriter> write)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Indented = true }))
        {
            write(json);
        }

        return Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length);
    }

    /// <summary>The name of a property as JSON has it.</summary>
    public static string Camel(string name) => char.ToLowerInvariant(name[0]) + name[1..];

    public static void Figures<TMetrics>(Utf8JsonWriter json, IEnumerable<Measure<TMetrics>> measures, TMetrics metrics)
    {
        foreach (Measure<TMetrics> measure in measures)
        {
            Number(json, measure.JsonName, measure.Of(metrics));
        }
    }

    public static void Images<TMetrics, TImage>(
        Utf8JsonWriter json, IEnumerable<Measure<TMetrics, TImage>> measures, ImmutableArray<TImage> images, ImmutableArray<(string Name, Func<TImage, long> Of)> counts)
        where TMetrics : DenseMetrics<TMetrics, TImage>
        where TImage : ImageMetrics
    {
        json.WriteStartArray("images");
        foreach (TImage image in images)
        {
            json.WriteStartObject();
            json.WriteString("name", image.Name);
            json.WriteNumber("width", image.Width);
            json.WriteNumber("height", image.Height);
            foreach (Measure<TMetrics, TImage> measure in measures.Where(measure => measure.IsOfImages))
            {
                Number(json, measure.JsonName, measure.Of(image));
            }

            foreach ((string name, Func<TImage, long> of) in counts)
            {
                json.WriteNumber(Camel(name), of(image));
            }

            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    public static void Numbers(Utf8JsonWriter json, string name, IEnumerable<double> values)
    {
        json.WriteStartArray(name);
        foreach (double value in values)
        {
            if (double.IsNaN(value))
            {
                json.WriteNullValue();
            }
            else
            {
                json.WriteNumberValue(value);
            }
        }

        json.WriteEndArray();
    }

    public static void Texts(Utf8JsonWriter json, string name, ImmutableArray<string> texts)
    {
        json.WriteStartArray(name);
        foreach (string text in texts)
        {
            json.WriteStringValue(text);
        }

        json.WriteEndArray();
    }

    public static void Number(Utf8JsonWriter json, string name, double value)
    {
        if (double.IsNaN(value))
        {
            json.WriteNull(name);
        }
        else
        {
            json.WriteNumber(name, value);
        }
    }
}
