using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Imaging;
using Microsoft.ML.Binary.Networks;

namespace Microsoft.ML.Binary.Tests.Pipeline;

/// <summary>Small networks with random weights, and images to put in.</summary>
internal static class PipelineNetworks
{
    /// <summary>Names of columns other than the usual ones.</summary>
    public static readonly SegmentationTransformerOptions OwnNames = new()
    {
        ImageColumnName = "Photo",
        PredictedLabelColumnName = "Classes",
        ScoreColumnName = "Probabilities",
        MaskHeightColumnName = "Rows",
        MaskWidthColumnName = "Columns",
    };

    public static DenseNetwork Segmentation(int seed = 1, int classes = 3) => new(
        Graph(classes, seed), DenseTask.Segmentation,
        [.. Enumerable.Range(0, classes).Select(i => $"class {i}")],
        [.. Enumerable.Range(0, classes).Select(i => $"#0000{i:X2}")]);

    public static DenseNetwork Saliency(int seed = 1) => new(Graph(1, seed), DenseTask.Saliency);

    /// <summary>An image of random colours in blocks, so that neighbouring pixels are alike.</summary>
    public static RgbImage Image(int width, int height, int seed = 1)
    {
        Random random = new(seed);
        RgbColor[] colors = [.. Enumerable.Range(0, 64).Select(_ => new RgbColor((byte)random.Next(256), (byte)random.Next(256), (byte)random.Next(256)))];
        RgbImage image = new(width, height);
        for (int y = 0; y < height; y++)
        {
            for (int x = 0; x < width; x++)
            {
                image[x, y] = colors[(y / 5 * 8 + x / 5) % colors.Length];
            }
        }

        return image;
    }

    /// <summary>Gives a network random shifts and offsets, without which every map of an untrained one would be close to constant.</summary>
    public static void Modulate(DenseGraph graph, int seed)
    {
        Random random = new(seed);
        foreach (Parameter parameter in graph.Parameters.Where(parameter => parameter.Role == ParameterRole.Modulation))
        {
            for (int i = 0; i < parameter.Values.Length; i++)
            {
                parameter.Values[i] += (float)(random.NextDouble() - 0.5);
            }
        }
    }

    private static DenseGraph Graph(int outputs, int seed)
    {
        DenseGraph graph = DenseNetworkBuilder.Build(TrainerTests.Tiny with { Outputs = outputs, Seed = seed });
        Modulate(graph, seed);
        return graph;
    }
}
