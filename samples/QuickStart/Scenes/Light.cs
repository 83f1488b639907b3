using System.Numerics;
using Microsoft.ML.Binary.Imaging;

namespace QuickStart.Scenes;

/// <summary>The light of a scene and the camera that looks at it: time of day, side of the sun, shadows of clouds, noise of the sensor.</summary>
internal sealed class Light
{
    private static readonly Vector3 Morning = new(1.12f, 0.92f, 0.74f), Noon = new(1, 1, 1), Dusk = new(0.74f, 0.82f, 1.06f);

    private readonly Random _random;
    private readonly ValueNoise _shadows;
    private readonly Vector3 _sun;
    private readonly float _slope, _grain;

    public Light(Random random)
    {
        _random = random;
        _shadows = new ValueNoise(random.Next());
        float time = Layout.Between(random, -1, 1);
        Vector3 hue = time < 0 ? Vector3.Lerp(Noon, Morning, -time) : Vector3.Lerp(Noon, Dusk, time);
        _sun = hue * Layout.Between(random, 0.65f, 1.15f);
        _slope = Layout.Between(random, -0.3f, 0.3f);
        _grain = Layout.Between(random, 4, 12);
    }

    /// <summary>The colour that the camera sees.</summary>
    public RgbColor Shine(Vector3 color, SceneClass what, int x, int y, Layout layout)
    {
        float side = 1 + _slope * (2f * x / Scene.Width - 1);
        float shadow = what == SceneClass.Sky ? 1 : 0.7f + 0.3f * Math.Clamp(4 * _shadows.Fractal(x * 0.03f, (y - layout.Horizon) * 0.06f) - 1.2f, 0, 1);
        Vector3 seen = color * _sun * side * shadow + _grain * new Vector3(Gaussian(), Gaussian(), Gaussian());
        return new RgbColor(Level(seen.X), Level(seen.Y), Level(seen.Z));
    }

    private static byte Level(float value) => (byte)Math.Clamp(MathF.Round(value), 0, 255);

    // The sum of three uniform values is close enough to a bell curve.
    private float Gaussian() => 2 * (_random.NextSingle() + _random.NextSingle() + _random.NextSingle() - 1.5f);
}
