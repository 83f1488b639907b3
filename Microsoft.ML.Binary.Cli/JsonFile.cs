using System.Text.Json;
using Microsoft.ML.Binary.Files;

namespace Microsoft.ML.Binary.Cli;

/// <summary>Writes results for other programs.</summary>
internal static class JsonFile
{
    private static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    /// <summary>Writes a value with its properties in camel case. Whole or not at all.</summary>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public static void Write<T>(string path, T value) => AtomicFile.Write(path, JsonSerializer.SerializeToUtf8Bytes(value, Options));
}
