using System.Runtime.Intrinsics;
using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Kernels;

namespace Microsoft.ML.Binary.Tests.Kernels;

/// <summary>
/// The matrix products of training against scalar loops. The tiles of all vector widths are called directly, so that the narrow ones are
/// tested on machines that would choose the wide ones, and the wide ones run through their software fallback elsewhere.
/// </summary>
[TestClass]
public sealed unsafe class TapProductTests
{
    private delegate void ProductTile(int terms, float* weight, int* offsets, float* x, float* y, int yPlane, int pixels);

    private delegate void GradientTile(
        float* dy, int dyPlane, float* x, int* offsets, float* gradient, int terms, int pixels, int segments, int dySegment, int xSegment);

    [TestMethod]
    [DataRow(0, 5)]
    [DataRow(1, 1)]
    [DataRow(7, 16)]
    [DataRow(27, 45)]
    [DataRow(40, 100)]
    public void ProductTilesOfAllWidths(int terms, int pixels)
    {
        CheckProduct(TapProduct.Tile<Lanes1>, terms, pixels);
        CheckProduct(TapProduct.Tile<Lanes128>, terms, pixels);
        CheckProduct(TapProduct.Tile<Lanes256>, terms, pixels);
        CheckProduct(TapProduct.Tile<Lanes512>, terms, pixels);
    }

    [TestMethod]
    [DataRow(1, 1)]
    [DataRow(16, 1)]
    [DataRow(45, 3)]
    [DataRow(100, 2)]
    public void GradientTilesOfAllWidths(int pixels, int segments)
    {
        CheckGradientTile(WeightGradient.Tile<Lanes1>, pixels, segments);
        CheckGradientTile(WeightGradient.Tile<Lanes128>, pixels, segments);
        CheckGradientTile(WeightGradient.Tile<Lanes256>, pixels, segments);
        CheckGradientTile(WeightGradient.Tile<Lanes512>, pixels, segments);
    }

    [TestMethod]
    [DataRow(1, 2, 20)]
    [DataRow(12, 5, 33)]
    [DataRow(29, 9, 64)]
    public void ProductOverAllBlocks(int outputs, int terms, int pixels)
    {
        int yPlane = pixels + TapProduct.Slack, planes = TapProduct.PaddedOutputs(outputs);
        float[] weight = Random(outputs * terms, 1), x = Random(terms + pixels + TapProduct.Slack, 2), y = new float[planes * yPlane];
        float[] packed = [.. Enumerable.Repeat(float.NaN, TapProduct.PackedLength(outputs, terms))];
        int[] offsets = [.. Enumerable.Range(0, terms).Reverse()];
        for (int block = 0; block < TapProduct.Blocks(outputs); block++)
        {
            TapProduct.Pack(weight, outputs, terms, block, packed);
        }

        fixed (float* w = packed, px = x, py = y)
        {
            fixed (int* o = offsets)
            {
                KernelSet.Best.TapProduct(outputs, terms, w, o, px, py, yPlane, pixels);
            }
        }

        for (int i = 0; i < outputs * pixels; i++)
        {
            (int output, int v) = (i / pixels, i % pixels);
            double expected = Enumerable.Range(0, terms).Sum(t => (double)weight[output * terms + t] * x[offsets[t] + v]);
            Assert.AreEqual(expected, y[output * yPlane + v], 1e-5 * terms, $"output {output}, pixel {v}");
        }
    }

    // 512 pixels is the chunk: below it images are summed inside the tile, above it one chunk after the other.
    [TestMethod]
    [DataRow(3, 20, 3)]
    [DataRow(6, 512, 2)]
    [DataRow(9, 513, 2)]
    [DataRow(3, 1300, 1)]
    public void GradientOverAllChunks(int terms, int pixels, int images)
    {
        int outputs = WeightGradient.TileOutputs, plane = pixels + TapProduct.Slack, xImage = terms + plane;
        float[] dy = PaddedPlanes(images * outputs, pixels, plane, 1), x = Random(images * xImage, 2);
        float[] gradient = [.. Enumerable.Repeat(0.5f, outputs * terms)];
        int[] offsets = [.. Enumerable.Range(0, terms).Reverse()];
        fixed (float* d = dy, px = x, g = gradient)
        {
            fixed (int* o = offsets)
            {
                KernelSet.Best.WeightGradient(d, plane, outputs * plane, px, xImage, o, g, terms, pixels, images);
            }
        }

        CheckGradient(gradient, dy, outputs * plane, plane, x, xImage, offsets, pixels, images);
    }

    private static void CheckProduct(ProductTile tile, int terms, int pixels)
    {
        const int outputs = TapProduct.TileOutputs;
        int step = 4 * Vector256<float>.Count, yPlane = (pixels + step - 1) / step * step;
        float[] weight = Random(terms * outputs, 1), x = Random(2 * terms + pixels + step, 2), y = new float[outputs * yPlane];
        int[] offsets = [.. Enumerable.Range(0, terms).Select(t => t * 2)];
        fixed (float* w = weight, px = x, py = y)
        {
            fixed (int* o = offsets)
            {
                tile(terms, w, o, px, py, yPlane, pixels);
            }
        }

        for (int i = 0; i < outputs * pixels; i++)
        {
            (int output, int v) = (i / pixels, i % pixels);
            double expected = Enumerable.Range(0, terms).Sum(t => (double)weight[t * outputs + output] * x[offsets[t] + v]);
            Assert.AreEqual(expected, y[output * yPlane + v], 1e-5 * (1 + terms), $"output {output}, pixel {v}");
        }
    }

    private static void CheckGradientTile(GradientTile tile, int pixels, int segments)
    {
        const int outputs = WeightGradient.TileOutputs;
        int plane = pixels + TapProduct.Slack, xSegment = plane + 10;
        float[] dy = PaddedPlanes(segments * outputs, pixels, plane, 1), x = Random(segments * xSegment, 2);
        float[] gradient = [.. Enumerable.Repeat(0.5f, outputs * 3)];
        int[] offsets = [7, 0, 10];
        fixed (float* d = dy, px = x, g = gradient)
        {
            fixed (int* o = offsets)
            {
                tile(d, plane, px, o, g, 3, pixels, segments, outputs * plane, xSegment);
            }
        }

        CheckGradient(gradient, dy, outputs * plane, plane, x, xSegment, offsets, pixels, segments);
    }

    private static void CheckGradient(
        float[] gradient, float[] dy, int dyImage, int dyPlane, float[] x, int xImage, int[] offsets, int pixels, int images)
    {
        for (int i = 0; i < gradient.Length; i++)
        {
            (int output, int t) = (i / offsets.Length, i % offsets.Length);
            double expected = 0.5;
            for (int v = 0; v < images * pixels; v++)
            {
                (int image, int pixel) = (v / pixels, v % pixels);
                expected += (double)dy[image * dyImage + output * dyPlane + pixel] * x[image * xImage + offsets[t] + pixel];
            }

            Assert.AreEqual(expected, gradient[i], 1e-4 * Math.Sqrt(images * pixels), $"output {output}, term {t}");
        }
    }

    // After the pixels dy holds zeros, which the tiles rely on.
    private static float[] PaddedPlanes(int planes, int pixels, int plane, long seed)
    {
        float[] values = Random(planes * plane, seed);
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = i % plane < pixels ? values[i] : 0;
        }

        return values;
    }

    private static float[] Random(int count, long seed)
    {
        RandomStream random = new(seed);
        float[] values = new float[count];
        for (int i = 0; i < count; i++)
        {
            values[i] = random.NextNormal();
        }

        return values;
    }
}
