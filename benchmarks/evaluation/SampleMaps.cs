namespace Evaluation;

/// <summary>Masks and predictions that look like those of photographs: patches with irregular borders, predictions shifted and noisy.</summary>
internal sealed class SampleMaps
{
    public const int Width = 480, Height = 360;

    private const int Shift = 5;

    public SampleMaps(int seed)
    {
        Random random = new(seed);
        (int X, int Y, byte Label)[] patches = [.. Enumerable.Range(0, 24).Select(_ => (random.Next(Width), random.Next(Height), (byte)random.Next(Classes.Length)))];
        for (int y = 0; y < Height; y++)
        {
            for (int x = 0; x < Width; x++)
            {
                double wave = 8 * Math.Sin(x / 9.0) + 6 * Math.Sin(y / 7.0);
                Labels[y * Width + x] = patches.MinBy(patch => Math.Abs(patch.X - x + wave) + Math.Abs(patch.Y - y - wave)).Label;
            }
        }

        for (int i = 0; i < Labels.Length; i++)
        {
            PredictedLabels[i] = random.Next(40) == 0 ? (byte)random.Next(Classes.Length) : Labels[Math.Max(0, i - Shift)];
            bool isObject = Labels[i] < 3;
            Mask[i] = isObject ? byte.MaxValue : (byte)0;
            RoadLabels[i] = isObject ? (byte)1 : (byte)0;
            Levels[i] = (byte)Math.Clamp((PredictedLabels[i] < 3 ? 190 : 40) + random.Next(-40, 60), 0, 255);
        }
    }

    public static string[] Classes { get; } = [.. Enumerable.Range(0, 11).Select(i => $"class {i}")];

    public byte[] Labels { get; } = new byte[Width * Height];

    public byte[] PredictedLabels { get; } = new byte[Width * Height];

    /// <summary>Object 255, background 0.</summary>
    public byte[] Mask { get; } = new byte[Width * Height];

    /// <summary>Road 1, other 0.</summary>
    public byte[] RoadLabels { get; } = new byte[Width * Height];

    /// <summary>Predicted score or saliency, 0..255.</summary>
    public byte[] Levels { get; } = new byte[Width * Height];
}
