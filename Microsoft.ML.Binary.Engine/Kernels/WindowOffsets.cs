namespace Microsoft.ML.Binary.Kernels;

/// <summary>Where the taps of a convolution window lie, relative to the plane (or the four phases of it) that the window moves over.</summary>
internal static class WindowOffsets
{
    /// <summary>
    /// For each tap in row-major order the plane (0, or for stride 2 one of the four phases) and the offset of output pixel (0, 0)'s tap
    /// in that plane, whose layout is that of the output for stride 2.
    /// </summary>
    public static (int Plane, int Offset)[] Taps(PlaneLayout layout, int kernel, int stride, int dilation)
    {
        var taps = new (int, int)[kernel * kernel];
        int padding = dilation * (kernel - 1) / 2;
        for (int t = 0; t < taps.Length; t++)
        {
            int row = t / kernel * dilation - padding, column = t % kernel * dilation - padding;
            taps[t] = stride == 1
                ? (0, layout.Offset(row, column))
                : ((row & 1) * 2 + (column & 1), layout.Offset(row >> 1, column >> 1));
        }

        return taps;
    }
}
