using System.IO.Compression;

namespace Microsoft.ML.Binary.Imaging.Codec;

/// <summary>The compressions without loss that TIFF files of pictures have (TIFF 6.0, sections 9 and 13; Adobe's technical notes on Deflate).</summary>
internal static class TiffCompression
{
    public const int None = 1;
    private const int Lzw = 5;
    private const int AdobeDeflate = 8;
    private const int PackBits = 32773;
    private const int Deflate = 32946;

    public static bool IsKnown(long compression) => compression is None or Lzw or AdobeDeflate or Deflate or PackBits;

    /// <summary>
    /// The data of a block, expanded as they are read, so that a file whose only block is the whole picture takes no more memory than one of many.
    /// </summary>
    public static Stream Expand(long compression, Stream data) => compression switch
    {
        None => data,
        Lzw => new LzwStream(data),
        PackBits => new PackBitsStream(data),
        _ => new ZLibStream(data, CompressionMode.Decompress),
    };
}
