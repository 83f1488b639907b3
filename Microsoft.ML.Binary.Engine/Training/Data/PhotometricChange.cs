using Microsoft.ML.Binary.Graph;

namespace Microsoft.ML.Binary.Training.Data;

/// <summary>One random change of light and colour: gamma by a table, then brightness, contrast, colourfulness and white balance.</summary>
internal readonly struct PhotometricChange
{
    private const int TableLength = 256;

    private readonly float _gamma, _contrast, _brightness, _saturation, _red, _green, _blue;

    public PhotometricChange(AugmentationOptions options, ref RandomStream random)
    {
        _gamma = MathF.Pow(2, random.NextSingle(-options.Gamma, options.Gamma));
        _contrast = Around(options.Contrast, ref random);
        _brightness = Around(options.Contrast, ref random);
        _saturation = Around(options.Color, ref random);
        (_red, _green, _blue) = (Around(options.Color, ref random), Around(options.Color, ref random), Around(options.Color, ref random));
    }

    /// <summary>Changes three planes of <paramref name="plane"/> values in place; the result stays within 0..255.</summary>
    public void Apply(Span<float> planes, int plane)
    {
        if (_gamma == 1 && _contrast == 1 && _brightness == 1 && _saturation == 1 && (_red, _green, _blue) == (1, 1, 1))
        {
            return;
        }

        Span<float> table = stackalloc float[TableLength];
        for (int i = 0; i < TableLength; i++)
        {
            table[i] = 255 * MathF.Pow(i / 255f, _gamma) * _brightness;
        }

        Span<float> red = planes[..plane], green = planes.Slice(plane, plane), blue = planes.Slice(2 * plane, plane);
        double sum = 0;
        for (int i = 0; i < plane; i++)
        {
            red[i] = table[(int)(red[i] + 0.5f)] * _red;
            green[i] = table[(int)(green[i] + 0.5f)] * _green;
            blue[i] = table[(int)(blue[i] + 0.5f)] * _blue;
            sum += Luma(red[i], green[i], blue[i]);
        }

        float mean = (float)(sum / plane);
        for (int i = 0; i < plane; i++)
        {
            float luma = Luma(red[i], green[i], blue[i]);
            red[i] = Finish(red[i], luma, mean);
            green[i] = Finish(green[i], luma, mean);
            blue[i] = Finish(blue[i], luma, mean);
        }
    }

    private float Finish(float value, float luma, float mean) =>
        Math.Clamp(mean + _contrast * (luma + _saturation * (value - luma) - mean), 0, 255);

    private static float Luma(float red, float green, float blue) => 0.299f * red + 0.587f * green + 0.114f * blue;

    private static float Around(float range, ref RandomStream random) => random.NextSingle(1 - range, 1 + range);
}
