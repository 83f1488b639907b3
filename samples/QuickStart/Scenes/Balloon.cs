using System.Numerics;

namespace QuickStart.Scenes;

/// <summary>A hot-air balloon: an envelope of coloured gores, plain or chequered, that tapers towards a basket.</summary>
internal sealed class Balloon
{
    private static readonly Vector3 Wicker = new(112, 82, 52);

    private readonly float _x, _y, _radius, _bands;
    private readonly int _gores;
    private readonly Vector3 _first, _second;

    public Balloon(Random random)
    {
        _radius = Layout.Between(random, 25, 34);
        _x = Layout.Between(random, 0.25f, 0.75f) * Scene.Width;
        _y = Layout.Between(random, _radius + 2, Scene.Height - 1.45f * _radius);
        _gores = random.Next(5, 9);
        _bands = random.Next(2) == 0 ? 0 : Layout.Between(random, 2, 4);
        (_first, _second) = (RandomColor(random), RandomColor(random));
    }

    public bool Covers(int x, int y)
    {
        float dy = (y - _y) / _radius;
        bool basket = dy is > 1.25f and < 1.48f && MathF.Abs(x - _x) < 0.16f * _radius;
        return basket || MathF.Abs(x - _x) < HalfWidth(dy);
    }

    /// <summary>The colour of its cloth (or wicker), before any light falls on it.</summary>
    public Vector3 ColorAt(int x, int y)
    {
        float dy = (y - _y) / _radius;
        float halfWidth = HalfWidth(dy);
        if (MathF.Abs(x - _x) >= halfWidth)
        {
            return Wicker;
        }

        // Gores are equally wide around the envelope, so they look narrower towards its sides.
        float around = MathF.Asin((x - _x) / halfWidth) / MathF.PI + 0.5f;
        int gore = (int)(around * _gores) + (int)MathF.Floor((dy + 1) * _bands);
        Vector3 cloth = gore % 2 == 0 ? _first : _second;
        return cloth * (0.72f + 0.28f * MathF.Sin(MathF.PI * around));
    }

    private float HalfWidth(float dy) => _radius * dy switch
    {
        <= -1 or >= 1.25f => 0,
        <= 0 => MathF.Sqrt(1 - dy * dy),
        _ => 0.16f + 0.84f * MathF.Cos(dy / 1.25f * MathF.PI / 2),
    };

    // Any colour at all, those of sky, water, rock and fields included.
    private static Vector3 RandomColor(Random random) => new(random.Next(40, 240), random.Next(40, 240), random.Next(40, 240));
}
