using System.Buffers;
using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text.Encodings.Web;
using System.Text.Json;
using static Microsoft.ML.Binary.Graph.NetworkFileLayout;

namespace Microsoft.ML.Binary.Graph;

/// <summary>Writes a network as the bytes of a network file.</summary>
internal static class NetworkFileWriter
{
    public static byte[] Write(DenseNetwork network, string writer)
    {
        ArrayBufferWriter<byte> header = new();
        WriteHeader(header, network, writer);
        long tensorBytes = network.Graph.Nodes.Sum(TensorBytes);
        long total = HeaderOffset + header.WrittenCount + tensorBytes + ChecksumBytes;
        if (header.WrittenCount > MaxHeaderBytes || total > MaxFileBytes)
        {
            throw new GraphException(
                "(graph)",
                $"it needs a file of {total} bytes with a header of {header.WrittenCount}; a network file has at most " +
                $"{MaxFileBytes} and {MaxHeaderBytes}. Freeze it or make it smaller.");
        }

        byte[] bytes = new byte[total];
        Magic.CopyTo(bytes);
        uint version = Math.Max(NodeFormat.VersionOf(network.Graph.Nodes), VersionOf(network));
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(VersionOffset), version);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(HeaderLengthOffset), (uint)header.WrittenCount);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(TensorLengthOffset), (ulong)tensorBytes);
        header.WrittenSpan.CopyTo(bytes.AsSpan(HeaderOffset));
        WriteTensors(bytes.AsSpan(HeaderOffset + header.WrittenCount), network.Graph);
        SHA256.HashData(bytes.AsSpan(..^ChecksumBytes), bytes.AsSpan(^ChecksumBytes..));
        return bytes;
    }

    private static void WriteHeader(ArrayBufferWriter<byte> target, DenseNetwork network, string writer)
    {
        // The header is read by programs, not put into HTML: class names stay readable in it.
        using Utf8JsonWriter json = new(target, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
        json.WriteStartObject();
        json.WriteString("writer", writer);
        if (HasNamedHeads(network))
        {
            json.WriteStartArray("heads");
            foreach (TaskHead head in network.Heads)
            {
                json.WriteStartObject();
                json.WriteString("name", head.Name);
                WriteHead(json, head);
                json.WriteEndObject();
            }

            json.WriteEndArray();
        }
        else
        {
            WriteHead(json, network.Heads[0]);
        }

        if (!network.WorkingSize.IsOwn)
        {
            json.WriteNumber("workingSize", network.WorkingSize.LongestSide);
        }

        if (!network.Exposure.IsAsIs)
        {
            json.WriteNumber("exposure", network.Exposure.Mean);
        }

        json.WriteStartObject("provenance");
        foreach ((string key, string value) in network.Provenance)
        {
            json.WriteString(key, value);
        }

        json.WriteEndObject();
        json.WriteStartArray("outputs");
        foreach (GraphOutput output in network.Graph.Outputs)
        {
            json.WriteStartObject();
            json.WriteString("name", output.Name);
            json.WriteNumber("node", output.Node);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteStartArray("nodes");
        foreach (Node node in network.Graph.Nodes)
        {
            NodeFormat.Write(json, node);
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static uint VersionOf(DenseNetwork network) =>
        !network.Exposure.IsAsIs ? ExposureVersion
        : HasNamedHeads(network) ? HeadsVersion
        : network.WorkingSize.IsOwn ? 1 : WorkingSizeVersion;

    private static bool HasNamedHeads(DenseNetwork network) => network.Heads is not [{ HasUsualName: true }];

    private static void WriteHead(Utf8JsonWriter json, TaskHead head)
    {
        json.WriteString("task", head.Task.Name);
        WriteTexts(json, "classes", head.ClassNames);
        WriteTexts(json, "palette", head.Palette);
    }

    private static void WriteTexts(Utf8JsonWriter json, string name, IEnumerable<string> texts)
    {
        json.WriteStartArray(name);
        foreach (string text in texts)
        {
            json.WriteStringValue(text);
        }

        json.WriteEndArray();
    }

    private static long TensorBytes(Node node) =>
        node.Parameters.Sum(parameter => (long)sizeof(float) * parameter.Values.Length) +
        (node is PackedBinaryConvolution or PackedMixedConvolution ? (((LowBitConvolution)node).WeightBits + 7) / 8 : 0);

    private static void WriteTensors(Span<byte> target, DenseGraph graph)
    {
        foreach (Node node in graph.Nodes)
        {
            foreach (Parameter parameter in node.Parameters)
            {
                Freezing.CheckFinite(parameter);
                foreach (float value in parameter.Values)
                {
                    BinaryPrimitives.WriteSingleLittleEndian(target, value);
                    target = target[sizeof(float)..];
                }
            }

            ReadOnlySpan<byte> packed = NodeFormat.PackedWeights(node);
            packed.CopyTo(target);
            target = target[packed.Length..];
        }
    }
}
