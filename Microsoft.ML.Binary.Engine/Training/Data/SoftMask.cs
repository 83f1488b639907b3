namespace Microsoft.ML.Binary.Training.Data;

/// <summary>
/// A teacher's probabilities for one image, a byte each at a quarter of the image's resolution, which is where the networks here
/// compute them before they enlarge.
/// </summary>
internal sealed class SoftMask
{
    private const int Reduction = 4;

    private readonly int _width, _height, _channels;
    private readonly byte[] _planes;

    /// <summary>Reduces probabilities of the image's size, [row, column, channel].</summary>
    public SoftMask(ReadOnlySpan<float> probabilities, int channels, int width, int height)
    {
        (_channels, _width, _height) = (channels, (width + Reduction - 1) / Reduction, (height + Reduction - 1) / Reduction);
        _planes = new byte[channels * _width * _height];
        for (int i = 0; i < _planes.Length; i++)
        {
            int x = i % _width * Reduction, y = i / _width % _height * Reduction, channel = i / (_width * _height);
            float sum = 0;
            int count = 0;
            for (int row = y; row < Math.Min(y + Reduction, height); row++)
            {
                for (int column = x; column < Math.Min(x + Reduction, width); column++)
                {
                    sum += probabilities[(row * width + column) * channels + channel];
                    count++;
                }
            }

            _planes[i] = (byte)(255 * sum / count + 0.5f);
        }
    }

    /// <summary>Fills the probabilities of a crop, [channel, row, column], 0..1; the edge is repeated outside of the image.</summary>
    public void Fill(in CropWindow window, Span<float> planes)
    {
        AxisSample[] columns = new AxisSample[window.Width];
        for (int x = 0; x < columns.Length; x++)
        {
            columns[x] = AxisSample.At(window.X(x) / Reduction, _width);
        }

        float[] line = new float[_width];
        for (int y = 0; y < window.Height; y++)
        {
            AxisSample row = AxisSample.At(window.Y(y) / Reduction, _height);
            for (int c = 0; c < _channels; c++)
            {
                ReadOnlySpan<byte> plane = _planes.AsSpan(c * _width * _height, _width * _height);
                ReadOnlySpan<byte> upper = plane.Slice(row.First * _width, _width), lower = plane.Slice(row.Second * _width, _width);
                for (int x = 0; x < line.Length; x++)
                {
                    line[x] = row.Between(upper[x], lower[x]) * (1 / 255f);
                }

                Span<float> target = planes.Slice((c * window.Height + y) * window.Width, window.Width);
                for (int x = 0; x < target.Length; x++)
                {
                    AxisSample column = columns[x];
                    target[x] = column.Between(line[column.First], line[column.Second]);
                }
            }
        }
    }
}
