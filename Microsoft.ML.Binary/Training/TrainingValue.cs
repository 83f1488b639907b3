namespace Microsoft.ML.Binary.Training;

/// <summary>The output of a node for a whole batch, [image, channel, row, column], and while going backward its gradient.</summary>
internal sealed class TrainingValue(int images, int channels, int height, int width, bool needsGradient)
{
    public int Images => images;

    public int Channels => channels;

    public int Height => height;

    public int Width => width;

    public int Pixels => height * width;

    public int Length => images * channels * height * width;

    /// <summary>Whether a trained parameter lies behind it.</summary>
    public bool NeedsGradient => needsGradient;

    public float[] Data { get; } = new float[images * channels * height * width];

    /// <summary>Set while going backward, from the first reader's contribution until the node itself has passed it on.</summary>
    public float[]? Gradient { get; set; }

    public int PlaneStart(int image, int channel) => (image * channels + channel) * Pixels;

    public Span<float> Plane(int image, int channel) => Data.AsSpan(PlaneStart(image, channel), Pixels);

    public Span<float> GradientPlane(int image, int channel) => Gradient.AsSpan(PlaneStart(image, channel), Pixels);
}
