namespace QuickStart.Scenes;

/// <summary>Where things are in a scene: which class each pixel belongs to.</summary>
internal sealed class Layout
{
    private readonly ValueNoise _outlines;
    private readonly float _ridgeHeight, _ridgeDetail, _shoreStart, _shoreSlope, _hedgeStart, _hedgeSlope;
    private readonly bool _lakeIsLeft;

    public Layout(Random random)
    {
        _outlines = new ValueNoise(random.Next());
        Horizon = Scene.Height * Between(random, 0.38f, 0.6f);
        _ridgeHeight = Scene.Height * Between(random, 0.14f, 0.34f);
        _ridgeDetail = Between(random, 0.025f, 0.05f);
        _lakeIsLeft = random.Next(2) == 0;
        _shoreStart = Scene.Width * Between(random, 0.25f, 0.75f);
        _shoreSlope = Between(random, -0.6f, 0.6f);
        _hedgeStart = Horizon + (Scene.Height - Horizon) * Between(random, 0.3f, 0.7f);
        _hedgeSlope = Between(random, -0.25f, 0.25f);
        Balloon = new Balloon(random);
    }

    /// <summary>The row where the land ends.</summary>
    public float Horizon { get; }

    public Balloon Balloon { get; }

    public SceneClass At(int x, int y)
    {
        if (Balloon.Covers(x, y))
        {
            return SceneClass.Balloon;
        }

        if (y < Horizon)
        {
            float ridge = Horizon - _ridgeHeight * 2 * _outlines.Fractal(x * _ridgeDetail, 0) + 0.4f * _ridgeHeight;
            return y < ridge ? SceneClass.Sky : SceneClass.Mountain;
        }

        float shore = _shoreStart + _shoreSlope * (y - Horizon) + 24 * (_outlines.Fractal(9, y * 0.06f) - 0.5f);
        if (x < shore == _lakeIsLeft)
        {
            return SceneClass.Water;
        }

        float hedge = _hedgeStart + _hedgeSlope * (x - Scene.Width / 2) + 16 * (_outlines.Fractal(x * 0.04f, 21) - 0.5f);
        return y < hedge ? SceneClass.Meadow : SceneClass.Field;
    }

    public static float Between(Random random, float lowest, float highest) => lowest + (highest - lowest) * random.NextSingle();
}
