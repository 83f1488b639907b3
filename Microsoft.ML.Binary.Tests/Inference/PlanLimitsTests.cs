using System.Numerics;
using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Imaging;
using Microsoft.ML.Binary.Inference;
using Microsoft.ML.Binary.Kernels;

namespace Microsoft.ML.Binary.Tests.Inference;

/// <summary>Sizes that files choose: a plan has room for all of it, or there is no plan.</summary>
[TestClass]
public class PlanLimitsTests
{
    private static readonly int[] s_sides = [1, 3, 64, 4096, 65_536, 1 << 20, 1 << 22, (1 << 22) + 1, 16_777_152, 33_554_400, 1 << 28, 536_870_880, int.MaxValue / 3];

    [TestMethod]
    public void LayoutsAreAsLargeAsTheyShouldOrRefused()
    {
        int refused = 0;
        foreach (int height in s_sides)
        {
            foreach (int width in s_sides)
            {
                foreach (int border in new[] { 0, 1, 2, 64 })
                {
                    try
                    {
                        PlaneLayout layout = PlanLimits.Layout(height, width, border);
                        BigInteger pitch = (BigInteger)width + border, margin = Tiles(border * (pitch + 1));
                        Assert.AreEqual(2 * margin + Tiles(height * pitch), layout.Length, $"{width}x{height}, border {border}");
                    }
                    catch (ImageTooLargeException e)
                    {
                        StringAssert.Contains(e.Message, "too large for this network");
                        refused++;
                    }
                }
            }
        }

        Assert.IsGreaterThan(100, refused);

        static BigInteger Tiles(BigInteger elements) => (elements + PlaneLayout.Tile - 1) / PlaneLayout.Tile * PlaneLayout.Tile;
    }

    [TestMethod]
    [DataRow("dead")]
    [DataRow("dilated")]
    [DataRow("stem")]
    [DataRow("attention")]
    [DataRow("packed attention")]
    [DataRow("classes")]
    [DataRow("shuffle")]
    public void APlanHasRoomForItsMapsOrIsRefused(string kind)
    {
        DenseGraph graph = Freezing.Freeze(Build(kind));
        using CompiledNetwork network = CompiledNetwork.Compile(graph);
        int refused = 0, planned = 0;

        // Memory goes by the pixels, which are few enough here for any width of numbers.
        const int Side = 256;
        double leastOfAPixel = 0.5 * network.Plan(Side, Side).ArenaBytes / (Side * Side);
        foreach (int height in s_sides)
        {
            foreach (int width in s_sides.Where(width => (long)width * height * 3 <= Array.MaxLength))
            {
                try
                {
                    InferencePlan plan = network.Plan(width, height);
                    planned++;
                    Assert.IsGreaterThanOrEqualTo(leastOfAPixel * width * height, plan.ArenaBytes, $"{width}x{height}");
                    Assert.IsTrue(plan.Steps.All(step => step.Items > 0 && step.ScratchBytes >= 0), $"{width}x{height}");
                }
                catch (ImageTooLargeException)
                {
                    refused++;
                }
            }
        }

        Assert.IsGreaterThan(0, planned);
        Assert.IsGreaterThan(0, refused);
    }

    [TestMethod]
    public void WhatARunMayTakeIsAnOption()
    {
        DenseGraph graph = Freezing.Freeze(Build("stem"));
        using CompiledNetwork network = CompiledNetwork.Compile(graph), small = CompiledNetwork.Compile(graph, new InferenceOptions { MaxRunBytes = 1 << 20 });
        RgbImage image = RandomNetworks.Image(1280, 960);
        byte[] labels = new byte[1280 * 960];
        network.PredictLabels(image, labels);
        StringAssert.Contains(
            Assert.ThrowsExactly<ImageTooLargeException>(() => small.PredictLabels(image, labels)).Message, "may take 1 MiB");
        small.PredictLabels(RandomNetworks.Image(16, 16), new byte[256]);
    }

    private static DenseGraph Build(string kind)
    {
        GraphBuilder builder = new(Precision.Binary, seed: 1);
        int image = builder.NormalizedImage([120, 110, 100], [60, 50, 55]);
        int pooled = builder.AveragePool(image, "pooled");
        int last;
        switch (kind)
        {
            case "dead":
                // A convolution that nothing reads must not widen the borders of the maps that are read.
                builder.Convolution(image, "dead", 1, new(3, 1, 64));
                last = builder.Upsample(builder.Convolution(pooled, "live", 2, new(1)), "up", 2, UpsampleMode.Nearest);
                break;
            case "dilated":
                last = builder.Upsample(builder.Convolution(pooled, "live", 2, new(3, 1, 64)), "up", 2, UpsampleMode.Bilinear);
                break;
            case "stem":
                int first = builder.Convolution(image, "first", 8, new(3, 2));
                int second = builder.Convolution(builder.Convolution(first, "second", 8, new(3, 2), groups: 8), "third", 2, new(1));
                last = builder.Upsample(second, "up", 4, UpsampleMode.Bilinear);
                break;
            case "attention" or "packed attention":
                int queries = builder.Convolution(pooled, "queries", 8, new(1)), values = builder.TokenSample(pooled, "values", 4);
                int keys = builder.TokenSample(queries, "keys", 4);
                bool signs = kind == "packed attention";
                last = builder.Upsample(
                    builder.ReducedAttention(signs ? builder.Sign(queries, "q") : queries, signs ? builder.Sign(keys, "k") : keys, values, "attention", 1),
                    "up", 2, UpsampleMode.Nearest);
                break;
            case "classes":
                last = builder.Upsample(builder.Convolution(pooled, "many", 2000, new(1)), "up", 2, UpsampleMode.Bilinear);
                break;
            default:
                last = builder.PixelShuffle(builder.Convolution(builder.AveragePool(pooled, "again"), "many", 32, new(1)), "shuffle", 4);
                break;
        }

        return builder.Build(new GraphOutput(DenseGraph.LogitsOutput, last));
    }
}
