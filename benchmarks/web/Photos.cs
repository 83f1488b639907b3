using System.Net.Http.Headers;
using Microsoft.ML.Binary;
using Microsoft.ML.Binary.Imaging;
using Microsoft.ML.Data;

namespace WebLoad;

/// <summary>Encoded images to send.</summary>
internal static class Photos
{
    /// <summary>A photo of that size, as a camera saves it.</summary>
    public static byte[] Jpeg(int width, int height) => Encoded(width, height, ".jpg");

    /// <summary>The same as a PNG.</summary>
    public static byte[] Png(int width, int height) => Encoded(width, height, ".png");

    /// <summary>A PNG of one colour: few bytes, many pixels.</summary>
    public static byte[] Flat(int width, int height)
    {
        using MemoryStream png = new();
        new RgbImage(width, height).SavePng(png);
        return png.ToArray();
    }

    public static ByteArrayContent Content(byte[] bytes, string type = "image/jpeg")
    {
        ByteArrayContent content = new(bytes);
        content.Headers.ContentType = MediaTypeHeaderValue.Parse(type);
        return content;
    }

    private static byte[] Encoded(int width, int height, string ending)
    {
        string photo = Directory.GetFiles(Path.Combine(AppContext.BaseDirectory, "photos"), "*.png").Order(StringComparer.Ordinal).First();
        string file = Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid():N}{ending}");
        try
        {
            using MLImage image = RgbImage.Load(photo).Resize(width, height).ToMLImage();
            image.Save(file);
            return File.ReadAllBytes(file);
        }
        finally
        {
            File.Delete(file);
        }
    }
}
