using Microsoft.ML.Binary.Imaging;

namespace QuickStart.Scenes;

/// <summary>A painted landscape with a hot-air balloon in front of it, and the truth about each of its pixels.</summary>
/// <param name="Image">The picture.</param>
/// <param name="Classes">A <see cref="SceneClass"/> for each pixel: the truth for segmentation.</param>
/// <param name="Objects">255 on the balloon, else 0: the truth for saliency.</param>
internal sealed record Scene(RgbImage Image, SegmentationMask Classes, SaliencyMask Objects)
{
    public const int Width = 128, Height = 96;

    /// <summary>Paints the scene of a seed; another seed gives another place, light and balloon.</summary>
    public static Scene Paint(int seed)
    {
        Random random = new(seed);
        Layout layout = new(random);
        Materials materials = new(random);
        Light light = new(random);
        RgbImage image = new(Width, Height);
        SegmentationMask classes = new(Width, Height, new byte[Width * Height]);
        SaliencyMask objects = new(Width, Height, new byte[Width * Height]);
        for (int y = 0; y < Height; y++)
        {
            for (int x = 0; x < Width; x++)
            {
                SceneClass what = layout.At(x, y);
                image[x, y] = light.Shine(materials.ColorOf(what, x, y, layout), what, x, y, layout);
                classes.Labels[y * Width + x] = (byte)what;
                objects.Values[y * Width + x] = what == SceneClass.Balloon ? byte.MaxValue : byte.MinValue;
            }
        }

        return new Scene(image, classes, objects);
    }
}
