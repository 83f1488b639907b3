using System.Collections.Immutable;

namespace Microsoft.ML.Binary.Onnx;

/// <summary>What an ONNX file is made for.</summary>
/// <example>
/// <code>
/// OnnxExportOptions options = new() { Size = (480, 360) };                // null for images of any size
/// byte[] onnx = OnnxExporter.ToBytes(network, options);
/// </code>
/// </example>
public sealed record OnnxExportOptions
{
    /// <summary>The largest side of a fixed size.</summary>
    public const int MaxSide = 16384;

    /// <summary>
    /// The one image size that the file is for, each side from 1 to <see cref="MaxSide"/>; none (the default) for images of every size. With a
    /// fixed size the file holds no arithmetic on shapes, which some runtimes and accelerators do not take.
    /// </summary>
    public (int Width, int Height)? Size { get; init; }

    /// <summary>
    /// Names of nodes whose results become outputs beside the logits, under the same names (with a number after a name that an input or
    /// output of the graph has; that of the image is the input, or where it is padded <c>image/padded</c>), to find where two executions differ. Runtimes fuse operators less across them.
    /// </summary>
    public ImmutableArray<string> IntermediateOutputs { get; init; } = [];
}
