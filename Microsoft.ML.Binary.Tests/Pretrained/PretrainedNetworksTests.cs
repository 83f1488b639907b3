using Microsoft.ML.Binary.Graph;

namespace Microsoft.ML.Binary.Tests.Pretrained;

[TestClass]
public sealed class PretrainedNetworksTests
{
    // Saliency is of preset Base, and half of its bytes are real-valued: its channel scaling.
    private const int LargestFile = 700_000, LargestFileOfBase = 4_000_000;

    [TestMethod]
    [DataRow(PretrainedModel.RoadScene, DenseTask.Segmentation, 11)]
    [DataRow(PretrainedModel.Road, DenseTask.Segmentation, 2)]
    [DataRow(PretrainedModel.Saliency, DenseTask.Saliency, 0)]
    [DataRow(PretrainedModel.Nuclei, DenseTask.Segmentation, 3)]
    [DataRow(PretrainedModel.Words, DenseTask.Segmentation, 128)]
    public void EachIsAFrozenBinaryNetworkWithNamesAndColours(PretrainedModel model, DenseTask task, int classes)
    {
        DenseNetwork network = PretrainedNetworks.Load(model);
        Assert.AreEqual(task, network.Task);
        Assert.HasCount(classes, network.ClassNames);
        Assert.HasCount(model == PretrainedModel.Words ? 0 : classes, network.Palette, "words have no colours of their own");
        Assert.IsTrue(network.Graph.IsFrozen);
        Assert.IsTrue(network.Graph.IsBinary);
        Assert.IsLessThanOrEqualTo(model == PretrainedModel.Saliency ? LargestFileOfBase : LargestFile, network.ToBytes().Length);
        Assert.IsTrue(network.Provenance.ContainsKey("steps"), "the file says how it was made");
    }

    [TestMethod]
    public void ClassesHaveTheNamesOfTheirData()
    {
        CollectionAssert.AreEqual(
            new[] { "sky", "building", "pole", "road", "pavement", "tree", "sign", "fence", "car", "pedestrian", "bicyclist" },
            PretrainedNetworks.Load(PretrainedModel.RoadScene).ClassNames.ToArray());
        CollectionAssert.AreEqual(new[] { "not road", "road" }, PretrainedNetworks.Load(PretrainedModel.Road).ClassNames.ToArray());
        CollectionAssert.AreEqual(new[] { "background", "inside", "contour" }, PretrainedNetworks.Load(PretrainedModel.Nuclei).ClassNames.ToArray());
    }

    [TestMethod]
    [DataRow(PretrainedModel.RoadScene)]
    [DataRow(PretrainedModel.Road)]
    [DataRow(PretrainedModel.Saliency)]
    [DataRow(PretrainedModel.Nuclei)]
    [DataRow(PretrainedModel.Words)]
    public void EachHasACardThatSaysWhatMustBeKnown(PretrainedModel model)
    {
        PretrainedCard card = PretrainedNetworks.Card(model);
        DenseNetwork network = PretrainedNetworks.Load(model);
        Assert.AreEqual(model, card.Model);
        StringAssert.StartsWith(card.Text, $"# {model}\n");
        foreach (string section in new[] { card.Summary, card.Data, card.Terms, card.Training, card.IntendedUse, card.Limits })
        {
            Assert.AreNotEqual("", section);
            StringAssert.Contains(card.Text, section);
        }

        Assert.AreNotEqual(PretrainedNetworks.IsFree(model), card.Terms.ReplaceLineEndings(" ").Contains("research and non-commercial use only", StringComparison.Ordinal));
        StringAssert.Contains(card.Training, "mlbinary train");
        StringAssert.Contains(card.Training, $"--steps {network.Provenance["steps"]} ");
        StringAssert.Contains(card.Training, $"--seed {network.Provenance["seed"]} ");
        Assert.IsGreaterThan(0, card.Figures.Length);
        Assert.AreEqual(card.Text, card.ToString());
    }

    [TestMethod]
    public void NetworksForResearchLieInAPackageOfTheirOwn()
    {
        foreach (PretrainedModel model in Enum.GetValues<PretrainedModel>())
        {
            Assert.IsTrue(PretrainedNetworks.IsAvailable(model), $"{model}");
            string? name = typeof(ResearchNetworks).Assembly.GetManifestResourceNames().SingleOrDefault(name => name.EndsWith($".{model}.mlbn", StringComparison.Ordinal));
            Assert.AreNotEqual(PretrainedNetworks.IsFree(model), name is not null, $"{model} lies in one of the two assemblies");
        }

        CollectionAssert.AreEqual(Enum.GetValues<PretrainedModel>().Where(model => !PretrainedNetworks.IsFree(model)).ToArray(), ResearchNetworks.All.ToArray());
    }

    [TestMethod]
    public void ANetworkIsFoundInAFolderThatHasIt()
    {
        using TemporaryFolder folder = new();
        Directory.CreateDirectory(folder.File("models"));
        string[] folders = [folder.File("none"), folder.File("models")];
        Assert.IsNull(PretrainedNetworks.OpenFile(PretrainedModel.Road, folders));
        PretrainedNetworks.Load(PretrainedModel.Road).Save(folder.File("models/Road.mlbn"));
        using Stream found = PretrainedNetworks.OpenFile(PretrainedModel.Road, folders)!;
        CollectionAssert.AreEqual(PretrainedNetworks.Load(PretrainedModel.Road).ToBytes(), DenseNetwork.Load(found, "Road").ToBytes());
        Assert.IsNull(PretrainedNetworks.OpenFile(PretrainedModel.RoadScene, folders));
    }

    [TestMethod]
    public void ACardWithoutASectionOrWithARowThatIsNoFigureIsRefused()
    {
        string text = PretrainedNetworks.Card(PretrainedModel.Road).Text;
        StringAssert.Contains(Refused(text.Replace("## Limits", "## Bounds")), "no section 'Limits'");
        StringAssert.Contains(Refused(text.Replace("| max F |", "| max F | of the best |")), "must be data, measure and a number");
        static string Refused(string text) => Assert.ThrowsExactly<InvalidDataException>(() => PretrainedCard.Parse(PretrainedModel.Road, text)).Message;
    }

    [TestMethod]
    public void AModelThatThereIsNotIsRefused()
    {
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => PretrainedNetworks.Load((PretrainedModel)7)).Message, "RoadScene, Road, Saliency, Nuclei, Words");
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => PretrainedNetworks.Card((PretrainedModel)(-1)));
    }
}
