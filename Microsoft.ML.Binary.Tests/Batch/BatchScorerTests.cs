using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Imaging;
using Microsoft.ML.Binary.Imaging.Codec;
using Microsoft.ML.Binary.Inference;
using Microsoft.ML.Binary.Networks;
using Microsoft.ML.Binary.Tests.Cli;
using Microsoft.ML.Binary.Tests.Imaging;
using Microsoft.ML.Binary.Tests.Networks;
using Microsoft.ML.Binary.Tests.Pipeline;

namespace Microsoft.ML.Binary.Tests.Batch;

/// <summary>What counts as done, and that nothing else does.</summary>
[TestClass]
public sealed class BatchScorerTests
{
    private static readonly DenseNetwork Network = PipelineNetworks.Segmentation();

    [TestMethod]
    public void Resume_KeepsWhatIsDone_AndMakesTheRest()
    {
        using Workplace place = new(images: 4);
        Score(place, new() { OutputFolder = place["out"] });
        byte[][] whole = [.. Masks(place).Select(File.ReadAllBytes)];
        File.Delete(Mask(place, 1));
        File.WriteAllBytes(Mask(place, 2), whole[2][..^5]);
        DateTime before = File.GetLastWriteTimeUtc(Mask(place, 0));

        CollectionAssert.AreEqual(
            new[] { BatchState.Kept, BatchState.Scored, BatchState.Scored, BatchState.Kept }, States(place, new() { OutputFolder = place["out"], Resume = true }));
        Assert.AreEqual(before, File.GetLastWriteTimeUtc(Mask(place, 0)));
        for (int i = 0; i < whole.Length; i++)
        {
            CollectionAssert.AreEqual(whole[i], File.ReadAllBytes(Mask(place, i)));
        }

        // Not asked to go on: all anew.
        Assert.IsTrue(States(place, new() { OutputFolder = place["out"] }).All(state => state == BatchState.Scored));
    }

    [TestMethod]
    public void AMaskThatIsOlderThanItsImage_IsMadeAnew()
    {
        using Workplace place = new(images: 2);
        Score(place, new() { OutputFolder = place["out"] });
        PipelineNetworks.Image(Workplace.Width, Workplace.Height, 7).SavePng(place.Image(1));
        File.SetLastWriteTimeUtc(place.Image(1), File.GetLastWriteTimeUtc(Mask(place, 1)).AddSeconds(1));
        CollectionAssert.AreEqual(new[] { BatchState.Kept, BatchState.Scored }, States(place, new() { OutputFolder = place["out"], Resume = true }));
    }

    [TestMethod]
    public void ALinkThatWasTurnedToAnOlderImage_IsScoredAnew()
    {
        using Workplace place = new(images: 2);
        File.Move(place.Image(1), place["first.png"]);
        File.CreateSymbolicLink(place.Image(1), place["first.png"]);
        Score(place, new() { OutputFolder = place["out"] });
        PipelineNetworks.Image(Workplace.Width, Workplace.Height, 7).SavePng(place["older.png"]);
        File.SetLastWriteTimeUtc(place["older.png"], DateTime.UtcNow.AddHours(-1));
        File.Delete(place.Image(1));
        File.CreateSymbolicLink(place.Image(1), place["older.png"]);
        File.SetLastWriteTimeUtc(Mask(place, 1), DateTime.UtcNow.AddMinutes(-1));
        CollectionAssert.AreEqual(new[] { BatchState.Kept, BatchState.Scored }, States(place, new() { OutputFolder = place["out"], Resume = true }));
    }

    [TestMethod]
    public void AMaskBehindAnOlderLink_IsKept()
    {
        using Workplace place = new(images: 1);
        Score(place, new() { OutputFolder = place["out"] });
        File.Move(Mask(place, 0), place["mask.png"]);
        File.CreateSymbolicLink(Mask(place, 0), place["mask.png"]);
        File.SetLastWriteTimeUtc(place.Image(0), DateTime.UtcNow.AddHours(1));
        File.SetLastWriteTimeUtc(place["mask.png"], DateTime.UtcNow.AddHours(2));
        CollectionAssert.AreEqual(new[] { BatchState.Kept }, States(place, new() { OutputFolder = place["out"], Resume = true }));
    }

