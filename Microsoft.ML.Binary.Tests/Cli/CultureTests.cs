namespace Microsoft.ML.Binary.Tests.Cli;

/// <summary>What commands print and write is the same everywhere.</summary>
[TestClass]
public sealed class CultureTests
{
    [TestMethod]
    public void CommandsDoNotDependOnTheCulture()
    {
        using Workplace place = new();
        string model = place.SegmentationModel();
        AssertSame("inspect", "--model", model, "--size", "1280x720", "--json", place["out"]);
        AssertSame("evaluate", "--model", model, "--images", place.Images, "--masks", place.Masks, "--json", place["out"]);
        AssertSame("evaluate", "--model", place.SaliencyModel(), "--images", place.Images, "--masks", place.Objects, "--csv", place["out"]);
        AssertSame("map", "--model", model, "--arch", "eyeriss", "--size", "64x64", "--json", place["out"]);
        AssertSame("evaluate", "--model", model, "--images", place.Images, "--masks", place.Masks, "--scales", "0.5,1.5");

        void AssertSame(params string[] command) => OddCulture.AssertSame(
            () =>
            {
                File.Delete(place["out"]);
                string printed = string.Join('\n', CommandRun.Lines(command));
                return printed + (File.Exists(place["out"]) ? File.ReadAllText(place["out"]) : "");
            },
            string.Join(' ', command));
    }
}
