using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Imaging;
using Microsoft.ML.Binary.Kernels;

namespace Microsoft.ML.Binary.Inference.Steps;

/// <summary>
/// The last step: enlarges the logits row by row (so that full-size logits are never stored) and turns each row into what was asked for,
/// cropped to the image.
/// </summary>
/// <param name="name">What profiles call it.</param>
/// <param name="logits">Logits, of the padded image's size divided by <paramref name="factor"/>.</param>
/// <param name="factor">1, or the factor of a bilinear enlargement.</param>
/// <param name="output">Which of the plan's outputs it is.</param>
internal sealed unsafe class ResultStep(string name, MapView logits, int factor, int output) : PlanStep(name)
{
    private const MethodImplOptions Once = MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization;

    private readonly int[] _offsets = logits.WindowOffsets(new ConvolutionGeometry(Kernel: 1), sizeof(float));
    private readonly int _channels = logits.Planes, _width = factor * logits.Layout.Width;

    /// <summary>The logits, for whoever makes something else of them.</summary>
    public LogitRows Rows { get; } = new(logits, factor);

    public override int Items => factor * logits.Layout.Height;

    // Rows of logits, one row of sums or indices, and scratch of the enlargement: more than labels alone need.
    public override long ScratchBytes => ((_channels + 1L) * factor * BilinearRow.Padded(logits.Layout.Width) + BilinearRow.Scratch(logits.Layout.Width)) * sizeof(float);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Run(RunState state, int thread, int first, int last)
    {
        ResultTarget target = state.Targets[output];
        if (target.Values is null)
        {
            return;
        }

        Span<float> scratch = state.ScratchFloats(thread);
        for (int y = first; y < Math.Min(last, state.ImageHeight); y++)
        {
            switch (target.Kind)
            {
                case ResultKind.Labels:
                    Label(state, y, scratch, target);
                    break;
                case ResultKind.Logits:
                    Logits(state, y, scratch, target);
                    break;
                case ResultKind.Scores:
                    Score(state, y, scratch, target);
                    break;
                default:
                    Saliency(state, y, scratch, target);
                    break;
            }
        }
    }

    // A method for each kind of result: one network needs one of them.
    [MethodImpl(Once)]
    private void Saliency(RunState state, int y, Span<float> scratch, ResultTarget target)
    {
        int width = state.ImageWidth;
        Span<float> row = Fill(state, y, channels: 1, scratch, out Span<float> sums);
        if (target.Kind == ResultKind.Saliency)
        {
            state.Kernels.Sigmoid(row, new Span<float>((float*)target.Values + (long)y * width, width));
            return;
        }

        state.Kernels.Sigmoid(row, sums[..width]);
        SaliencyMask.Quantize(sums[..width], new Span<byte>((byte*)target.Values + (long)y * width, width));
    }

    [MethodImpl(Once)]
    private void Logits(RunState state, int y, Span<float> scratch, ResultTarget target)
    {
        int width = state.ImageWidth;
        Span<float> row = scratch[.._width], work = scratch[((_channels + 1) * _width)..];
        for (int c = 0; c < _channels; c++)
        {
            Span<float> line = new((float*)target.Values + ((long)c * state.ImageHeight + y) * width, width);
            if (width == _width)
            {
                Rows.Fill(state, c, y, line, work);
                continue;
            }

            Rows.Fill(state, c, y, row, work);
            row[..width].CopyTo(line);
        }
    }

    [MethodImpl(Once)]
    private void Score(RunState state, int y, Span<float> scratch, ResultTarget target)
    {
        int width = state.ImageWidth;
        Span<float> rows = Fill(state, y, _channels, scratch, out Span<float> sums);
        if (target.Labels is not null)
        {
            // Of the logits: rounding makes equal scores of some that differ.
            Span<int> indices = MemoryMarshal.Cast<float, int>(sums);
            state.Kernels.ArgMax(rows, _channels, _width, indices);
            state.Kernels.Narrow(indices[..width], new Span<byte>(target.Labels + (long)y * width, width));
        }

        state.Kernels.Softmax(rows, sums);
        float* pixel = (float*)target.Values + (long)y * width * _channels;
        for (int x = 0; x < width; x++)
        {
            for (int c = 0; c < _channels; c++)
            {
                *pixel++ = rows[c * _width + x] / sums[x];
            }
        }
    }

    // A row of logits of so many channels, and another row as scratch.
    [MethodImpl(Once)]
    private Span<float> Fill(RunState state, int y, int channels, Span<float> scratch, out Span<float> sums)
    {
        Span<float> rows = scratch[..(_channels * _width)], work = scratch[(rows.Length + _width)..];
        sums = scratch.Slice(rows.Length, _width);
        for (int c = 0; c < channels; c++)
        {
            Rows.Fill(state, c, y, rows.Slice(c * _width, _width), work);
        }

        return rows;
    }

    [MethodImpl(Once)]
    private void Label(RunState state, int y, Span<float> scratch, ResultTarget target)
    {
        Span<byte> labels = new((byte*)target.Values + (long)y * state.ImageWidth, state.ImageWidth);
        if (factor == 1)
        {
            Span<float> rows = Fill(state, y, _channels, scratch, out Span<float> sums);
            Span<int> indices = MemoryMarshal.Cast<float, int>(sums);
            state.Kernels.ArgMax(rows, _channels, _width, indices);
            state.Kernels.Narrow(indices[..labels.Length], labels);
            return;
        }

        Span<byte> row = MemoryMarshal.AsBytes(scratch)[.._width];
        (int top, int bottom, float down) = BilinearRow.Source(y, factor, logits.Layout.Height);
        int pitch = logits.Layout.Pitch;
        state.Kernels.ArgMaxEnlarged(
            state.Floats(top * pitch * sizeof(float)), _offsets, (bottom - top) * pitch, down, factor, row, scratch[PlaneLayout.WholeTiles(_width)..]);
        row[..labels.Length].CopyTo(labels);
    }
}

/// <summary>The rows of a plan's logits at the size of its padded image, each made when it is asked for.</summary>
/// <param name="logits">Logits, of the padded image's size divided by <paramref name="factor"/>.</param>
/// <param name="factor">1, or the factor of a bilinear enlargement.</param>
internal sealed class LogitRows(MapView logits, int factor)
{
    private readonly RealPlanes _planes = new(logits);

    public int Channels => logits.Planes;

    /// <summary>Values of a row.</summary>
    public int Width => factor * logits.Layout.Width;

    /// <summary>Floats of scratch for <see cref="Fill"/>.</summary>
    public int Scratch => BilinearRow.Scratch(logits.Layout.Width);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Fill(RunState state, int channel, int y, Span<float> row, Span<float> work)
    {
        if (factor == 1)
        {
            _planes.Row(state, channel, y).CopyTo(row);
            return;
        }

        (int top, int bottom, float down) = BilinearRow.Source(y, factor, logits.Layout.Height);
        state.Kernels.EnlargeBilinear(_planes.PaddedRow(state, channel, top), _planes.PaddedRow(state, channel, bottom), down, factor, row, work);
    }
}
