using System.Numerics.Tensors;
using System.Text;
using Microsoft.ML.Binary.Imaging;
using Microsoft.ML.OnnxRuntime;

namespace Microsoft.ML.Binary.Words;

/// <summary>
/// ResNet-18 of ImageNet (the MIT-licensed file of Microsoft.ML.DnnImageFeaturizer.ResNet18), seen densely: a vector for every 16x16 pixels, of its third stage
/// (256 values) and its fourth (512, enlarged twice), each of length 1.
/// </summary>
internal sealed class Teacher : IDisposable
{
    /// <summary>Values of a vector.</summary>
    public const int Length = Third + Fourth;

    // The file ends in a mean over seven rows and columns, so no side may have fewer.
    private const int Third = 256, Fourth = 512, Stride = 32, LeastCells = 7;
    private const string ThirdName = "ReLU347_Output_0", FourthName = "ReLU393_Output_0";

    // ImageNet's mean color, blue first, as the file was trained with.
    private static readonly float[] s_mean = [103.94f, 116.78f, 123.68f];

    private readonly InferenceSession _session;
    private readonly RunOptions _options = new();

    public Teacher(string file)
    {
        using SessionOptions options = new() { IntraOpNumThreads = 1, LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR };
        _session = new InferenceSession(Opened(File.ReadAllBytes(file)), options);
    }

    /// <summary>The vectors of an image, row by row.</summary>
    /// <param name="image">The image; it is brought to <paramref name="side"/> pixels along its longest side, and both to multiples of 32, at least 224.</param>
    /// <param name="side">That side.</param>
    public Grid See(RgbImage image, int side)
    {
        double scale = (double)side / Math.Max(image.Width, image.Height);
        int width = Cells(image.Width * scale), height = Cells(image.Height * scale);
        RgbImage seen = image.Resize(width * Stride, height * Stride);
        int pixels = seen.Width * seen.Height;
        float[] planes = new float[3 * pixels];
        for (int i = 0; i < pixels; i++)
        {
            for (int c = 0; c < 3; c++)
            {
                planes[c * pixels + i] = seen.Pixels[3 * i + 2 - c] - s_mean[c];
            }
        }

        using OrtValue input = OrtValue.CreateTensorValueFromMemory(planes, [1, 3, seen.Height, seen.Width]);
        using IDisposableReadOnlyCollection<OrtValue> outputs = _session.Run(_options, _session.InputNames, [input], [ThirdName, FourthName]);
        ReadOnlySpan<float> third = outputs[0].GetTensorDataAsSpan<float>(), fourth = outputs[1].GetTensorDataAsSpan<float>();
        Grid grid = new(2 * width, 2 * height);
        for (int y = 0; y < grid.Height; y++)
        {
            for (int x = 0; x < grid.Width; x++)
            {
                Span<float> vector = grid[x, y];
                Gather(third, y * grid.Width + x, grid.Width * grid.Height, vector[..Third]);
                Gather(fourth, y / 2 * width + x / 2, width * height, vector[Third..]);
            }
        }

        return grid;
    }

    public void Dispose()
    {
        _options.Dispose();
        _session.Dispose();
    }

    private static int Cells(double pixels) => Math.Max(LeastCells, (int)Math.Round(pixels / Stride));

    private static void Gather(ReadOnlySpan<float> planes, int at, int pitch, Span<float> vector)
    {
        for (int c = 0; c < vector.Length; c++)
        {
            vector[c] = planes[c * pitch + at];
        }

        TensorPrimitives.Divide(vector, Math.Max(TensorPrimitives.Norm(vector), 1e-6f), vector);
    }

    // The file wants 224x224 pixels and puts out a mean over them. A field written once more at the end of a message adds to the first (protobuf.dev, "Encoding"),
    // so two outputs are appended; the two sides of the input become names, which take as many bytes.
    private static byte[] Opened(byte[] file)
    {
        ReadOnlySpan<byte> side = [0x0a, 3, 0x08, 0xe0, 0x01];
        for (int i = 0; i < 2; i++)
        {
            int at = file.AsSpan().IndexOf(side);
            new byte[] { 0x0a, 3, 0x12, 1, (byte)('h' + i) }.CopyTo(file, at);
        }

        byte[] outputs = [.. Field(12, Field(1, Encoding.ASCII.GetBytes(ThirdName))), .. Field(12, Field(1, Encoding.ASCII.GetBytes(FourthName)))];
        return [.. file, .. Field(7, outputs)];
    }

    private static byte[] Field(int number, byte[] value) => [(byte)(number << 3 | 2), checked((byte)value.Length), .. value];
}

/// <summary>A vector for each cell of a grid.</summary>
/// <param name="width">Cells of a row.</param>
/// <param name="height">Rows.</param>
internal sealed class Grid(int width, int height)
{
    private readonly float[] _values = new float[width * height * Teacher.Length];

    public int Width => width;

    public int Height => height;

    public Span<float> this[int x, int y] => _values.AsSpan((y * width + x) * Teacher.Length, Teacher.Length);
}
