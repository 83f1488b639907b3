using Microsoft.ML;
using Microsoft.ML.Binary;

namespace Images;

/// <summary>A typed transformer beside the chain that <c>ml.Model.Load</c> gives back of it.</summary>
internal static class ChainRun
{
    private const int Most = 50, Rounds = 9;

    public static void Run(string folder)
    {
        MLContext ml = new(seed: 1);
        int images = Turns.Files(folder, "*.png", int.MaxValue).Length;
        IDataView photos = ml.Data.TakeRows(ml.Data.LoadImages(folder), Most), oneByOne = ml.Data.TakeRows(ml.Data.LoadImages(folder, new() { ReadAhead = false }), Most);
        ITransformer typed = ml.Segmentation.Pretrained(PretrainedModel.RoadScene).Fit(photos);
        ITransformer single = ml.Segmentation.Pretrained(PretrainedModel.RoadScene, new() { Threads = 1 }).Fit(photos);
        string file = Path.GetTempFileName();
        try
        {
            ml.Model.Save(typed, photos.Schema, file);
            ITransformer loaded = ml.Model.Load(file, out _);
            Turns.Print(
                Math.Min(images, Most),
                Rounds,
                ("typed transformer, Threads = 1", () => Read(ml, single.Transform(photos))),
                ("typed transformer, Threads = 1, ReadAhead = false", () => Read(ml, single.Transform(oneByOne))),
                ("typed transformer", () => Read(ml, typed.Transform(photos))),
                ("typed transformer, ReadAhead = false", () => Read(ml, typed.Transform(oneByOne))),
                ("loaded chain", () => Read(ml, loaded.Transform(photos))),
                ("the images alone", () => Read(ml, photos)));
        }
        finally
        {
            File.Delete(file);
        }
    }

    private static void Read(MLContext ml, IDataView view)
    {
        if (view.Schema.GetColumnOrNull(ImageDataColumns.PredictedLabel) is null)
        {
            foreach (ImageRow _ in ml.Data.CreateEnumerable<ImageRow>(view, reuseRowObject: true))
            {
            }
        }
        else
        {
            foreach (SegmentationPrediction _ in ml.Data.CreateEnumerable<SegmentationPrediction>(view, reuseRowObject: true))
            {
            }
        }
    }
}
