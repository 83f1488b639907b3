using Microsoft.ML.Binary.Files;
using Microsoft.ML.Binary.Graph;

namespace Microsoft.ML.Binary.Onnx;

/// <summary>
/// Writes a network as an ONNX file, for runtimes of other languages and devices and as a check of this one. The file uses operators of the
/// standard set 13 only. Input <c>image</c>: float [1, 3, H, W], red, green, blue, 0..255. Output <c>logits</c>: float [1, C, H, W], before
/// softmax (segmentation) or sigmoid (saliency). An image whose sides are not multiples of the network's alignment is padded and the logits
/// cropped inside. Task, class names (one per line) and palette are in the file's metadata under <c>task</c>, <c>classes</c> and <c>palette</c>. The file
/// does not resize: where the network has a working size, that is in the metadata under <c>working_size</c>, and the caller brings the image's longest
/// side to so many pixels (area averaging down, bilinear up: <c>RgbImage.Resize</c>) and enlarges the logits to the image's own size. Nor does it
/// change exposures: <c>exposure</c> is the mean that images are brought to (<see cref="ImageExposure"/>).
/// </summary>
/// <remarks>
/// One-bit weights and signs become floats of +1 and -1: a runtime computes the same integers from them, but takes 32 times the memory
/// for weights and the time of a float network. Elsewhere a runtime may round differently from the exactly defined arithmetic of a frozen
/// network, and where such a difference carries a value over the threshold of a sign, logits differ visibly.
/// </remarks>
/// <example>
/// <code>
/// OnnxExporter.Save(network, "road.onnx", new() { Size = (480, 360) });
/// </code>
/// </example>
public static class OnnxExporter
{
    /// <summary>Writes the file whole or not at all; see <see cref="OnnxExporter"/> for what is in it.</summary>
    /// <param name="network">Binary or float; one that is not frozen yet is frozen first.</param>
    /// <param name="path">The file; what was there is replaced.</param>
    /// <param name="options">Image size and further outputs; none for the defaults.</param>
    /// <exception cref="ArgumentException">An option is out of range or names a node that the frozen network does not have.</exception>
    /// <exception cref="GraphException">A parameter is not finite, or there is no ONNX form of a node.</exception>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public static void Save(DenseNetwork network, string path, OnnxExportOptions? options = null) =>
        AtomicFile.Write(path, ToBytes(network, options));

    /// <summary>The bytes of the file; the same network and options give the same bytes.</summary>
    /// <inheritdoc cref="Save"/>
    public static byte[] ToBytes(DenseNetwork network, OnnxExportOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(network);
        OnnxGraph graph = new GraphExport(Freezing.Freeze(network.Graph), options ?? new OnnxExportOptions()).Run();
        return OnnxModelWriter.Model(graph, network.Task.Name, Metadata(network));
    }

    private static IEnumerable<KeyValuePair<string, string>> Metadata(DenseNetwork network)
    {
        yield return new("task", network.Task.Name);
        if (network.Heads.Length > 1)
        {
            yield return new("heads", string.Join('\n', network.Heads.Select(head => $"{network.OutputOf(head)}\t{head.Name}\t{head.Task.Name}\t{string.Join('\t', head.ClassNames)}".TrimEnd('\t'))));
        }

        if (!network.ClassNames.IsEmpty)
        {
            yield return new("classes", string.Join('\n', network.ClassNames));
        }

        if (!network.WorkingSize.IsOwn)
        {
            yield return new("working_size", network.WorkingSize.ToString());
        }

        if (!network.Exposure.IsAsIs)
        {
            yield return new("exposure", network.Exposure.ToString());
        }

        if (!network.Palette.IsEmpty)
        {
            yield return new("palette", string.Join('\n', network.Palette));
        }
    }
}
