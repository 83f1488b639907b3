using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Microsoft.ML.Binary.Fuzz.Graphs;
using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Inference;
using Microsoft.ML.Binary.Kernels;
using Microsoft.ML.Binary.Networks;

namespace Microsoft.ML.Binary.Fuzz.Parsers;

/// <summary>Network files. One that is taken is used: measured, written, frozen, compiled, run, and compared with the interpreter.</summary>
internal sealed class NetworkTarget : Target
{
    private static readonly string[] s_values =
        ["0", "-1", "1", "2", "3", "4", "8", "16", "31", "64", "65", "255", "4096", "16384", "65536", "2147483647", "4294967297", "1e9", "1e999", "\"1e999\"", "null", "\"\"", "[]", "{}", "true", "\"logits\"", "\"\\u001b[2J\""];

    public override string Name => "network";

    public override IReadOnlyList<byte[]> Seeds { get; } = [.. Enumerable.Range(0, 24).Select(Seed), .. Trainable()];

    // What compiles may also run, in up to 64 MiB.
    public override long MaxAllocation(int length) => (256L << 20) + 256L * length;

    public override byte[] Forge(ref RandomStream random, byte[] file)
    {
        int header = BinaryPrimitives.ReadInt32LittleEndian(file.AsSpan(NetworkFileLayout.HeaderLengthOffset));
        byte[] tensors = file[(NetworkFileLayout.HeaderOffset + header)..^NetworkFileLayout.ChecksumBytes];
        string text = Encoding.UTF8.GetString(file.AsSpan(NetworkFileLayout.HeaderOffset, header));
        if (random.NextInt(4) == 0 && tensors.Length > 0)
        {
            for (int i = 1 + random.NextInt(3); i > 0; i--)
            {
                int at = random.NextInt(tensors.Length) / 4 * 4;
                float[] values = [0, -0f, 1, -1, float.NaN, float.PositiveInfinity, float.MaxValue, float.Epsilon, 1e20f, -1e-20f];
                BinaryPrimitives.WriteSingleLittleEndian(tensors.AsSpan(Math.Max(0, Math.Min(at, tensors.Length - 4))), values[random.NextInt(values.Length)]);
            }
        }
        else
        {
            text = JsonMutation.Apply(ref random, text, s_values);
        }

        return Join(text, tensors);
    }

    public override bool Read(byte[] file, bool thoroughly)
    {
        if (Try<DenseNetwork, NetworkFileException>(() => DenseNetwork.FromBytes(file)) is not { } network)
        {
            return false;
        }

        CostModel.Measure(network.Graph, 64, 64);
        Expect(DenseNetwork.FromBytes(network.ToBytes()).ToBytes().AsSpan().SequenceEqual(network.ToBytes()), "Written and read, it is another network.");
        if (thoroughly)
        {
            Use(network);
        }

        return true;
    }

    private static void Use(DenseNetwork network)
    {
        try
        {
            DenseGraph graph = network.Freeze().Graph;
            if (graph.Types.Sum(type => (long)type.Channels) > 4096)
            {
                return;
            }

            GraphRun.Compare(graph, GraphRun.Image(7, 5, seed: 1), KernelPaths.Best, new InferenceOptions { MaxRunBytes = 64 << 20 });
        }
        catch (Exception e) when (e is GraphException or ImageTooLargeException)
        {
            // Not finite once it is frozen, without a compiled form, or with padding for more than there may be.
        }
    }

    private static byte[] Join(string header, byte[] tensors)
    {
        byte[] text = Encoding.UTF8.GetBytes(header);
        byte[] file = new byte[NetworkFileLayout.HeaderOffset + text.Length + tensors.Length + NetworkFileLayout.ChecksumBytes];
        NetworkFileLayout.Magic.CopyTo(file);
        BinaryPrimitives.WriteUInt32LittleEndian(file.AsSpan(NetworkFileLayout.VersionOffset), NetworkFileLayout.FormatVersion);
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(NetworkFileLayout.HeaderLengthOffset), text.Length);
        BinaryPrimitives.WriteInt64LittleEndian(file.AsSpan(NetworkFileLayout.TensorLengthOffset), tensors.Length);
        text.CopyTo(file, NetworkFileLayout.HeaderOffset);
        tensors.CopyTo(file, NetworkFileLayout.HeaderOffset + text.Length);
        SHA256.HashData(file.AsSpan(..^NetworkFileLayout.ChecksumBytes), file.AsSpan(^NetworkFileLayout.ChecksumBytes..));
        return file;
    }

    /// <summary>What networks have that random graphs have not: heads with names, the bottleneck between them, gates that a search trains.</summary>
    private static IEnumerable<byte[]> Trainable()
    {
        NetworkConfiguration small = new() { Outputs = 2, Width = 8, Stride4Depth = 1, Stride8Depth = 1, Stride16Depth = 1, AttentionHeads = 2, AttentionReduction = 2 };
        DenseNetwork tasks = MultiTaskNetwork.Build(
            small, [new("classes", DenseTask.Segmentation, ["a", "b"]), new("edges", DenseTask.Edges)], bottleneck: TaskBottleneck.Diagonal);
        DenseNetwork one = new(DenseNetworkBuilder.Build(small), DenseTask.Segmentation, ["a", "b"]);
        return [tasks.ToBytes(), tasks.Freeze().ToBytes(), one.WithGraph(WidthGraphs.ToSearch(one.Graph, [0, 1, 2, 8])).ToBytes()];
    }

    /// <summary>A network of saliency, or of as many classes as the graph has logits.</summary>
    public static DenseNetwork Of(DenseGraph graph) => graph.LogitChannels == 1
        ? new(graph, DenseTask.Saliency)
        : new(graph, DenseTask.Segmentation, [.. Enumerable.Range(0, graph.LogitChannels).Select(i => $"class {i}")]);

    private static byte[] Seed(int seed)
    {
        DenseGraph graph = GraphGenerator.Build(seed, nodes: 3 + seed % 8);
        graph = seed % 3 == 0 ? graph : Freezing.Freeze(graph);
        return Of(graph).WithWorkingSize(seed % 2 == 0 ? WorkingSize.Own : WorkingSize.Of(1 + seed % 64)).WithExposure(seed % 4 < 2 ? ImageExposure.AsIs : ImageExposure.Of(1 + seed % 254)).ToBytes();
    }
}
