using System.IO.Compression;
using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Data;

namespace Microsoft.ML.Binary.Tests.Pipeline;

[TestClass]
public class ModelFileTests
{
    [TestMethod]
    public void NetworkIsReadFromEither()
    {
        using TemporaryFolder folder = new();
        MLContext ml = new(1);
        DenseNetwork network = PipelineNetworks.Segmentation();
        network.Save(folder.File("network"));
        ml.Model.Save(ml.Segmentation.FromNetwork(network), null, folder.File("model"));

        CollectionAssert.AreEqual(network.ToBytes(), ModelFile.LoadNetwork(folder.File("network")).ToBytes());
        CollectionAssert.AreEqual(network.ToBytes(), ModelFile.LoadNetwork(folder.File("model")).ToBytes());
        CollectionAssert.AreEqual(network.ToBytes(), ModelFile.LoadNetwork(folder.File("model"), DenseTask.Segmentation).ToBytes());
    }

    [TestMethod]
    public void TaskPicksTheNetwork()
    {
        using TemporaryFolder folder = new();
        MLContext ml = new(1);
        ITransformer segmentation = ml.Segmentation.FromNetwork(PipelineNetworks.Segmentation());
        ITransformer saliency = ml.Saliency.FromNetwork(PipelineNetworks.Saliency());
        ml.Model.Save(new TransformerChain<ITransformer>(segmentation, saliency), null, folder.File("both"));

        Assert.AreEqual(DenseTask.Saliency, ModelFile.LoadNetwork(folder.File("both"), DenseTask.Saliency).Task);
        StringAssert.Contains(Refused(() => ModelFile.LoadNetwork(folder.File("both"))), "has 2 networks");
    }

    [TestMethod]
    public void UnusableFilesAreNamed()
    {
        using TemporaryFolder folder = new();
        MLContext ml = new(1);
        ITransformer other = ml.Transforms.CopyColumns("Copy", "Path").Fit(ml.Data.LoadFromEnumerable<TextRow>([]));
        ml.Model.Save(other, null, folder.File("other"));
        byte[] zip = File.ReadAllBytes(folder.File("other"));
        File.WriteAllBytes(folder.File("truncated"), zip[..(zip.Length / 2)]);
        using (ZipArchive archive = ZipFile.Open(folder.File("empty"), ZipArchiveMode.Create))
        {
            archive.CreateEntry("readme");
        }

        StringAssert.Contains(Refused(() => ModelFile.LoadNetwork(folder.File("other"))), "no stage made by ml.Segmentation");
        StringAssert.Contains(Refused(() => ModelFile.LoadNetwork(folder.File("other"), DenseTask.Saliency)), "no stage made by ml.Segmentation");
        StringAssert.Contains(Refused(() => ModelFile.LoadNetwork(folder.File("truncated"))), "the zip is damaged");
        StringAssert.Contains(Refused(() => ModelFile.LoadNetwork(folder.File("empty"))), folder.File("empty"));
        StringAssert.Contains(Refused(() => ModelFile.LoadNetwork(folder.Path)), "folder");
        Assert.ThrowsExactly<FileNotFoundException>(() => ModelFile.LoadNetwork(folder.File("missing")));
    }

    /// <summary>A single flipped bit made ML.NET's loader wait for ever.</summary>
    [TestMethod]
    public void EveryDamageToAModelIsFoundBeforeMLNetReadsIt()
    {
        using TemporaryFolder folder = new();
        MLContext ml = new(1);
        ml.Model.Save(ml.Segmentation.FromNetwork(PipelineNetworks.Segmentation()), null, folder.File("model"));
        byte[] network = PipelineNetworks.Segmentation().ToBytes();
        ModelFile.CheckZip(folder.File("model"));
        byte[] zip = File.ReadAllBytes(folder.File("model"));
        Random random = new(1);
        int found = 0;
        for (int i = 0; i < 300; i++)
        {
            byte[] damaged = (byte[])zip.Clone();
            damaged[random.Next(zip.Length)] ^= (byte)(1 << random.Next(8));
            File.WriteAllBytes(folder.File("damaged"), damaged);
            try
            {
                // Dates and such are not covered by checksums, nor do they matter: what passes is the model.
                ModelFile.CheckZip(folder.File("damaged"));
                CollectionAssert.AreEqual(network, ModelFile.LoadNetwork(folder.File("damaged")).ToBytes());
            }
            catch (NetworkFileException e)
            {
                StringAssert.Contains(e.Message, folder.File("damaged"));
                found++;
            }
        }

        Assert.IsGreaterThan(250, found);
    }

    [TestMethod]
    public void ZipsThatUnpackToMoreThanAModelAreRefused()
    {
        using TemporaryFolder folder = new();
        using (ZipArchive archive = ZipFile.Open(folder.File("bomb"), ZipArchiveMode.Create))
        {
            using Stream entry = archive.CreateEntry("zeros", CompressionLevel.Fastest).Open();
            byte[] zeros = new byte[1 << 20];
            for (int i = 0; i < 64; i++)
            {
                entry.Write(zeros);
            }
        }

        using (ZipArchive archive = ZipFile.Open(folder.File("many"), ZipArchiveMode.Create))
        {
            for (int i = 0; i < 5000; i++)
            {
                archive.CreateEntry($"e{i}");
            }
        }

        StringAssert.Contains(Refused(() => ModelFile.LoadNetwork(folder.File("bomb"))), "unpacks to more than");
        StringAssert.Contains(Refused(() => ModelFile.LoadNetwork(folder.File("many"))), "5000 entries");
    }

    private static string Refused(Action action) => Assert.ThrowsExactly<NetworkFileException>(action).Message;

    private sealed class TextRow
    {
        public string Path { get; set; } = "";
    }
}
