using System.Diagnostics;

namespace Microsoft.ML.Binary.Tests.Pipeline;

[TestClass]
public class FreshProcessTests
{
    [TestMethod]
    [DataRow(null, null)]
    [DataRow(FreshProcess.OtherImageType, null)]
    [DataRow(null, "DOTNET_EnableAVX512F")]
    [DataRow(null, "DOTNET_EnableAVX2")]
    public void SavedModelGivesTheSameBitsInAProcessThatKnowsNothingOfTheLibrary(string? argument, string? switchedOff)
    {
        MLContext ml = new(1);
        AssertSameBits(ml, ml.Segmentation().FromNetwork(TestNetworks.Segmentation()), argument, switchedOff);
    }

    [TestMethod]
    public void SoDoesAPretrainedOne()
    {
        MLContext ml = new(1);
        IDataView nothing = ml.Data.LoadFromEnumerable<ImageRow>([]);
        AssertSameBits(ml, ml.Segmentation().Pretrained(PretrainedModel.RoadScene).Fit(nothing));
    }

    private static void AssertSameBits(MLContext ml, SegmentationTransformer transformer, string? argument = null, string? switchedOff = null)
    {
        using TestImages images = new((21, 17));
        ml.Model.Save(transformer, null, images.File("model.zip"));
        ProcessStartInfo start = new(Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet")
        {
            ArgumentList = { "exec", typeof(FreshProcess).Assembly.Location, images.File("model.zip"), images.ImagePath(0), images.File("labels") },
            RedirectStandardError = true,
        };
        if (argument is not null)
        {
            start.ArgumentList.Add(argument);
        }

        if (switchedOff is not null)
        {
            start.Environment[switchedOff] = "0";
        }

        using Process process = Process.Start(start)!;
        string error = process.StandardError.ReadToEnd();
        process.WaitForExit();

        Assert.AreEqual(0, process.ExitCode, error);
        CollectionAssert.AreEqual(
            transformer.Transform(ml.Data.LoadImages(images.Images)).Vectors<byte>("PredictedLabel")[0], File.ReadAllBytes(images.File("labels")));
    }
}
