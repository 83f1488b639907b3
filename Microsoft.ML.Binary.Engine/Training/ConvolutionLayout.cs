using System.Numerics.Tensors;
using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Kernels;

namespace Microsoft.ML.Binary.Training;

/// <summary>A tap of the kernel: which phase plane it reads and how far from the output position, in that plane's pixels.</summary>
internal readonly record struct Tap(int Row, int Column, int Phase, int RowShift, int ColumnShift);

/// <summary>
/// The padded planes that a convolution reads, such that every tap is a plane at a constant offset. A stride-2 convolution reads the
/// four phases (even and odd rows and columns) of its input as planes of their own. Rows share their padding: the right border of one is
/// the left border of the next, so output pixel (y, x) is at y * Pitch + x, and the Border pixels between rows are computed for nothing.
/// </summary>
internal sealed class ConvolutionLayout
{
    public ConvolutionLayout(ConvolutionGeometry geometry, int outputHeight, int outputWidth)
    {
        (Geometry, Height, Width) = (geometry, outputHeight, outputWidth);
        int stride = geometry.Stride;
        List<Tap> taps = [];
        for (int row = 0; row < geometry.Kernel; row++)
        {
            for (int column = 0; column < geometry.Kernel; column++)
            {
                (int rowShift, int rowPhase) = Split(row * geometry.Dilation - geometry.Padding, stride);
                (int columnShift, int columnPhase) = Split(column * geometry.Dilation - geometry.Padding, stride);
                taps.Add(new Tap(row, column, rowPhase * stride + columnPhase, rowShift, columnShift));
            }
        }

        Taps = [.. taps];
        Border = taps.Max(tap => Math.Max(Math.Abs(tap.RowShift), Math.Abs(tap.ColumnShift)));
        Pitch = Width + Border;
        PlaneLength = (Height + 2 * Border) * Pitch + Border + TapProduct.Slack;
        Pixels = (Height - 1) * Pitch + Width;
    }

    public ConvolutionGeometry Geometry { get; }

    /// <summary>Rows of the output (and of a phase plane).</summary>
    public int Height { get; }

    /// <summary>Columns of the output (and of a phase plane).</summary>
    public int Width { get; }

    public Tap[] Taps { get; }

    /// <summary>Padding pixels on each side.</summary>
    public int Border { get; }

    public int Pitch { get; }

    /// <summary>Floats from one plane to the next.</summary>
    public int PlaneLength { get; }

    /// <summary>Output pixels computed for a plane, those between rows included.</summary>
    public int Pixels { get; }

    public int Phases => Geometry.Stride * Geometry.Stride;

    /// <summary>Where the pixel (0, 0) is in a padded plane.</summary>
    public int Origin => Border * Pitch + Border;

    /// <summary>The offset at which the forward pass reads a tap, from the plane's start.</summary>
    public int ForwardOffset(Tap tap) => Origin + tap.RowShift * Pitch + tap.ColumnShift;

    /// <summary>The offset at which the gradient of the input reads the gradient of the output for a tap.</summary>
    public int BackwardOffset(Tap tap) => Origin - tap.RowShift * Pitch - tap.ColumnShift;

    /// <summary>Copies one input plane into its phase planes, padded with zeros.</summary>
    public void Pad(ReadOnlySpan<float> plane, Span<float> phases)
    {
        int stride = Geometry.Stride, inputWidth = Width * stride;
        for (int phase = 0; phase < Phases; phase++)
        {
            Span<float> padded = phases.Slice(phase * PlaneLength, PlaneLength);
            padded.Clear();
            for (int row = 0; row < Height; row++)
            {
                ReadOnlySpan<float> source = plane.Slice((row * stride + phase / stride) * inputWidth, inputWidth);
                Span<float> target = padded.Slice(Origin + row * Pitch, Width);
                if (stride == 1)
                {
                    source.CopyTo(target);
                }
                else
                {
                    for (int x = 0; x < target.Length; x++)
                    {
                        target[x] = source[x * stride + phase % stride];
                    }
                }
            }
        }
    }

    /// <summary>Copies a plane of the output's size into a padded plane of zeros.</summary>
    public void PadOutput(ReadOnlySpan<float> plane, Span<float> padded)
    {
        padded[..PlaneLength].Clear();
        for (int row = 0; row < Height; row++)
        {
            plane.Slice(row * Width, Width).CopyTo(padded.Slice(Origin + row * Pitch, Width));
        }
    }

    /// <summary>Copies (or adds) the pixels of one phase back to their places; <paramref name="source"/> starts at pixel (0, 0).</summary>
    public void Unpad(ReadOnlySpan<float> source, int phase, Span<float> plane, bool accumulate)
    {
        int stride = Geometry.Stride, inputWidth = Width * stride;
        for (int row = 0; row < Height; row++)
        {
            ReadOnlySpan<float> from = source.Slice(row * Pitch, Width);
            Span<float> to = plane.Slice((row * stride + phase / stride) * inputWidth, inputWidth);
            if (stride > 1)
            {
                for (int x = 0; x < from.Length; x++)
                {
                    ref float cell = ref to[x * stride + phase % stride];
                    cell = accumulate ? cell + from[x] : from[x];
                }
            }
            else if (accumulate)
            {
                TensorPrimitives.Add(to, from, to);
            }
            else
            {
                from.CopyTo(to);
            }
        }
    }

    private static (int Shift, int Phase) Split(int offset, int stride)
    {
        int phase = (offset % stride + stride) % stride;
        return ((offset - phase) / stride, phase);
    }
}
