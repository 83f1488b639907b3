namespace Microsoft.ML.Binary.Inference;

/// <summary>A feature map of one image: channel planes, row-major, without padding.</summary>
/// <param name="Channels">Number of planes.</param>
/// <param name="Height">Rows.</param>
/// <param name="Width">Columns.</param>
/// <param name="Values">Channels * Height * Width values.</param>
/// <example>
/// <code>
/// FeatureMap map = new(channels: 2, height: 3, width: 4);
/// map[1, 0, 2] = 0.5f;                                                    // channel, row, column
/// map.Plane(0).Fill(1);
/// </code>
/// </example>
public sealed record FeatureMap(int Channels, int Height, int Width, float[] Values)
{
    /// <summary>A map of zeros.</summary>
    /// <param name="channels">Number of planes.</param>
    /// <param name="height">Rows.</param>
    /// <param name="width">Columns.</param>
    public FeatureMap(int channels, int height, int width) : this(channels, height, width, new float[channels * height * width])
    {
    }

    /// <summary>Values of a plane.</summary>
    public int Pixels => Height * Width;

    /// <summary>A plane, row-major.</summary>
    public Span<float> Plane(int channel) => Values.AsSpan(channel * Pixels, Pixels);

    /// <summary>One value.</summary>
    public ref float this[int channel, int row, int column] => ref Values[(channel * Height + row) * Width + column];
}
