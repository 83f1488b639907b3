namespace QuickStart.Scenes;

/// <summary>Smooth noise without a period: random values on a grid, interpolated. The same seed gives the same noise everywhere.</summary>
internal readonly struct ValueNoise(int seed)
{
    /// <summary>A value 0..1 that changes over distances of about 1.</summary>
    public float At(float x, float y)
    {
        int left = (int)MathF.Floor(x), top = (int)MathF.Floor(y);
        float u = Smooth(x - left), v = Smooth(y - top);
        float above = Lattice(left, top) + u * (Lattice(left + 1, top) - Lattice(left, top));
        float below = Lattice(left, top + 1) + u * (Lattice(left + 1, top + 1) - Lattice(left, top + 1));
        return above + v * (below - above);
    }

    /// <summary>A value 0..1 with detail at three scales, each half as large and half as strong as the one before.</summary>
    public float Fractal(float x, float y) => (4 * At(x, y) + 2 * At(2 * x + 17, 2 * y) + At(4 * x, 4 * y + 31)) / 7;

    private static float Smooth(float t) => t * t * (3 - 2 * t);

    private float Lattice(int x, int y)
    {
        uint hash = (uint)seed * 0x9E3779B1u ^ (uint)x * 0x85EBCA77u ^ (uint)y * 0xC2B2AE3Du;
        hash = (hash ^ hash >> 15) * 0x2C1B3C6Du;
        hash = (hash ^ hash >> 12) * 0x297A2D39u;
        return (hash ^ hash >> 15) / (float)uint.MaxValue;
    }
}
