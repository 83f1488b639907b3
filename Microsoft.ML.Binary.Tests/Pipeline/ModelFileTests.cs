using System.IO.Compression;
using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Tests.Imaging;
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
        DenseNetwork network = TestNetworks.Segmentation();
        network.Save(folder.File("network"));
        ml.Model.Save(ml.Segmentation().FromNetwork(network), null, folder.File("model"));

        CollectionAssert.AreEqual(network.ToBytes(), ModelFile.LoadNetwork(folder.File("network")).ToBytes());
        CollectionAssert.AreEqual(network.ToBytes(), ModelFile.LoadNetwork(folder.File("model")).ToBytes());
        CollectionAssert.AreEqual(network.ToBytes(), ModelFile.LoadNetwork(folder.File("model"), DenseTask.Segmentation).ToBytes());
    }

    [TestMethod]
    public void TaskPicksTheNetwork()
    {
        using TemporaryFolder folder = new();
        MLContext ml = new(1);
        ITransformer segmentation = ml.Segmentation().FromNetwork(TestNetworks.Segmentation());
        ITransformer saliency = ml.Saliency().FromNetwork(TestNetworks.Saliency());
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

        StringAssert.Contains(Refused(() => ModelFile.LoadNetwork(folder.File("other"))), "no stage made by ml.Segmentation()");
        StringAssert.Contains(Refused(() => ModelFile.LoadNetwork(folder.File("other"), DenseTask.Saliency)), "no stage made by ml.Segmentation()");
        StringAssert.Contains(Refused(() => ModelFile.LoadNetwork(folder.File("truncated"))), "cannot be loaded");
        StringAssert.Contains(Refused(() => ModelFile.LoadNetwork(folder.File("empty"))), folder.File("empty"));
        StringAssert.Contains(Refused(() => ModelFile.LoadNetwork(folder.Path)), "folder");
        Assert.ThrowsExactly<FileNotFoundException>(() => ModelFile.LoadNetwork(folder.File("missing")));
    }

    private static string Refused(Action action) => Assert.ThrowsExactly<NetworkFileException>(action).Message;

    private sealed class TextRow
    {
        public string Path { get; set; } = "";
    }
}