    [TestMethod]
    public void AnImageThatIsGoneBeforeItsOverlay_IsNoFaultOfTheOverlaysFile()
    {
        using Workplace place = new(images: 1);
        Score(place, new() { OutputFolder = place["out"] });
        foreach (TaskHead head in (TaskHead[])[Network.Heads[0], new("object", DenseTask.Saliency)])
        {
            Assert.IsInstanceOfType<FileNotFoundException>(
                OverlayWriter.Write(place["overlay.png"], place["none.png"], head, Mask(place, 0), new("a", "b"), CancellationToken.None)?.SourceException);
            Assert.IsFalse(File.Exists(place["overlay.png"]));
            Assert.ThrowsExactly<DirectoryNotFoundException>(
                () => OverlayWriter.Write(place["none/overlay.png"], place.Image(0), head, Mask(place, 0), new("a", "b"), CancellationToken.None));
        }
    }

    [TestMethod]
    public void ThreadsWithoutBound_AreRefused() =>
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new BatchOptions { OutputFolder = "out", Threads = InferenceOptions.MaxThreads + 1 });

    [TestMethod]
    public void AnImageWithoutItsOverlay_IsNotDone()
    {
        using Workplace place = new(images: 1);
        Score(place, new() { OutputFolder = place["out"] });
        BatchOptions options = new() { OutputFolder = place["out"], Resume = true, Overlays = true };
        CollectionAssert.AreEqual(new[] { BatchState.Scored }, States(place, options));
        CollectionAssert.AreEqual(new[] { BatchState.Kept }, States(place, options));
        File.WriteAllBytes(place["out/000.overlay.png"], File.ReadAllBytes(place["out/000.overlay.png"])[..^20]);
        CollectionAssert.AreEqual(new[] { BatchState.Scored }, States(place, options));
    }

    [TestMethod]
    public void ResultsOfAnotherNetworkOrOtherViews_AreRefused_AndStay()
    {
        using Workplace place = new(images: 2);
        Score(place, new() { OutputFolder = place["out"] });
        byte[] mask = File.ReadAllBytes(Mask(place, 0));
        BatchOptions options = new() { OutputFolder = place["out"], Resume = true };

        Refused(PipelineNetworks.Segmentation(seed: 2), options, "another network");
        Refused(Network, options with { Views = ViewOptions.At(20) }, "longest side 20");
        Refused(Network, options with { Views = new() { Mirrored = true } }, "mirrored too");
        MaskWriter.Save(Mask(place, 0), new SegmentationMask(Workplace.Width, Workplace.Height, new byte[Workplace.Width * Workplace.Height]));
        byte[] foreign = File.ReadAllBytes(Mask(place, 0));
        Refused(Network, options, "does not say that an earlier run made it");
        Refused(Network, options with { Resume = false }, "does not say that an earlier run made it");
        CollectionAssert.AreEqual(foreign, File.ReadAllBytes(Mask(place, 0)));

        // Only results of this shard count; the same views said in another way are the same.
        File.WriteAllBytes(Mask(place, 0), mask);
        Assert.IsTrue(States(place, options with { Views = ViewOptions.AsIs }).All(state => state == BatchState.Kept));

        void Refused(DenseNetwork network, BatchOptions other, string part)
        {
            using BatchScorer scorer = new(network, other);
            IOException error = Assert.ThrowsExactly<IOException>(() => scorer.Prepare(ImageFolder.NamedImages(place.Images)));
            StringAssert.Contains(error.Message, Mask(place, 0));
            StringAssert.Contains(error.Message, part);
        }
    }

    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public void TwoImagesOfOneName_AreRefused(bool overlays)
    {
        using Workplace place = new(images: 3);
        using BatchScorer scorer = new(Network, new() { OutputFolder = place["out"], Overlays = overlays });
        IOException error = Assert.ThrowsExactly<IOException>(() => scorer.Prepare([new("a", place.Image(0)), new("b", place.Image(1)), new("a", place.Image(2))]));
        StringAssert.StartsWith(error.Message, $"{place.Image(0)} and {place.Image(2)}: their masks would have one name, 'a'.");
        Assert.IsFalse(Directory.Exists(place["out"]));
    }

    [TestMethod]
    [DataRow("")]
    [DataRow("/a")]
    [DataRow("../a")]
    [DataRow("b/../a")]
    [DataRow("b//a")]
    public void ANameThatLeadsOutOfTheFolder_IsRefused(string name)
    {
        using Workplace place = new(images: 1);
        using BatchScorer scorer = new(Network, new() { OutputFolder = place["out"] });
        IOException error = Assert.ThrowsExactly<IOException>(() => scorer.Prepare([new(name, place.Image(0))]));
        StringAssert.StartsWith(error.Message, $"{place.Image(0)}: {(name.Length == 0 ? "an empty name" : $"the name '{name}' cannot be")}");
        Assert.IsFalse(Directory.Exists(place["out"]));
    }

    [TestMethod]
    public void OfSeveralHeads_TheFolderOfAllIsLookedAtToo()
    {
        using Workplace place = new(images: 1);
        DenseNetwork network = MultiTaskNetwork.Build(MultiTaskNetworkTests.Configuration, [MultiTaskNetworkTests.Classes, MultiTaskNetworkTests.Edges]);
        File.WriteAllText(place["out"], "");
        Refused("out", $"{place["out"]}: this is a file.");
        Refused("mask.png", $"{place["mask.png"]}: the results need a folder,");
        Assert.IsFalse(Directory.Exists(place["mask.png"]));
        Directory.CreateDirectory(place["second"]);
        File.WriteAllText(place["second/edges"], "");
        Refused("second", $"{place["second/edges"]}: this is a file.");

        void Refused(string folder, string message)
        {
            using BatchScorer scorer = new(network, new() { OutputFolder = place[folder] });
            StringAssert.StartsWith(Assert.ThrowsExactly<IOException>(() => scorer.Prepare(ImageFolder.NamedImages(place.Images))).Message, message);
        }
    }

    [TestMethod]
    public void ANetworkThatIsFrozenOrNot_IsTheSame()
    {
        using Workplace place = new(images: 1);
        Score(place, new() { OutputFolder = place["out"] });
        using BatchScorer scorer = new(Network.Freeze(), new() { OutputFolder = place["out"], Resume = true });
        Assert.AreEqual(BatchState.Kept, scorer.Prepare(ImageFolder.NamedImages(place.Images)).Run().Single().State);
    }

    [TestMethod]
    public void AMaskDamagedInItsMiddle_IsNoticedWhereItIsRead()
    {
        using Workplace place = new(images: 1);
        Score(place, new() { OutputFolder = place["out"] });
        byte[] mask = File.ReadAllBytes(Mask(place, 0)), damaged = [.. mask];
        damaged[^20] ^= 1;
        File.WriteAllBytes(Mask(place, 0), damaged);
        CollectionAssert.AreEqual(new[] { BatchState.Scored }, States(place, new() { OutputFolder = place["out"], Resume = true, Measure = true }));
        CollectionAssert.AreEqual(mask, File.ReadAllBytes(Mask(place, 0)));
    }

    [TestMethod]
    public void OneScorer_DoesShardAfterShard()
    {
        using Workplace place = new(images: 9);
        using BatchScorer scorer = new(Network, new() { OutputFolder = place["out"], Resume = true });
        NamedFile[] images = [.. ImageFolder.NamedImages(place["images"])];
        List<string> done = [];
        for (int index = 1; index <= 3; index++)
        {
            BatchRun run = scorer.Prepare(images, new Shard(index, 3));
            string[] names = [.. run.Run().Select(result => result.Image.Name)];
            Assert.AreEqual(run.Count, names.Length);
            done.AddRange(names);
        }

        CollectionAssert.AreEquivalent(images.Select(image => image.Name).ToArray(), done);
    }

    [TestMethod]
    public void ShardsTogether_AreTheWhole()
    {
        using Workplace place = new(images: 9);
        Score(place, new() { OutputFolder = place["whole"] });
        for (int i = 1; i <= 4; i++)
        {
            Score(place, new() { OutputFolder = place["out"], Shard = new(i, 4), Resume = true });
        }

        string[] whole = [.. Directory.GetFiles(place["whole"]).Order(StringComparer.Ordinal)], parts = [.. Masks(place)];
        CollectionAssert.AreEqual(whole.Select(Path.GetFileName).ToArray(), parts.Select(Path.GetFileName).ToArray());
        for (int i = 0; i < whole.Length; i++)
        {
            CollectionAssert.AreEqual(File.ReadAllBytes(whole[i]), File.ReadAllBytes(parts[i]));
        }
    }

    [TestMethod]
    public void ImagesThatCannotBeScored_AreResults_OrErrors()
    {
        using Workplace place = new(images: 3);
        File.WriteAllText(place.Image(1), "not an image");
        BatchOptions options = new() { OutputFolder = place["out"], Measure = true };
        using BatchScorer scorer = new(Network, options), strict = new(Network, options with { FailFast = true });
        BatchResult[] results = [.. scorer.Prepare(ImageFolder.NamedImages(place.Images)).Run()];
        CollectionAssert.AreEqual(new[] { BatchState.Scored, BatchState.Failed, BatchState.Scored }, results.Select(result => result.State).ToArray());
        StringAssert.Contains(results[1].Reason, place.Image(1));
        Assert.ThrowsExactly<InvalidDataException>(() => strict.Prepare(ImageFolder.NamedImages(place.Images)).Run().Count());
    }

    [TestMethod]
    [DataRow(252, "", false)]
    [DataRow(244, "", true)]
    [DataRow(256, "/x", false)]
    public void ANameThatIsTooLong_IsAFaultOfItsImage(int length, string rest, bool overlays)
    {
        using Workplace place = new(images: 3);
        NamedFile[] images = [new("a", place.Image(0)), new(new string('b', length) + rest, place.Image(1)), new("c", place.Image(2))];
        BatchOptions options = new() { OutputFolder = place["out"], Overlays = overlays, Resume = true };
        BatchState[] expected = [BatchState.Scored, BatchState.Failed, BatchState.Scored];
        for (int run = 0; run < 2; run++)
        {
            using BatchScorer scorer = new(Network, options);
            BatchResult[] results = [.. scorer.Prepare(images).Run()];
            CollectionAssert.AreEqual(expected, results.Select(result => result.State).ToArray());
            StringAssert.StartsWith(results[1].Reason, $"{place.Image(1)}: the name of its {(overlays ? "overlay" : "mask")} would be longer than 255 bytes");
            expected[0] = expected[2] = BatchState.Kept;
        }

        Assert.IsEmpty(Directory.GetFileSystemEntries(place["out"], "b*"));
        using BatchScorer strict = new(Network, options with { FailFast = true });
        Assert.ThrowsExactly<PathTooLongException>(() => strict.Prepare(images).Run().Count());
    }

    /// <summary>In tiles an image is read twice where its exposure is measured first.</summary>
    [TestMethod]
    [DoNotParallelize]
    public void AFaultyImage_IsWarnedOfOnce()
    {
        using Workplace place = new(images: 1);
        byte[] samples = TestPng.RandomSamples(1, 40, 32, ColorModel.Rgb, 8), data = TestPng.Deflate(TestPng.Scanlines(40, 32, ColorModel.Rgb, 8, samples, interlaced: false, filter: 0));
        data[^1] ^= 1;
        File.WriteAllBytes(place.Image(0), TestPng.File(TestPng.Header(40, 32, ColorModel.Rgb, 8), TestPng.Chunk("IDAT", data), TestPng.Chunk("IEND")));
        List<string> warnings = [];
        ImageReadOptions before = ImageReadOptions.Default;
        try
        {
            ImageReadOptions.Default = new() { OnWarning = warnings.Add };
            using BatchScorer scorer = new(Network.WithExposure(ImageExposure.Of(102)), new() { OutputFolder = place["out"], Views = ViewOptions.InTiles(new() { Side = 96, Halo = 16 }) });
            Assert.AreEqual(BatchState.Scored, scorer.Prepare(ImageFolder.NamedImages(place.Images)).Run().Single().State);
        }
        finally
        {
            ImageReadOptions.Default = before;
        }

        StringAssert.StartsWith(warnings.Single(), place.Image(0));
    }

    [TestMethod]
    public void ALinkInACircle_FailsByItself_AlsoWhereARunGoesOn()
    {
        using Workplace place = new(images: 2);
        File.CreateSymbolicLink(place["images/circle.png"], "circle.png");
        File.WriteAllLines(place["list.txt"], ["images/000.png", "images/circle.png", "images/001.png"]);
        BatchState[] expected = [BatchState.Scored, BatchState.Failed, BatchState.Scored];
        foreach (bool resume in new[] { false, true })
        {
            using BatchScorer scorer = new(Network, new() { OutputFolder = place["out"], Resume = resume });
            CollectionAssert.AreEqual(expected, scorer.Prepare(ImageManifest.Open(place["list.txt"])).Run().Select(result => result.State).ToArray());
            expected[0] = expected[2] = BatchState.Kept;
        }
    }

    [TestMethod]
    public void ACancelledRun_LeavesNothingHalf()
    {
        using Workplace place = new(images: 40);
        using CancellationTokenSource source = new();
        using (BatchScorer scorer = new(Network, new() { OutputFolder = place["out"], Threads = 1 }))
        {
            BatchRun run = scorer.Prepare(ImageFolder.NamedImages(place.Images));
            Assert.ThrowsExactly<OperationCanceledException>(() =>
            {
                foreach (BatchResult _ in run.Run(source.Token))
                {
                    source.Cancel();
                }
            });
        }

        BatchState[] states = States(place, new() { OutputFolder = place["out"], Resume = true });
        Assert.AreEqual(BatchState.Kept, states[0]);
        Assert.AreEqual(BatchState.Scored, states[^1]);
        Assert.IsEmpty(Directory.GetFiles(place["out"], ".*"));
    }

    [TestMethod]
    public void TheTableHoldsWhatTheMasksHold_AlsoOfARunInParts()
    {
        using Workplace place = new(images: 5);
        File.WriteAllText(place.Image(3), "not an image");
        ResultTable table = new(Network);
        CollectionAssert.AreEqual(
            new[] { "name", "image", "status", "reason", "width", "height", "mask", "pixels: class 0", "pixels: class 1", "pixels: class 2" },
            table.Columns.Select(column => column.Name).ToArray());
        Save("whole.csv", new() { OutputFolder = place["whole"], Measure = true });
        States(place, new() { OutputFolder = place["out"], Shard = new(1, 2) });
        Save("parts.csv", new() { OutputFolder = place["out"], Measure = true, Resume = true });
        CollectionAssert.AreEqual(File.ReadAllBytes(place["whole.csv"]), File.ReadAllBytes(place["parts.csv"]));

        string[] lines = File.ReadAllLines(place["whole.csv"]);
        Assert.HasCount(6, lines);
        StringAssert.StartsWith(lines[4], $"003,{place.Image(3)},failed,");
        foreach (int i in new[] { 0, 1, 2, 4 })
        {
            long[] pixels = MaskReader.ReadClassIndices(Mask(place, i)).CountLabels();
            Assert.AreEqual($"00{i},{place.Image(i)},scored,,{Workplace.Width},{Workplace.Height},00{i}.png,{pixels[0]},{pixels[1]},{pixels[2]}", lines[1 + i]);
        }

        void Save(string name, BatchOptions options)
        {
            using BatchScorer scorer = new(Network, options);
            table.SaveCsv(place[name], scorer.Prepare(ImageFolder.NamedImages(place.Images)).Run());
        }
    }

    [TestMethod]
    public void TheTableOfSaliency_HasTheMean()
    {
        using Workplace place = new(images: 1);
        DenseNetwork network = PipelineNetworks.Saliency();
        using BatchScorer scorer = new(network, new() { OutputFolder = place["out"], Measure = true });
        object?[] row = new ResultTable(network).Row(scorer.Prepare(ImageFolder.NamedImages(place.Images)).Run().Single());
        Assert.AreEqual(MaskReader.ReadGray(Mask(place, 0)).Values.Average(value => (double)value) / 255, (double)row[^1]!, 1e-12);
        using BatchScorer unmeasured = new(network, new() { OutputFolder = place["out"] });
        BatchResult result = unmeasured.Prepare(ImageFolder.NamedImages(place.Images)).Run().Single();
        Assert.ThrowsExactly<ArgumentException>(() => new ResultTable(network).Row(result));
    }

    private static BatchState[] States(Workplace place, BatchOptions options)
    {
        using BatchScorer scorer = new(Network, options);
        return [.. scorer.Prepare(ImageFolder.NamedImages(place.Images)).Run().Select(result => result.State)];
    }

    private static void Score(Workplace place, BatchOptions options) => Assert.IsTrue(States(place, options).All(state => state == BatchState.Scored));

    private static string Mask(Workplace place, int i) => Path.Combine(place["out"], $"{i:D3}.png");

    private static IEnumerable<string> Masks(Workplace place) => Directory.GetFiles(place["out"]).Order(StringComparer.Ordinal);
}
