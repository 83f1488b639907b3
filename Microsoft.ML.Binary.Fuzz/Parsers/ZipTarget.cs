using System.IO.Compression;
using Microsoft.ML.Binary.Fuzz.Graphs;
using Microsoft.ML.Binary.Graph;

namespace Microsoft.ML.Binary.Fuzz.Parsers;

/// <summary>
/// Model zips, as far as they are checked before ML.NET reads them. What passes and was not forged must be the model that was saved, or be refused when it is loaded.
/// </summary>
internal sealed class ZipTarget : Target
{
    // When entries were written, by which what was forged is told apart.
    private static readonly DateTimeOffset s_saved = new(1990, 1, 1, 0, 0, 0, TimeSpan.Zero), s_forged = new(2000, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private static readonly DenseNetwork s_network = NetworkTarget.Of(Freezing.Freeze(GraphGenerator.Build(seed: 5, nodes: 2)));

    public override string Name => "zip";

    public override IReadOnlyList<byte[]> Seeds { get; } = [Saved(Model()), Saved(Plain())];

    // Entries are put together anew, with right checksums: ML.NET's loader, which trusts them, is not called on these.
    public override byte[] Forge(ref RandomStream random, byte[] file) => Rewrite(ref random, file, forges: true);

    private static byte[] Saved(byte[] file)
    {
        RandomStream unused = new(1);
        return Rewrite(ref unused, file, forges: false);
    }

    private static byte[] Rewrite(ref RandomStream random, byte[] file, bool forges)
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
                bytes = forges && random.NextInt(4) == 0 && bytes.Length > 0 ? ByteMutation.Apply(ref random, bytes, [bytes]) : bytes;
                string name = forges && random.NextInt(20) == 0 ? "../" + entry.FullName : entry.FullName;
                ZipArchiveEntry copy = target.CreateEntry(name, forges ? (CompressionLevel)random.NextInt(3) : CompressionLevel.Optimal);
                copy.LastWriteTime = forges ? s_forged : s_saved;
                using Stream written = copy.Open();
                written.Write(bytes);
            }
        }

        return forged.ToArray();
    }

    public override bool Read(byte[] file, bool thoroughly)
    {
        try
        {
            ModelZip.Check(new MemoryStream(file, writable: false), "fuzzed");
        }
        catch (NetworkFileException)
        {
            return false;
        }

        // There may be no network, or entries have other names now, which no checksum covers.
        if (thoroughly && IsAsSaved(file) && Try<DenseNetwork, NetworkFileException>(() => ModelFile.LoadNetwork(ScratchFile.Of(file))) is { } loaded)
        {
            Expect(loaded.ToBytes().AsSpan().SequenceEqual(s_network.ToBytes()), "What passed is another network.");
        }

        return true;
    }

    private static bool IsAsSaved(byte[] file)
    {
        using ZipArchive zip = new(new MemoryStream(file, writable: false), ZipArchiveMode.Read);
        return zip.Entries.All(entry => entry.LastWriteTime.DateTime == s_saved.DateTime);
    }

    private static byte[] Model()
    {
        MLContext ml = new(1);
        using MemoryStream stream = new();
        ml.Model.Save(s_network.Task == DenseTask.Saliency ? ml.Saliency.FromNetwork(s_network) : (ITransformer)ml.Segmentation.FromNetwork(s_network), null, stream);
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
