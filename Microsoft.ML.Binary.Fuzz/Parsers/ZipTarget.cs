using System.IO.Compression;
using Microsoft.ML.Binary.Graph;

namespace Microsoft.ML.Binary.Fuzz.Parsers;

/// <summary>
/// Model zips, as far as they are checked before ML.NET reads them. What passes and was not forged must be the model that was saved.
/// </summary>
internal sealed class ZipTarget : Target
{
    public override string Name => "zip";

    public override IReadOnlyList<byte[]> Seeds { get; } = [Model(), Plain()];

    // Entries are put together anew, with right checksums: ML.NET's loader, which trusts them, is not called on these.
    public override byte[] Forge(ref RandomStream random, byte[] file)
    {
        using MemoryStream forged = new();
        using (ZipArchive source = new(new MemoryStream(file), ZipArchiveMode.Read), target = new(forged, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach (ZipArchiveEntry entry in source.Entries)
            {
                using MemoryStream content = new();
                using (Stream stream = entry.Open())
                {
                    stream.CopyTo(content);
                }

                byte[] bytes = content.ToArray();
                bytes = random.NextInt(4) == 0 && bytes.Length > 0 ? ByteMutation.Apply(ref random, bytes, [bytes]) : bytes;
                string name = random.NextInt(20) == 0 ? "../" + entry.FullName : entry.FullName;
                using Stream written = target.CreateEntry(name, (CompressionLevel)random.NextInt(3)).Open();
                written.Write(bytes);
            }
        }

        return forged.ToArray();
    }

    public override bool Read(byte[] file)
    {
        try
        {
            ModelZip.Check(new MemoryStream(file, writable: false), "fuzzed");
            return true;
        }
        catch (NetworkFileException)
        {
            return false;
        }
    }

    private static byte[] Model()
    {
        MLContext ml = new(1);
        DenseGraph graph = Freezing.Freeze(Graphs.GraphGenerator.Build(seed: 5, nodes: 2));
        int count = graph.LogitChannels;
        using MemoryStream stream = new();
        ITransformer model = count == 1
            ? ml.Saliency.FromNetwork(new DenseNetwork(graph, DenseTask.Saliency))
            : ml.Segmentation.FromNetwork(new DenseNetwork(graph, DenseTask.Segmentation, [.. Enumerable.Range(0, count).Select(i => $"class {i}")]));
        ml.Model.Save(model, null, stream);
        return stream.ToArray();
    }

    private static byte[] Plain()
    {
        using MemoryStream stream = new();
        using (ZipArchive zip = new(stream, ZipArchiveMode.Create, leaveOpen: true))
        {
            for (int i = 0; i < 3; i++)
            {
                using Stream entry = zip.CreateEntry($"entry{i}").Open();
                entry.Write(new byte[100 * i]);
            }
        }

        return stream.ToArray();
    }
}
