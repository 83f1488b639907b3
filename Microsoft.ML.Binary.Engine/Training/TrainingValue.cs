using System.Numerics.Tensors;
using Microsoft.ML.Binary.Graph;

namespace Microsoft.ML.Binary.Training;

/// <summary>The output of a node for a whole batch, [image, channel, row, column], and while going backward its gradient.</summary>
internal sealed class TrainingValue
{
    private readonly Parameter? _shift;

    public TrainingValue(int images, int channels, int height, int width, bool needsGradient)
    {
        (Images, Channels, Height, Width, NeedsGradient) = (images, channels, height, width, needsGradient);
        (Data, Signed) = (new float[Length], this);
    }

    private TrainingValue(TrainingValue signed, Parameter shift, bool needsGradient)
    {
        (Images, Channels, Height, Width, NeedsGradient) = (signed.Images, signed.Channels, signed.Height, signed.Width, needsGradient);
        (Data, Signed, _shift) = ([], signed, shift);
    }

    /// <summary>
    /// The signs of another value plus a shift for each channel, not stored: who reads them takes them from there, a threshold for each
    /// channel. Packed for the kernels forward and looked up for tables backward, they would have no use for a map of floats.
    /// </summary>
    public static TrainingValue SignsOf(TrainingValue value, Parameter shift, bool needsGradient) => new(value, shift, needsGradient);

    public int Images { get; }

    public int Channels { get; }

    public int Height { get; }

    public int Width { get; }

    public int Pixels => Height * Width;

    public int Length => Images * Channels * Height * Width;

    /// <summary>Whether a trained parameter lies behind it.</summary>
    public bool NeedsGradient { get; }

    /// <summary>[image, channel, row, column]; empty where the value is <see cref="SignsOf"/> another.</summary>
    public float[] Data { get; }

    /// <summary>What this value is the signs of, if it is <see cref="SignsOf"/> another; otherwise itself.</summary>
    public TrainingValue Signed { get; }

    /// <summary>Added to each channel of <see cref="Signed"/> before its sign is taken; empty for a value that is stored.</summary>
    public ReadOnlySpan<float> Shift => _shift?.Values;

    /// <summary>Set while going backward, from the first reader's contribution until the node itself has passed it on.</summary>
    public float[]? Gradient { get; set; }

    public int PlaneStart(int image, int channel) => (image * Channels + channel) * Pixels;

    public Span<float> Plane(int image, int channel) => Data.AsSpan(PlaneStart(image, channel), Pixels);

    public Span<float> GradientPlane(int image, int channel) => Gradient.AsSpan(PlaneStart(image, channel), Pixels);

    /// <summary>Multiplies the gradient, as the loss behind it is multiplied.</summary>
    public void ScaleGradient(float factor) => TensorPrimitives.Multiply(Gradient, factor, Gradient);
}
