using System.Runtime.CompilerServices;
using Microsoft.ML.Binary.Kernels;

namespace Microsoft.ML.Binary.Inference.Steps;

/// <summary>The rows of a plan's logits at the size of its padded image, each made when it is asked for.</summary>
/// <param name="logits">Logits, of the padded image's size divided by <paramref name="factor"/>.</param>
/// <param name="factor">1, or the factor of a bilinear enlargement.</param>
internal sealed class LogitRows(MapView logits, int factor)
{
    private readonly RealPlanes _planes = new(logits);

    public int Channels => logits.Planes.Length;

    /// <summary>Values of a row.</summary>
    public int Width => factor * logits.Layout.Width;

    public int Height => factor * logits.Layout.Height;

    /// <summary>Floats that <see cref="Fill"/> works in.</summary>
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
