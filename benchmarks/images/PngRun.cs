using System.Buffers.Binary;
using System.IO.Compression;
using Microsoft.ML.Binary.Imaging;
using SkiaSharp;

namespace Images;

/// <summary>The engine's PNG reader beside Skia's, and beside what inflating the same data takes by itself.</summary>
internal static class PngRun
{
    private const int Most = 50, Rounds = 15;

    public static void Run(string folder)
    {
        (string Name, byte[] File, byte[] Compressed)[] images =
            [.. Turns.Files(folder, "*.png", Most).Select(path => (path, File.ReadAllBytes(path))).Select(image => (image.path, image.Item2, ImageData(image.Item2)))];
        byte[] lines = new byte[1 << 16];
        Turns.Print(
            images.Length,
            Rounds,
            ("Skia (SKBitmap.Decode, 4 bytes a pixel)", () => Array.ForEach(images, image => SKBitmap.Decode(image.File).Dispose())),
            ("the engine (ImageReader.Load)", () => Array.ForEach(images, image => ImageReader.Load(image.File, image.Name))),
            ("inflating alone (ZLibStream)", () => Array.ForEach(images, image =>
            {
                using ZLibStream inflater = new(new MemoryStream(image.Compressed), CompressionMode.Decompress);
                while (inflater.Read(lines) > 0)
                {
                }
            })));
    }

    private static byte[] ImageData(ReadOnlySpan<byte> png)
    {
        List<byte> data = [];
        for (int at = 8; at < png.Length;)
        {
            int length = BinaryPrimitives.ReadInt32BigEndian(png[at..]);
            if (png.Slice(at + 4, 4).SequenceEqual("IDAT"u8))
            {
                data.AddRange(png.Slice(at + 8, length));
            }

            at += 12 + length;
        }

        return [.. data];
    }
}
