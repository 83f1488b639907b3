namespace Microsoft.ML.Binary.Imaging;

/// <summary>
/// A colour in OKLab (B. Ottosson, "A perceptual color space for image processing", 2020): lightness 0..1, green-red and blue-yellow axes.
/// Euclidean distance is roughly how different two colours look.
/// </summary>
internal readonly record struct OkLab(double L, double A, double B)
{
    public static OkLab From(RgbColor color)
    {
        double r = Linear(color.R);
        double g = Linear(color.G);
        double b = Linear(color.B);
        double l = Math.Cbrt((0.4122214708 * r) + (0.5363325363 * g) + (0.0514459929 * b));
        double m = Math.Cbrt((0.2119034982 * r) + (0.6806995451 * g) + (0.1073969566 * b));
        double s = Math.Cbrt((0.0883024619 * r) + (0.2817188376 * g) + (0.6299787005 * b));
        return new OkLab(
            (0.2104542553 * l) + (0.7936177850 * m) - (0.0040720468 * s),
            (1.9779984951 * l) - (2.4285922050 * m) + (0.4505937099 * s),
            (0.0259040371 * l) + (0.7827717662 * m) - (0.8086757660 * s));
    }

    public double SquaredDistance(OkLab other)
    {
        double dl = L - other.L;
        double da = A - other.A;
        double db = B - other.B;
        return (dl * dl) + (da * da) + (db * db);
    }

    private static double Linear(byte channel)
    {
        double value = channel / 255.0;
        return value <= 0.04045 ? value / 12.92 : Math.Pow((value + 0.055) / 1.055, 2.4);
    }
}
