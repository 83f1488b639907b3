using System.Globalization;
using System.Text.Json;

namespace Microsoft.ML.Binary.Tests.Cli;

[TestClass]
public sealed class BenchCommandTests
{
    [TestMethod]
    [DataRow("tiny", "--precision", "float")]
    [DataRow("TINY", "--classes", "4")]
    public void Preset_IsMeasured(string preset, string option, string value)
    {
        using Workplace place = new();
        CommandRun.Lines("bench", "--model", preset, option, value, "--size", "40x24", "--threads", "2", "--runs", "4", "--json", place["a.json"]);
        Check(place["a.json"], threads: 2, runs: 4);
    }

    [TestMethod]
    public void SaliencyModel_IsMeasured()
    {
        using Workplace place = new();
        CommandRun.Lines("bench", "--model", place.SaliencyModel(), "--size", "40x24", "--threads", "1", "--runs", "3", "--json", place["a.json"]);
        Check(place["a.json"], threads: 1, runs: 3);
    }

    [TestMethod]
    public void Profile_NamesEveryPartOfTheNetwork_AndTheInterpreterIsTimed()
    {
        string[] lines = CommandRun.Lines(
            "bench", "--model", "tiny", "--size", "40x24", "--threads", "1", "--runs", "2", "--profile", "--interpreter");
        foreach (string part in new[] { "stem/", "stride4.0/", "stride8.0/", "stride16.0/", "attention/", "up8/", "up4/", "refine.0/", "classifier", "all steps", "reference interpreter" })
        {
            Assert.IsTrue(lines.Any(line => line.StartsWith(part, StringComparison.Ordinal)), part);
        }

        // The kinds of steps, largest share first, which come to all of the time.
        double[] shares = [.. lines.SkipWhile(line => !line.StartsWith("kind", StringComparison.Ordinal)).Skip(1).TakeWhile(line => line.Contains('%', StringComparison.Ordinal))
            .Select(line => double.Parse(line.Split('%')[0].Split(' ')[^1], CultureInfo.InvariantCulture))];
        Assert.IsTrue(shares.Length > 4 && shares.SequenceEqual(shares.OrderDescending()), string.Join(' ', shares));
        Assert.AreEqual(100, shares.Sum(), 0.05 * shares.Length);
    }

    private static void Check(string path, int threads, int runs)
    {
        using JsonDocument json = JsonDocument.Parse(File.ReadAllText(path));
        JsonElement root = json.RootElement, times = root.GetProperty("milliseconds");
        Assert.AreEqual(40, root.GetProperty("width").GetInt32());
        Assert.AreEqual(24, root.GetProperty("height").GetInt32());
        Assert.AreEqual(threads, root.GetProperty("threads").GetInt32());
        Assert.AreEqual(runs, root.GetProperty("runs").GetInt32());
        Assert.IsGreaterThan(0, times.GetProperty("min").GetDouble());
        Assert.IsGreaterThanOrEqualTo(times.GetProperty("min").GetDouble(), times.GetProperty("median").GetDouble());
        foreach (string time in new[] { "coldStart", "firstImage", "warmStart" })
        {
            Assert.IsGreaterThan(0, times.GetProperty(time).GetDouble(), time);
        }

        Assert.IsGreaterThanOrEqualTo(0, root.GetProperty("allocatedBytesPerRun").GetInt64());
    }
}
