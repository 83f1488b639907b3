using System.Numerics;

namespace QuickStart.Scenes;

/// <summary>
/// What things look like before any light falls on them: a colour that varies from scene to scene, and a texture. Lakes mirror the sky,
/// and young fields are as green as meadows, so that texture and place tell them apart and colour does not.
/// </summary>
internal sealed class Materials
{
    private readonly ValueNoise _noise;
    private readonly Vector3 _zenith, _haze, _rock, _grass, _crop;
    private readonly float _furrows, _vanishingPoint, _waves;

    public Materials(Random random)
    {
        _noise = new ValueNoise(random.Next());
        _zenith = Mix(new(70, 120, 195), new(150, 160, 175), random.NextSingle());
        _haze = Mix(new(185, 200, 215), new(225, 185, 150), random.NextSingle());
        _rock = Mix(new(95, 95, 110), new(125, 105, 85), random.NextSingle());
        _grass = Mix(new(70, 115, 55), new(135, 145, 75), random.NextSingle());
        _crop = Mix(new(80, 125, 55), new(190, 165, 85), random.NextSingle());
        _furrows = Layout.Between(random, 4, 6);
        _vanishingPoint = Layout.Between(random, 0, 1) * Scene.Width;
        _waves = Layout.Between(random, 0.5f, 0.9f);
    }

    public Vector3 ColorOf(SceneClass what, int x, int y, Layout layout) => what switch
    {
        SceneClass.Sky => Sky(x, y, layout.Horizon),
        SceneClass.Mountain => Mountain(x, y, layout.Horizon),
        SceneClass.Water => Water(x, y, layout.Horizon),
        SceneClass.Meadow => Meadow(x, y),
        SceneClass.Field => Field(x, y, layout.Horizon),
        _ => layout.Balloon.ColorAt(x, y),
    };

    private Vector3 Sky(int x, float y, float horizon)
    {
        Vector3 clear = Mix(_zenith, _haze, Math.Clamp(y / horizon, 0, 1));
        float cloud = Math.Clamp(3 * _noise.Fractal(x * 0.025f, y * 0.06f) - 1.5f, 0, 1);
        return Mix(clear, new(232, 232, 236), 0.7f * cloud);
    }

    private Vector3 Mountain(int x, int y, float horizon)
    {
        float cracks = _noise.Fractal(x * 0.22f + 50, y * 0.3f);
        float distance = Math.Clamp(1 - (horizon - y) / 40, 0, 1);
        return Mix(_rock * (0.55f + 0.9f * cracks), _haze, 0.15f + 0.3f * distance);
    }

    private Vector3 Water(int x, int y, float horizon)
    {
        Vector3 mirrored = Sky(x, Math.Max(0, 2 * horizon - y), horizon);
        float wave = _noise.At(x * 0.07f, y * _waves + 90);
        return mirrored * (0.62f + 0.42f * wave);
    }

    private Vector3 Meadow(int x, int y)
    {
        float blades = _noise.At(x * 0.8f, y * 0.35f), patches = _noise.Fractal(x * 0.06f, y * 0.1f + 70);
        return _grass * (0.55f + 0.5f * blades + 0.4f * patches);
    }

    private Vector3 Field(int x, int y, float horizon)
    {
        // Furrows run towards a point on the horizon, and are wider the nearer they are.
        float period = _furrows * (0.6f + 1.6f * (y - horizon) / Scene.Height);
        float furrow = MathF.Sin(2 * MathF.PI * (x - _vanishingPoint) / period);
        return _crop * (0.85f + 0.27f * furrow + 0.2f * (_noise.At(x * 0.5f, y * 0.5f) - 0.5f));
    }

    private static Vector3 Mix(Vector3 a, Vector3 b, float t) => Vector3.Lerp(a, b, t);
}
