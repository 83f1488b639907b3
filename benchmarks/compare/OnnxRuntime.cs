using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Microsoft.ML.Binary.Compare;

/// <summary>onnxruntime on one thread with all optimisations, in a child process that runs <c>onnxruntime.mjs</c>.</summary>
internal sealed class OnnxRuntime : IDisposable
{
    private readonly DirectoryInfo _files = Directory.CreateTempSubdirectory("compare");
    private readonly Process _process;

    /// <param name="scriptFolder">Where <c>onnxruntime.mjs</c> and <c>node_modules</c> are.</param>
    public OnnxRuntime(string scriptFolder)
    {
        ProcessStartInfo start = new("node", ["onnxruntime.mjs"])
        {
            WorkingDirectory = scriptFolder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        _process = Process.Start(start)!;
        Version = Ask("version")["version"]!.GetValue<string>();
    }

    /// <summary>The version of onnxruntime-node.</summary>
    public string Version { get; }

    /// <summary>Loads an ONNX file under a name.</summary>
    public void Load(string model, byte[] bytes)
    {
        string path = Path.Combine(_files.FullName, "model.onnx");
        File.WriteAllBytes(path, bytes);
        Ask("load", new() { ["model"] = model, ["path"] = path });
        File.Delete(path);
    }

    /// <summary>Sets an input for the runs that follow.</summary>
    public void Feed<T>(string model, string input, ReadOnlySpan<T> values, params int[] sides) where T : unmanaged
    {
        string path = Path.Combine(_files.FullName, "input");
        File.WriteAllBytes(path, MemoryMarshal.AsBytes(values));
        Ask("feed", new()
        {
            ["model"] = model,
            ["input"] = input,
            ["type"] = typeof(T) == typeof(float) ? "float32" : "uint8",
            ["sides"] = JsonSerializer.SerializeToNode(sides),
            ["path"] = path,
        });
    }

    /// <summary>Runs a model once and measures it inside the process.</summary>
    /// <returns>Milliseconds.</returns>
    public double Time(string model) => Ask("time", new() { ["model"] = model })["milliseconds"]!.GetValue<double>();

    /// <summary>Runs a model.</summary>
    /// <returns>The outputs, all of which are floats, by name.</returns>
    public Dictionary<string, float[]> Run(string model)
    {
        Dictionary<string, float[]> results = [];
        foreach (JsonNode? output in Ask("run", new() { ["model"] = model, ["folder"] = _files.FullName })["outputs"]!.AsArray())
        {
            byte[] bytes = File.ReadAllBytes(output!["path"]!.GetValue<string>());
            results[output["name"]!.GetValue<string>()] = MemoryMarshal.Cast<byte, float>(bytes).ToArray();
        }

        return results;
    }

    /// <summary>Frees a model.</summary>
    public void Unload(string model) => Ask("unload", new() { ["model"] = model });

    public void Dispose()
    {
        _process.StandardInput.Close();
        _process.WaitForExit();
        _process.Dispose();
        _files.Delete(recursive: true);
    }

    private JsonNode Ask(string command, JsonObject? request = null)
    {
        request ??= [];
        request["command"] = command;
        _process.StandardInput.WriteLine(request.ToJsonString());
        string line = _process.StandardOutput.ReadLine() ?? throw new IOException($"onnxruntime.mjs ended during '{command}'; see its message above.");
        JsonNode answer = JsonNode.Parse(line)!;
        return answer["error"] is { } error ? throw new IOException($"onnxruntime, '{command}': {error}") : answer;
    }
}
