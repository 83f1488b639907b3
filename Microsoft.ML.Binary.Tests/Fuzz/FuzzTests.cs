using System.IO.Compression;
using Microsoft.ML.Binary.Fuzz;
using Microsoft.ML.Binary.Fuzz.Graphs;
using Microsoft.ML.Binary.Fuzz.Mutants;
using Microsoft.ML.Binary.Fuzz.Parsers;
using Microsoft.ML.Binary.Fuzz.Soak;

namespace Microsoft.ML.Binary.Tests.Fuzz;

/// <summary>The attacks of <c>Microsoft.ML.Binary.Fuzz</c>, for seconds instead of hours (docs/reliability.md).</summary>
[TestClass]
public sealed class FuzzTests
{
    [TestMethod]
    public void DamagedAndForgedFilesAreTakenOrRefused() => Runs(output => ParserRun.Run(6_000, seed: 100, [], threads: 1, corpus: null, output));

    [TestMethod]
    public void RandomNetworksMatchTheInterpreterOnEveryPath() => Runs(output => GraphRun.Run(60, seed: 100, threads: 1, output));

    [TestMethod]
    [TestCategory("SameBits")]
    public void RandomLayersOfMixedWidthsMatchTheInterpreterOnEveryPath() => Runs(output => GraphRun.RunLayers(150, seed: 100, threads: 1, output));

    /// <summary>Of the second the seeds of the networks wrap round to negative ones.</summary>
    [TestMethod]
    [DataRow(-1L)]
    [DataRow(9_300_000_000L)]
    public void AnySeedWillDo(long seed) => Runs(output => GraphRun.RunLayers(2, seed, threads: 1, output));

    [TestMethod]
    public void WordsThatAreNotUnderstoodAreRefused()
    {
        string[][] wrong = [[], ["graph"], ["graphs", "500"], ["graphs", "--cuont", "500"], ["graphs", "count", "500"], ["graphs", "--count"], ["graphs", "--minutes", "1"], ["graphs", "N", "1"]];
        foreach (string[] words in wrong)
        {
            Assert.IsNull(Arguments.Parse(words), string.Join(' ', words));
        }

        Assert.AreEqual(-1, Arguments.Parse(["graphs", "--count", "500", "--seed", "-1"])!.Long("seed", 1));
        Assert.AreEqual("a,b", Arguments.Parse(["parsers", "--targets", "a,b"])!.Text("targets", ""));
    }

    // It counts the threads and the memory of the process, which other tests have part in.
    [TestMethod]
    [DoNotParallelize]
    public void PredictionsOfManyCallersAreRightAndMemoryDoesNotGrow() => Runs(output => SoakRun.Run(TimeSpan.FromSeconds(3), seed: 100, picture: null, output));

    /// <summary>Every input that ever failed.</summary>
    [TestMethod]
    public void TheCorpusIsReadWithoutFault()
    {
        string corpus = Path.Combine(AppContext.BaseDirectory, "Corpus");
        int count = 0;
        foreach (Target target in ParserRun.All)
        {
            string folder = Path.Combine(corpus, target.Name);
            foreach (string path in Directory.Exists(folder) ? Directory.GetFiles(folder) : [])
            {
                Assert.IsNull(ParserRun.Try(target, File.ReadAllBytes(path), thoroughly: true, out _), path);
                count++;
            }
        }

        Assert.IsGreaterThan(0, count);
    }

    [TestMethod]
    public void FilesThatAreRightAreTaken()
    {
        foreach (Target target in ParserRun.All)
        {
            for (int i = 0; i < target.Seeds.Count; i++)
            {
                Assert.IsNull(ParserRun.Try(target, target.Seeds[i], thoroughly: true, out bool taken), $"{target.Name} {i}");
                Assert.IsTrue(taken, $"{target.Name} {i}");
            }
        }
    }

    [TestMethod]
    public void InputsAreTheSameAtAnyTime()
    {
        foreach (Target target in ParserRun.All)
        {
            Target again = (Target)Activator.CreateInstance(target.GetType())!;
            for (int i = 0; i < 20; i++)
            {
                CollectionAssert.AreEqual(target.Input(7, i), again.Input(7, i), target.Name);
            }
        }

        // Their unit is two seconds, so that the above may miss it.
        foreach (byte[] seed in ParserRun.All.OfType<ZipTarget>().Single().Seeds)
        {
            using ZipArchive zip = new(new MemoryStream(seed), ZipArchiveMode.Read);
            Assert.IsTrue(zip.Entries.All(entry => entry.LastWriteTime.Year == 1990));
        }
    }

    /// <summary>Which files are read thoroughly does not depend on those before.</summary>
    [TestMethod]
    public void SomeFilesAreChosenByWhatIsInThem()
    {
        byte[][] inputs = [.. Enumerable.Range(0, 400).Select(i => ParserRun.All[0].Input(7, i))];
        bool[] chosen = [.. inputs.Select(ParserRun.IsChosen)];
        CollectionAssert.AreEqual(chosen.Reverse().ToArray(), inputs.Reverse().Select(ParserRun.IsChosen).ToArray());
        Assert.IsTrue(chosen.Count(thoroughly => thoroughly) is > 20 and < 90);
    }

    [TestMethod]
    public void InputsAreDamagedOrForged()
    {
        foreach (Target target in ParserRun.All)
        {
            HashSet<string> seeds = [.. target.Seeds.Select(Convert.ToHexString)];
            int right = Enumerable.Range(0, 1000).Count(i => seeds.Contains(Convert.ToHexString(target.Input(5, i))));
            Assert.IsLessThan(20, right, target.Name);
        }
    }

    [TestMethod]
    public void MutantsAreWellFormed()
    {
        IReadOnlyList<Mutant> mutants = Mutant.Read(Path.Combine(AppContext.BaseDirectory, "Mutants", "mutants.txt"));
        Assert.IsGreaterThanOrEqualTo(100, mutants.Count);
        Assert.IsTrue(mutants.All(mutant => mutant.Original != mutant.Changed));
        foreach (string side in mutants.SelectMany(mutant => new[] { mutant.Original, mutant.Changed }))
        {
            Assert.AreEqual(side.Count(c => c is '('), side.Count(c => c is ')'), $"not a whole expression: {side}");
        }

        StringAssert.Contains(mutants[0].Into($"a {mutants[0].Original} b"), $"MutantSwitch.Is(1) ? ({mutants[0].Changed})");
        Assert.ThrowsExactly<InvalidDataException>(() => mutants[0].Into("nothing of the kind"));
    }

    /// <summary>The list keeps up with the code: each expression is still there.</summary>
    [TestMethod]
    public void MutantsFitTheSources()
    {
        string[] folders = [Path.Combine(Sources.Folder, "Microsoft.ML.Binary.Engine"), Path.Combine(Sources.Folder, "Microsoft.ML.Binary")];
        ILookup<string, string> sources = folders.SelectMany(folder => Directory.GetFiles(folder, "*.cs", SearchOption.AllDirectories)).ToLookup(path => Path.GetFileName(path)!);
        foreach (Mutant mutant in Mutant.Read(Path.Combine(AppContext.BaseDirectory, "Mutants", "mutants.txt")))
        {
            mutant.Into(File.ReadAllText(sources[mutant.File].Single()));
        }
    }

    private static void Runs(Func<TextWriter, bool> run)
    {
        using StringWriter output = new();
        Assert.IsTrue(run(output), output.ToString());
    }
}
