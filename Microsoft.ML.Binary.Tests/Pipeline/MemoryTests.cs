using Microsoft.ML.Data;

namespace Microsoft.ML.Binary.Tests.Pipeline;

[TestClass]
[DoNotParallelize]
public class MemoryTests
{
    private const int Side = 96;

    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public void ManyRowsTakeNoMoreMemoryThanFew(bool asLoadedModel)
    {
        using TestImages images = new((Side, Side));
        MLContext ml = new(1);
        ITransformer model = ml.Segmentation.FromNetwork(PipelineNetworks.Segmentation(), new() { ScoreColumnName = "Score" });
        if (asLoadedModel)
        {
            ml.Model.Save(model, null, images.File("model.zip"));
            model = ml.Model.Load(images.File("model.zip"), out _);
        }

        IDataView scored = model.Transform(ml.Data.LoadImages(Enumerable.Repeat(images.ImagePath(0), 1000)));
        using DataViewRowCursor cursor = scored.GetRowCursor([scored.Schema["PredictedLabel"], scored.Schema["Score"]]);
        ValueGetter<VBuffer<byte>> getLabels = cursor.GetGetter<VBuffer<byte>>(scored.Schema["PredictedLabel"]);
        ValueGetter<VBuffer<float>> getScores = cursor.GetGetter<VBuffer<float>>(scored.Schema["Score"]);
        VBuffer<byte> labels = default;
        VBuffer<float> scores = default;
        long after100 = 0;
        while (cursor.MoveNext())
        {
            getLabels(ref labels);
            getScores(ref scores);
            if (cursor.Position == 99)
            {
                after100 = Live();
            }
        }

        // One image more or less may be alive; 900 images would be 30 times as much.
        Assert.IsLessThan(after100 + 30L * 4 * Side * Side, Live());

        static long Live()
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
            return GC.GetTotalMemory(forceFullCollection: true);
        }
    }
}
