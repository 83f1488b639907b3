using System.Collections.Immutable;
using System.Text.Json;

namespace Microsoft.ML.Binary.Graph;

/// <summary>
/// Builds a network from the header and tensors of a network file. Both are untrusted even when the checksum is right: anybody can
/// compute one.
/// </summary>
internal static class NetworkFileReader
{
    private static readonly JsonDocumentOptions Strict = new() { MaxDepth = 8, AllowDuplicateProperties = false };

    public static DenseNetwork Parse(NetworkFileEnvelope file, string name)
    {
        string writer = "an unknown program";
        try
        {
            using JsonDocument document = JsonDocument.Parse(file.Header.ToArray(), Strict);
            HeaderObject header = new(document.RootElement, "the header");
            writer = header.Text("writer");
            return Parse(header, file.Version, file.Tensors);
        }
        // GetString throws InvalidOperationException for text that has no UTF-16 form.
        catch (Exception e) when (e is InvalidDataException or JsonException or InvalidOperationException or GraphException or ArgumentException)
        {
            throw new NetworkFileException(
                name, $"the network in it cannot be used: {e.Message.TrimEnd('.')}. It was written by {writer}, and this is {NetworkFileLayout.Writer}: " +
                "update the package if that is newer, otherwise write the file again.", e);
        }
    }

    private static DenseNetwork Parse(HeaderObject header, uint version, ReadOnlySpan<byte> tensorBytes)
    {
        ImmutableArray<TaskHead> heads = version >= NetworkFileLayout.HeadsVersion && header.Has("heads")
            ? [.. header.List("heads", DenseNetwork.MaxHeads).Select(ParseNamedHead)]
            : [ParseHead(header, name: null)];
        WorkingSize workingSize = version >= NetworkFileLayout.WorkingSizeVersion && header.Has("workingSize")
            ? WorkingSize.Of(header.Integer("workingSize", 1, WorkingSize.MaxSide))
            : WorkingSize.Own;
        ImageExposure exposure = version >= NetworkFileLayout.ExposureVersion && header.Has("exposure")
            ? ImageExposure.Of(header.Integer("exposure", 1, ImageExposure.Brightest))
            : ImageExposure.AsIs;
        ImmutableSortedDictionary<string, string> provenance = header.TextMap("provenance").ToImmutableSortedDictionary(StringComparer.Ordinal);
        ImmutableArray<GraphOutput> outputs = [.. header.List("outputs", DenseGraph.MaxOutputs).Select(ParseOutput)];
        JsonElement[] nodes = header.List("nodes", DenseGraph.MaxNodes);
        header.End();

        var parsed = ImmutableArray.CreateBuilder<Node>(nodes.Length);
        TensorReader tensors = new(tensorBytes);
        foreach (JsonElement node in nodes)
        {
            parsed.Add(NodeFormat.Read(new HeaderObject(node, $"node {parsed.Count}"), ref tensors));
        }

        return tensors.Remaining == 0
            ? new DenseNetwork(new DenseGraph(parsed.MoveToImmutable(), outputs), heads, provenance, workingSize, exposure)
            : throw new InvalidDataException($"{tensors.Remaining} bytes of tensors belong to no node");
    }

    private static TaskHead ParseNamedHead(JsonElement element)
    {
        HeaderObject header = new(element, "a head");
        TaskHead head = ParseHead(header, header.Text("name"));
        header.End();
        return head;
    }

    private static TaskHead ParseHead(HeaderObject header, string? name)
    {
        DenseTask task = header.Choice("task", DenseTasks.ByName);
        return new(name ?? task.Name, task, [.. header.Texts("classes", DenseNetwork.MaxClasses)], [.. header.Texts("palette", DenseNetwork.MaxClasses)]);
    }

    private static GraphOutput ParseOutput(JsonElement element)
    {
        HeaderObject output = new(element, "an output");
        GraphOutput parsed = new(output.Text("name"), output.Integer("node", 0, DenseGraph.MaxNodes));
        output.End();
        return parsed;
    }
}
