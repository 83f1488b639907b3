using System.Numerics.Tensors;
using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Kernels;

namespace Microsoft.ML.Binary.Training.Operations;

/// <summary>
/// The padded planes that a convolution reads in training, as in compiled plans: every tap is a plane at a constant offset, and a stride-2
/// convolution reads the four phases of its input as planes of their own. Output pixel (y, x) is at y * pitch + x from the first, and the
/// border pixels between rows are computed for nothing.
/// </summary>
internal sealed class ConvolutionLayout(ConvolutionGeometry geometry, int outputHeight, int outputWidth)
{
    public ConvolutionGeometry Geometry => geometry;

    /// <summary>A plane of the output's size, or a phase plane of the input.</summary>
    public PlaneLayout Plane { get; } = new(outputHeight, outputWidth, geometry.Padding);

    public Tap[] Taps { get; } = WindowTaps.Of(geometry.Kernel, geometry.Stride, geometry.Dilation);

    /// <summary>Output pixels computed for a plane, those between rows included.</summary>
    public int Pixels => (Plane.Height - 1) * Plane.Pitch + Plane.Width;

    public int Phases => geometry.Stride * geometry.Stride;

    /// <summary>The offset at which the forward pass reads a tap, from the start of the input's planes.</summary>
    public int ForwardOffset(Tap tap) => tap.Phase * Plane.Length + Plane.Offset(tap.Row, tap.Column);

    /// <summary>The offset at which the gradient of the input reads the gradient of the output for a tap, from the plane's start.</summary>
    public int BackwardOffset(Tap tap) => Plane.Offset(-tap.Row, -tap.Column);

    /// <summary>Copies one input plane into its phase planes, padded with a value.</summary>
    public void Pad(ReadOnlySpan<float> plane, Span<float> phases, float padding = 0)
    {
        int stride = geometry.Stride, inputWidth = Plane.Width * stride;
        for (int phase = 0; phase < Phases; phase++)
        {
            Span<float> padded = phases.Slice(phase * Plane.Length, Plane.Length);
            padded.Fill(padding);
            for (int row = 0; row < Plane.Height; row++)
            {
                ReadOnlySpan<float> source = plane.Slice((row * stride + phase / stride) * inputWidth, inputWidth);
                Span<float> target = padded.Slice(Plane.Offset(row, 0), Plane.Width);
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
        padded[..Plane.Length].Clear();
        for (int row = 0; row < Plane.Height; row++)
        {
            plane.Slice(row * Plane.Width, Plane.Width).CopyTo(padded.Slice(Plane.Offset(row, 0), Plane.Width));
        }
    }

    /// <summary>Copies (or adds) the pixels of one phase back to their places; <paramref name="source"/> starts at pixel (0, 0).</summary>
    public void Unpad(ReadOnlySpan<float> source, int phase, Span<float> plane, bool accumulate)
    {
        int stride = geometry.Stride, inputWidth = Plane.Width * stride;
        for (int row = 0; row < Plane.Height; row++)
        {
            ReadOnlySpan<float> from = source.Slice(row * Plane.Pitch, Plane.Width);
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
}
