using Microsoft.ML.Binary.Imaging.Codec;

namespace Microsoft.ML.Binary.Imaging;

/// <summary>Writes a mask row by row, as <see cref="MaskWriter"/> would write it whole: an 8-bit gray PNG.</summary>
/// <example>
/// <code>
/// using FileStream file = File.Create("mask.png");
/// using MaskRowWriter writer = new(file, width: 12000, height: 9000, isClassIndices: true);
/// using CompiledNetwork tiled = CompiledNetwork.Compile(network, new() { Views = ViewOptions.InTiles() });
/// RowPrediction rows = tiled.BeginRows(12000, 9000, (head, y, labels) =&gt; writer.Add(labels));
/// </code>
/// </example>
public sealed class MaskRowWriter : IDisposable
{
    private readonly PngWriter _rows;
    private readonly int _width, _height;
    private int _row;

    /// <summary>Begins a mask.</summary>
    /// <param name="stream">Gets the PNG file; it stays open.</param>
    /// <param name="width">Pixels in a row.</param>
    /// <param name="height">Rows.</param>
    /// <param name="isClassIndices">Whether values are class indices; else they are saliency 0..255. It changes how the file is compressed, and nothing else.</param>
    public MaskRowWriter(Stream stream, int width, int height, bool isClassIndices)
        : this(stream, width, height, isClassIndices, note: null)
    {
    }

    internal MaskRowWriter(Stream stream, int width, int height, bool isClassIndices, PngNote? note)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(height, 1);
        (_width, _height) = (width, height);
        _rows = new(stream, width, height, ColorModel.Gray, isClassIndices, note: note);
    }

    /// <summary>Adds the next row; with the last the file is complete.</summary>
    /// <param name="values">A byte a pixel.</param>
    /// <exception cref="ArgumentException">It has another length, or all rows are there.</exception>
    public void Add(ReadOnlySpan<byte> values)
    {
        if (values.Length != _width || _row == _height)
        {
            throw new ArgumentException($"Row {_row} of a mask of {_width}x{_height} pixels has {values.Length} values; it must have {_width}, and the last row is {_height - 1}.", nameof(values));
        }

        _rows.Add(values);
        _row++;
    }

    /// <summary>Gives memory back. What is in the stream is no image unless all rows were added.</summary>
    public void Dispose() => _rows.Dispose();
}
