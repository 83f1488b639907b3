using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Microsoft.ML.Binary.Imaging;
using Microsoft.ML.Binary.Inference.Steps;
using Microsoft.ML.Binary.Kernels;

namespace Microsoft.ML.Binary.Inference.Views;

/// <summary>
/// The last step of a run over views: brings the logits of all views to the image's size a part of a row at a time, adds them up and turns
/// them into what was asked for, so that logits of the image's size are never stored unless they are the result.
/// </summary>
internal sealed unsafe class ViewResultStep : PlanStep
{
    private const int Part = 512, LabelPart = 64;

    private readonly ViewRows.Cursor[][] _cursors;
    private readonly RunState[] _states;
    private readonly float[][] _scratch;
    private readonly int[][] _candidates;
    private readonly int _channels, _width;

    /// <param name="views">The logits of the views.</param>
    /// <param name="states">The memory of each view's run, filled before this step runs.</param>
    /// <param name="channels">Channels of the logits.</param>
    /// <param name="width">The image's width.</param>
    /// <param name="height">The image's height.</param>
    /// <param name="threads">Threads that may work on it.</param>
    public ViewResultStep(ViewRows[] views, RunState[] states, int channels, int width, int height, int threads)
        : base("(result)")
    {
        (_states, _channels, _width, Rows) = (states, channels, width, (0, height));
        _cursors = [.. Enumerable.Range(0, threads).Select(_ => views.Select(view => view.NewCursor()).ToArray())];

        // Rows of logits, a row of sums or indices, and a row of the view that is added.
        _scratch = [.. Enumerable.Range(0, threads).Select(_ => new float[(channels + 2) * Part])];
        _candidates = [.. Enumerable.Range(0, threads).Select(_ => new int[channels])];
    }

    /// <summary>Where the result goes, and in which form. Valid during a run.</summary>
    public ResultTarget Target { get; set; }

    /// <summary>The rows to do; the target holds no others.</summary>
    public (int First, int Last) Rows { get; set; }

    /// <summary>Whether there is somewhere for it to go.</summary>
    public bool IsWanted => Target.Values is not null;

    private void* Result => Target.Values;

    private ResultKind Kind => Target.Kind;

    private byte* Labels => Target.Labels;

    public override int Items => Rows.Last - Rows.First;

    /// <summary>Forgets the last run: the memory of the views holds other values.</summary>
    public void Reset()
    {
        foreach (ViewRows.Cursor[] cursors in _cursors)
        {
            foreach (ViewRows.Cursor cursor in cursors)
            {
                cursor.Reset();
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Run(RunState state, int thread, int first, int last)
    {
        ViewRows.Cursor[] cursors = _cursors[thread];
        Span<float> scratch = _scratch[thread];
        int channels = Kind is ResultKind.Saliency or ResultKind.GraySaliency ? 1 : _channels;
        for (int y = Rows.First + first; y < Rows.First + last; y++)
        {
            for (int v = 0; v < cursors.Length; v++)
            {
                cursors[v].MoveTo(_states[v], y, channels);
            }

            if (Kind == ResultKind.Labels && cursors.Length == 1)
            {
                LabelRow(state.Kernels, cursors[0], y, _candidates[thread], scratch);
                continue;
            }

            for (int x = 0; x < _width; x += Part)
            {
                int length = Math.Min(Part, _width - x);
                Span<float> rows = scratch[..(channels * length)];
                for (int c = 0; c < channels; c++)
                {
                    Mean(state.Kernels, cursors, y, c, x, rows.Slice(c * length, length), scratch.Slice((channels + 1) * Part, length));
                }

                Finish(state.Kernels, y, x, channels, rows, scratch.Slice(channels * Part, length));
            }
        }
    }

    private static void Mean(KernelSet kernels, ViewRows.Cursor[] cursors, int y, int channel, int x, Span<float> sum, Span<float> other)
    {
        cursors[0].Fill(kernels, y, channel, x, sum);
        for (int v = 1; v < cursors.Length; v++)
        {
            cursors[v].Fill(kernels, y, channel, x, other);
            kernels.Add(sum, other);
        }

        if (cursors.Length > 1)
        {
            other.Fill(cursors.Length);
            kernels.Divide(sum, other);
        }
    }

    private void Finish(KernelSet kernels, int y, int x, int channels, Span<float> rows, Span<float> sums)
    {
        long at = (long)(y - Rows.First) * _width + x;
        int length = sums.Length;
        switch (Kind)
        {
            case ResultKind.Labels:
                Label(kernels, rows, channels, sums, new Span<byte>((byte*)Result + at, length));
                break;
            case ResultKind.Saliency:
                kernels.Sigmoid(rows, new Span<float>((float*)Result + at, length));
                break;
            case ResultKind.GraySaliency:
                kernels.Sigmoid(rows, sums);
                SaliencyMask.Quantize(sums, new Span<byte>((byte*)Result + at, length));
                break;
            case ResultKind.Logits:
                for (int c = 0; c < channels; c++)
                {
                    rows.Slice(c * length, length).CopyTo(new Span<float>((float*)Result + (long)c * Items * _width + at, length));
                }

                break;
            case ResultKind.Scores:
                if (Labels is not null)
                {
                    // Of the logits: rounding makes equal scores of some that differ.
                    Label(kernels, rows, channels, sums, new Span<byte>(Labels + at, length));
                }

                kernels.Softmax(rows, sums);
                Interleaved(rows, sums, channels, (float*)Result + at * channels);
                break;
        }
    }

    // Most parts of a row have few classes that can win, and only those are computed.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void LabelRow(KernelSet kernels, ViewRows.Cursor cursor, int y, int[] candidates, Span<float> scratch)
    {
        for (int x = 0; x < _width; x += LabelPart)
        {
            int length = Math.Min(LabelPart, _width - x), count = cursor.Candidates(kernels, x, length, candidates);
            Span<byte> labels = new((byte*)Result + (long)(y - Rows.First) * _width + x, length);
            if (count == 1)
            {
                labels.Fill((byte)candidates[0]);
                continue;
            }

            Span<float> rows = scratch[..(count * length)];
            for (int i = 0; i < count; i++)
            {
                cursor.Fill(kernels, y, candidates[i], x, rows.Slice(i * length, length));
            }

            Label(kernels, rows, count, scratch.Slice(_channels * Part, length), labels);
            for (int i = 0; count < _channels && i < labels.Length; i++)
            {
                labels[i] = (byte)candidates[labels[i]];
            }
        }
    }

    private static void Label(KernelSet kernels, Span<float> rows, int channels, Span<float> sums, Span<byte> labels)
    {
        Span<int> indices = MemoryMarshal.Cast<float, int>(sums);
        kernels.ArgMax(rows, channels, indices.Length, indices);
        kernels.Narrow(indices, labels);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Interleaved(Span<float> powers, Span<float> sums, int channels, float* pixel)
    {
        for (int x = 0; x < sums.Length; x++)
        {
            for (int c = 0; c < channels; c++)
            {
                *pixel++ = powers[c * sums.Length + x] / sums[x];
            }
        }
    }
}
