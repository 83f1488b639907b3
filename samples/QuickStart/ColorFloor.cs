using System.Numerics;
using Microsoft.ML.Binary;
using Microsoft.ML.Binary.Imaging;
using QuickStart.Scenes;

namespace QuickStart;

/// <summary>What can be had without any learning of shapes and textures: the floors that a network has to rise above.</summary>
internal static class ColorFloor
{
    /// <summary>Mean IoU on the test scenes of taking, for each pixel, the class whose mean colour in the training scenes is nearest.</summary>
    public static double MeanIoU(SceneFolder train, SceneFolder test)
    {
        Vector3[] means = MeanColors(train);
        SegmentationMetricsAccumulator metrics = new(Enum.GetNames<SceneClass>());
        foreach ((string name, RgbImage image, byte[] labels) in Read(test))
        {
            byte[] nearest = new byte[labels.Length];
            for (int i = 0; i < labels.Length; i++)
            {
                Vector3 color = ColorOf(image, i);
                nearest[i] = (byte)Enumerable.Range(0, means.Length).MinBy(c => Vector3.DistanceSquared(color, means[c]));
            }

            metrics.Add(name, labels, nearest, image.Width, image.Height);
        }

        return metrics.ToMetrics().MeanIoU;
    }

    /// <summary>Mean absolute error on the test scenes of saying that nothing is salient: the objects' share of the pixels.</summary>
    public static double MeanAbsoluteError(SceneFolder test)
    {
        SaliencyMetricsAccumulator metrics = new(new SaliencyMetricsOptions { Measures = SaliencyMeasures.ErrorAndF });
        foreach (ImagePair pair in ImageFolder.Pair(test.Images, test.Objects))
        {
            SaliencyMask truth = MaskReader.ReadGray(pair.MaskPath);
            metrics.Add(pair.Name, new byte[truth.Values.Length], truth.Values, truth.Width, truth.Height);
        }

        return metrics.ToMetrics().MeanAbsoluteError;
    }

    private static Vector3[] MeanColors(SceneFolder train)
    {
        Vector3[] sums = new Vector3[Enum.GetValues<SceneClass>().Length];
        int[] counts = new int[sums.Length];
        foreach ((_, RgbImage image, byte[] labels) in Read(train))
        {
            for (int i = 0; i < labels.Length; i++)
            {
                sums[labels[i]] += ColorOf(image, i);
                counts[labels[i]]++;
            }
        }

        return [.. sums.Zip(counts, (sum, count) => sum / count)];
    }

    private static IEnumerable<(string Name, RgbImage Image, byte[] Labels)> Read(SceneFolder set) => ImageFolder
        .Pair(set.Images, set.Classes)
        .Select(pair => (pair.Name, RgbImage.Load(pair.ImagePath), MaskReader.ReadClassIndices(pair.MaskPath).Labels));

    private static Vector3 ColorOf(RgbImage image, int pixel)
    {
        ReadOnlySpan<byte> rgb = image.Pixels.AsSpan(3 * pixel, 3);
        return new Vector3(rgb[0], rgb[1], rgb[2]);
    }
}
