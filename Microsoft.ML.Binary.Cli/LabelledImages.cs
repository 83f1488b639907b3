using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Imaging;
using Microsoft.ML.Binary.Training;

namespace Microsoft.ML.Binary.Cli;

/// <summary>Images with masks, decoded by the same code as in ML.NET pipelines.</summary>
internal static class LabelledImages
{
    /// <summary>Decodes the files of a set one after the other, several at a time.</summary>
    /// <param name="pairs">The files.</param>
    /// <param name="task">How masks are meant.</param>
    /// <param name="classes">Classes that the labels are checked against, where there are classes.</param>
    /// <param name="colors">What colours mean in masks that store them; null refuses colours.</param>
    /// <param name="threads">Files that are decoded at a time.</param>
    /// <param name="neededLongestSide">The size that images are needed at, at most; 0 for all of their pixels. Masks have all of theirs, so that they can be checked as they were read.</param>
    public static IEnumerable<TrainingSample> Stream(
        IEnumerable<ImagePair> pairs, DenseTask task, int? classes, int threads, MaskColors? colors = null, int neededLongestSide = 0) =>
        OrderedParallel.Map(pairs, threads, pair => Read(pair, task, classes, colors, neededLongestSide));

    /// <summary>Width and height of every image.</summary>
    public static IEnumerable<(int Width, int Height)> Sizes(IEnumerable<string> images, int threads) => OrderedParallel.Map(images, threads, path =>
    {
        ImageInfo info = ImageReader.ReadInfo(path);
        return (info.Width, info.Height);
    });

    /// <summary>Decodes one image and its mask.</summary>
    /// <exception cref="InvalidDataException">A file is damaged, the sizes differ, or a label is out of range; the message names the file.</exception>
    public static TrainingSample Read(ImagePair pair, DenseTask task, int? classes, MaskColors? colors = null, int neededLongestSide = 0) =>
        CliTask.Of(task).Read(pair, classes, colors, neededLongestSide);
}
