#:project ../Microsoft.ML.Binary.Engine/Microsoft.ML.Binary.Engine.csproj
#:property PublishAot=false
// Draws the icon of the packages:
//
//     dotnet run eng/icon.cs
//
// A landscape (sky, hill, water) that becomes pixels from left to right: a picture, and its mask.
using System.Runtime.CompilerServices;
using Microsoft.ML.Binary.Imaging;

const int side = 256, samples = 4, radius = 48;
RgbColor[] classes = [RgbColor.Parse("#F2B84B"), RgbColor.Parse("#3E7C59"), RgbColor.Parse("#1F4E8C")];
RgbImage image = new(side, side);
byte[] alpha = new byte[side * side];
for (int y = 0; y < side; y++)
{
    for (int x = 0; x < side; x++)
    {
        int red = 0, green = 0, blue = 0, inside = 0;
        for (int i = 0; i < samples * samples; i++)
        {
            double u = x + ((i % samples + 0.5) / samples), v = y + ((i / samples + 0.5) / samples);
            if (IsInside(u, v))
            {
                RgbColor color = classes[ClassAt(u, v)];
                (red, green, blue, inside) = (red + color.R, green + color.G, blue + color.B, inside + 1);
            }
        }

        if (inside > 0)
        {
            int at = 3 * ((y * side) + x);
            (image.Pixels[at], image.Pixels[at + 1], image.Pixels[at + 2]) = ((byte)(red / inside), (byte)(green / inside), (byte)(blue / inside));
            alpha[(y * side) + x] = (byte)(255 * inside / (samples * samples));
        }
    }
}

string path = Path.Combine(Folder(), "icon.png");
CutOut.SavePng(path, image, new SaliencyMask(side, side, alpha));
Console.WriteLine(path);

// Right of the middle, pixels of a mask: the class at their centre.
static int ClassAt(double x, double y)
{
    const double pixel = side / 8.0;
    if (x >= side / 2)
    {
        (x, y) = ((Math.Floor(x / pixel) + 0.5) * pixel, (Math.Floor(y / pixel) + 0.5) * pixel);
    }

    double ridge = 118 + (44 * Math.Sin((x / 58.0) + 0.7)), shore = 178 + (14 * Math.Sin((x / 40.0) + 2));
    return y < ridge ? 0 : y < shore ? 1 : 2;
}

static bool IsInside(double x, double y)
{
    double dx = Math.Max(0, Math.Max(radius - x, x - (side - radius))), dy = Math.Max(0, Math.Max(radius - y, y - (side - radius)));
    return (dx * dx) + (dy * dy) <= radius * radius;
}

static string Folder([CallerFilePath] string path = "") => Path.GetDirectoryName(path)!;
