namespace Microsoft.ML.Binary.Kernels;

/// <summary>A tap of a convolution window: the plane that it reads, and how far from the output pixel, in rows and columns of that plane.</summary>
/// <param name="Phase">0, or for stride 2 one of the four phases of the plane that the window moves over; see <see cref="PhaseSplit"/>.</param>
/// <param name="Row">Rows down from the output pixel.</param>
/// <param name="Column">Columns to the right of the output pixel.</param>
internal readonly record struct Tap(int Phase, int Row, int Column);

/// <summary>The taps of a convolution window.</summary>
internal static class WindowTaps
{
    /// <summary>The taps in row-major order. Padding keeps the output of stride 1 at the input's size.</summary>
    public static Tap[] Of(int kernel, int stride, int dilation)
    {
        Tap[] taps = new Tap[kernel * kernel];
        int padding = dilation * (kernel - 1) / 2;
        for (int t = 0; t < taps.Length; t++)
        {
            int row = t / kernel * dilation - padding, column = t % kernel * dilation - padding;
            taps[t] = stride == 1 ? new(0, row, column) : new((row & 1) * 2 + (column & 1), row >> 1, column >> 1);
        }

        return taps;
    }
}
