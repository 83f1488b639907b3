namespace Microsoft.ML.Binary.Imaging;

/// <summary>The mean of the pixels around each one, from sums over rectangles, which cost the same at any radius.</summary>
internal static class SoftEdge
{
    /// <param name="values">0 or 255 for each pixel, row-major.</param>
    /// <param name="width">Pixels in a row.</param>
    /// <param name="height">Rows.</param>
    /// <param name="radius">Pixels to either side; what lies outside of the image does not count.</param>
    public static byte[] Of(byte[] values, int width, int height, int radius)
    {
        // sums[y, x]: of the pixels above row y and left of column x that are 255.
        int stride = width + 1;
        int[] sums = new int[stride * (height + 1)];
        for (int y = 0; y < height; y++)
        {
            for (int x = 0, row = 0; x < width; x++)
            {
                row += values[y * width + x] & 1;
                sums[(y + 1) * stride + x + 1] = sums[y * stride + x + 1] + row;
            }
        }

        byte[] soft = new byte[values.Length];
        for (int y = 0; y < height; y++)
        {
            int top = Math.Max(0, y - radius) * stride, bottom = (int)Math.Min(height, (long)y + radius + 1) * stride;
            for (int x = 0; x < width; x++)
            {
                int left = Math.Max(0, x - radius), right = (int)Math.Min(width, (long)x + radius + 1);
                long area = (long)(right - left) * ((bottom - top) / stride);
                long inside = sums[bottom + right] - sums[top + right] - sums[bottom + left] + sums[top + left];
                soft[y * width + x] = (byte)((2 * 255 * inside + area) / (2 * area));
            }
        }

        return soft;
    }
}
