namespace Microsoft.ML.Binary.Inference;

/// <summary>A feature map of one image: channel planes, row-major, without padding.</summary>
/// <param name="Channels">Number of planes.</param>
/// <param name="Height">Rows.</param>
/// <param name="Width">Columns.</param>
/// <param name="Values">Channels * Height * Width values.</param>
internal sealed record FeatureMap(int Channels, int Height, int Width, float[] Values)
{
    public FeatureMap(int channels, int height, int width) : this(channels, height, width, new float[channels * height * width])
    {
    }

    public int Pixels => Height * Width;

    public Span<float> Plane(int channel) => Values.AsSpan(channel * Pixels, Pixels);

    public ref float this[int channel, int row, int column] => ref Values[(channel * Height + row) * Width + column];
}
