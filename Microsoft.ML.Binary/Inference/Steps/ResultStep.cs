using Microsoft.ML.Binary.Kernels;

namespace Microsoft.ML.Binary.Inference.Steps;

/// <summary>
/// The last step: enlarges the logits row by row (so that full-size logits are never stored) and turns each row into what was asked for,
/// cropped to the image.
/// </summary>
/// <param name="name">What profiles call it.</param>
/// <param name="logits">Logits, of the padded image's size divided by <paramref name="factor"/>.</param>
/// <param name="factor">1, or the factor of a bilinear enlargement.</param>
internal sealed unsafe class ResultStep(string name, MapView logits, int factor) : PlanStep(name)
{
    private readonly RealPlanes _planes = new(logits);
    private readonly int _channels = logits.Planes.Length, _width = factor * logits.Layout.Width;

    public override int Items => factor * logits.Layout.Height;

    public override int ScratchBytes => ((_channels + 1) * _width + BilinearRow.Scratch(logits.Layout.Width)) * sizeof(float);

    public override void Run(RunState state, int thread, int first, int last)
    {
        Span<float> scratch = state.ScratchFloats(thread), rows = scratch[..(_channels * _width)];
        Span<float> sums = scratch.Slice(rows.Length, _width), work = scratch[(rows.Length + _width)..];
        int channels = state.Kind == ResultKind.Saliency ? 1 : _channels, width = state.ImageWidth;
        for (int y = first; y < Math.Min(last, state.ImageHeight); y++)
        {
            for (int c = 0; c < channels; c++)
            {
                Enlarge(state, c, y, rows.Slice(c * _width, _width), work);
            }

            switch (state.Kind)
            {
                case ResultKind.Labels:
                    ArgMaxRow.Run(rows, channels, _width, new Span<byte>((byte*)state.Result + (long)y * width, width));
                    break;
                case ResultKind.Saliency:
                    SigmoidRow.Run(rows, new Span<float>((float*)state.Result + (long)y * width, width));
                    break;
                case ResultKind.Logits:
                    for (int c = 0; c < channels; c++)
                    {
                        rows.Slice(c * _width, width).CopyTo(new Span<float>((float*)state.Result + ((long)c * state.ImageHeight + y) * width, width));
                    }

                    break;
                case ResultKind.Scores:
                    if (state.Labels is not null)
                    {
                        // Of the logits: rounding makes equal scores of some that differ.
                        ArgMaxRow.Run(rows, channels, _width, new Span<byte>(state.Labels + (long)y * width, width));
                    }

                    Softmax.Run(rows, sums);
                    float* pixel = (float*)state.Result + (long)y * width * channels;
                    for (int x = 0; x < width; x++)
                    {
                        for (int c = 0; c < channels; c++)
                        {
                            *pixel++ = rows[c * _width + x] / sums[x];
                        }
                    }

                    break;
            }
        }
    }

    private void Enlarge(RunState state, int channel, int y, Span<float> row, Span<float> work)
    {
        if (factor == 1)
        {
            _planes.Row(state, channel, y).CopyTo(row);
            return;
        }

        (int top, int bottom, float down) = BilinearRow.Source(y, factor, logits.Layout.Height);
        BilinearRow.Run(_planes.Row(state, channel, top), _planes.Row(state, channel, bottom), down, factor, row, work);
    }
}
