using Microsoft.ML.Binary.Graph;

namespace Microsoft.ML.Binary.Training.Data;

/// <summary>The part of an image that an augmented crop shows: where it starts, how much it is enlarged, and whether it is mirrored.</summary>
/// <param name="Left">First column, in pixels of the image; negative where the crop reaches beyond it.</param>
/// <param name="Top">First row.</param>
/// <param name="Scale">Crop pixels per pixel of the image.</param>
/// <param name="Flip">Whether left and right are exchanged.</param>
/// <param name="Width">Columns of the crop.</param>
/// <param name="Height">Rows of the crop.</param>
internal readonly record struct CropWindow(float Left, float Top, float Scale, bool Flip, int Width, int Height)
{
    /// <summary>Draws a window; one that fits into the image is placed anywhere inside if that is asked for, others are centred.</summary>
    public static CropWindow Draw(AugmentationOptions options, ref RandomStream random, int imageWidth, int imageHeight, int width, int height)
    {
        float scale = random.NextSingle(options.MinScale, options.MaxScale);
        bool flip = random.NextDouble() < 0.5 && options.Flip;
        float left = Place(imageWidth, width / scale, options.RandomPlacement, ref random);
        float top = Place(imageHeight, height / scale, options.RandomPlacement, ref random);
        return new(left, top, scale, flip, width, height);
    }

    /// <summary>The image position, in pixels, of the middle of a crop column.</summary>
    public float X(int column) => Left + ((Flip ? Width - 1 - column : column) + 0.5f) / Scale;

    /// <summary>The image position, in pixels, of the middle of a crop row.</summary>
    public float Y(int row) => Top + (row + 0.5f) / Scale;

    // Whole pixels keep an unscaled crop sharp.
    private static float Place(int side, float span, bool anywhere, ref RandomStream random)
    {
        double position = random.NextDouble();
        return span <= side && anywhere ? (float)(position * (side - span)) : MathF.Floor((side - span) / 2);
    }
}
