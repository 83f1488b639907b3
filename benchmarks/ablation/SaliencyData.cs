using Microsoft.ML.Binary;
using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Imaging;
using Microsoft.ML.Binary.Inference;
using Microsoft.ML.Binary.Networks;
using Microsoft.ML.Binary.Training;

namespace Ablation;

/// <summary>
/// Pictures with salient objects (MSRA10K) at half their size; every tenth by sorted name is the validation part. Decoding ten thousand takes a
/// minute, so what was decoded once is kept in one file.
/// </summary>
internal sealed class SaliencyData : Dataset
{
    private readonly TrainingSample[] _val;

    /// <summary>Reads the pictures of a folder with <c>images</c> and <c>masks</c>, or what is kept of them.</summary>
    public SaliencyData(string folder, string cache)
    {
        if (!File.Exists(cache))
        {
            Write(folder, cache);
        }

        ILookup<bool, TrainingSample> byPart = Read(cache).Select((sample, i) => (sample, i)).ToLookup(p => p.i % 10 == 9, p => p.sample);
        (Train, _val) = ([.. byPart[false]], [.. byPart[true]]);
    }

    public override string Name => "MSRA10K";

    public override DenseTask Task => DenseTask.Saliency;

    public override TrainingSample[] Train { get; }

    public override TrainingOptions Recipe { get; } = new()
    {
        CropWidth = 112,
        CropHeight = 112,
        Augmentation = new() { MinScale = 0.6f, MaxScale = 1.2f },
    };

    public override Headings Headings => new("max F", "MAE");

    public override NetworkConfiguration Reference(long seed) => NetworkConfiguration.For(NetworkPreset.Tiny, outputs: 1, seed: seed);

    public override Figures Measure(DenseGraph graph)
    {
        using CompiledNetwork compiled = CompiledNetwork.Compile(graph, new InferenceOptions { Threads = 1 });
        SaliencyMetricsAccumulator metrics = new(new() { KeepImages = false, Measures = SaliencyMeasures.ErrorAndF });
        foreach (TrainingSample sample in _val)
        {
            float[] saliency = new float[sample.Mask.Length];
            compiled.PredictSaliency(sample.Image, saliency);
            metrics.Add(sample.Name, saliency, sample.Mask, sample.Image.Width, sample.Image.Height);
        }

        SaliencyMetrics result = metrics.ToMetrics();
        return new(result.MaxF, result.MeanAbsoluteError);
    }

    private static void Write(string folder, string cache)
    {
        string unfinished = cache + ".part";
        using (BinaryWriter writer = new(File.Create(unfinished)))
        {
            foreach (ImagePair pair in ImageFolder.Pair(Path.Combine(folder, "images"), Path.Combine(folder, "masks")).OrderBy(p => p.ImagePath, StringComparer.Ordinal))
            {
                RgbImage image = RgbImage.Load(pair.ImagePath);
                byte[] mask = HalfSize.Mask([.. MaskReader.ReadGray(pair.MaskPath).Values], image.Width, image.Height);
                RgbImage half = HalfSize.Image(image);
                writer.Write(Path.GetFileName(pair.ImagePath));
                writer.Write(half.Width);
                writer.Write(half.Height);
                writer.Write(half.Pixels);
                writer.Write(mask);
            }
        }

        File.Move(unfinished, cache);
    }

    private static IEnumerable<TrainingSample> Read(string cache)
    {
        using BinaryReader reader = new(File.OpenRead(cache));
        while (reader.BaseStream.Position < reader.BaseStream.Length)
        {
            string name = reader.ReadString();
            (int width, int height) = (reader.ReadInt32(), reader.ReadInt32());
            byte[] pixels = reader.ReadBytes(3 * width * height), mask = reader.ReadBytes(width * height);
            yield return new(name, new RgbImage(width, height, pixels), mask);
        }
    }
}
