namespace Microsoft.ML.Binary.Imaging.Codec;

/// <summary>
/// Reads the first page of TIFF files: gray, palette and RGB with or without alpha, 1 to 16 bits, in strips or tiles, samples together or
/// in planes, uncompressed or with LZW, Deflate or PackBits. Samples come as stored, so that a TIFF file can be a mask.
/// </summary>
internal sealed class TiffReader : SampleReader
{
    /// <summary>Tiles may be larger than a small image, but not by any amount.</summary>
    private const long LargestSpareTile = 1L << 22;

    /// <summary>Blocks that lie side by side are expanded side by side, which takes some 40 KB for each.</summary>
    private const int MostBlocksOfRow = 4096;

    private readonly ByteSource _file;
    private readonly TiffLayout _layout;
    private readonly Func<long, Stream, Stream> _expand;

    private TiffReader(Raster form, ByteSource file, TiffLayout layout, Func<long, Stream, Stream> expand)
        : base(form) => (_file, _layout, _expand) = (file, layout, expand);

    /// <param name="file">The file.</param>
    /// <param name="name">What error messages call it.</param>
    /// <param name="expand">Makes the stream of a block's data; <see cref="TiffCompression.Expand"/> unless told.</param>
    /// <exception cref="InvalidDataException">The file is damaged, or of a kind that is not read; the message names it.</exception>
    public static TiffReader Open(ByteSource file, string name, Func<long, Stream, Stream>? expand = null)
    {
        try
        {
            ImageInfo info = TiffDirectory.ReadInfo(file, name);
            (Raster form, TiffLayout layout) = TiffLayout.Read(new TiffDirectory(file), info, name);
            long block = (long)layout.BlockWidth * layout.BlockHeight, image = (long)form.Width * form.Height;
            long row = (long)Math.Max(layout.BlockWidth, form.Width) * Math.Max(layout.SamplesTogether, form.Channels) * form.BytesPerSample;
            return row <= Array.MaxLength && block <= Math.Max(LargestSpareTile, 4 * image) && BlocksOfRow(form, layout) <= MostBlocksOfRow
                ? new TiffReader(form, file, layout, expand ?? TiffCompression.Expand)
                : throw TiffDirectory.Error(name, $"tiles of {layout.BlockWidth}x{layout.BlockHeight} pixels in an image of {form.Width}x{form.Height}.");
        }
        catch (EndOfStreamException)
        {
            throw TiffDirectory.Error(name, "truncated: it ends within its first directory.");
        }
    }

    public override void ReadRows(Func<SampleRow> begin)
    {
        SampleRow take = begin();
        int across = BlocksOfRow(Form, _layout) / Planes(Form, _layout);
        int down = (int)(((long)Form.Height + _layout.BlockHeight - 1) / _layout.BlockHeight);
        byte[] row = new byte[Form.Width * Form.Channels * Form.BytesPerSample];
        byte[] packed = new byte[_layout.BlockRowBytes];
        byte[] samples = new byte[_layout.BlockWidth * _layout.SamplesTogether * Form.BytesPerSample];
        Stream?[] blocks = new Stream?[BlocksOfRow(Form, _layout)];
        try
        {
            for (int y = 0; y < Form.Height; y++)
            {
                for (int i = 0; i < blocks.Length; i++)
                {
                    (int plane, int column) = (i / across, i % across);
                    if (y % _layout.BlockHeight == 0)
                    {
                        blocks[i]?.Dispose();
                        blocks[i] = OpenBlock((((plane * down) + (y / _layout.BlockHeight)) * across) + column, y);
                    }

                    ReadRow(blocks[i]!, packed, y);
                    _layout.Unpack(packed, plane, samples);
                    Place(samples, plane, column * _layout.BlockWidth, row);
                }

                take(new(y), row);
            }
        }
        finally
        {
            Array.ForEach(blocks, block => block?.Dispose());
        }
    }

    private static int Planes(Raster form, TiffLayout layout) => layout.InPlanes ? form.Channels : 1;

    private static int BlocksOfRow(Raster form, TiffLayout layout) => Planes(form, layout) * (int)(((long)form.Width + layout.BlockWidth - 1) / layout.BlockWidth);

    private Stream OpenBlock(int index, int y)
    {
        if (index >= _layout.Offsets.Length || index >= _layout.ByteCounts.Length)
        {
            throw TiffDirectory.Error(Form.Name, $"its directory has no image data from row {y} on.");
        }

        long offset = Math.Min(_layout.Offsets[index], _file.Length);
        long count = Math.Min(_layout.ByteCounts[index], _file.Length - offset);
        return _expand(_layout.Compression, new ChunkStream(_file, [new(offset, (int)Math.Min(count, int.MaxValue))]));
    }

    private void ReadRow(Stream block, Span<byte> packed, int y)
    {
        int count = 0;
        try
        {
            count = block.ReadAtLeast(packed, packed.Length, throwOnEndOfStream: false);
        }
        // An IOException where the data ask for a dictionary, which no image format has.
        catch (Exception fault) when (fault is InvalidDataException or IOException)
        {
        }

        if (count < packed.Length)
        {
            throw TiffDirectory.Error(Form.Name, $"truncated or damaged: the image data from row {y} on are not whole.");
        }
    }

    /// <summary>Takes the channels that are wanted of a block's row, and leaves those over the right edge out.</summary>
    private void Place(ReadOnlySpan<byte> samples, int plane, int x, Span<byte> row)
    {
        int bytes = Form.BytesPerSample;
        int from = bytes * _layout.SamplesTogether, to = bytes * Form.Channels;
        int taken = _layout.InPlanes ? bytes : to;
        int columns = Math.Min(_layout.BlockWidth, Form.Width - x);
        for (int i = 0; i < columns; i++)
        {
            samples.Slice(from * i, taken).CopyTo(row[((to * (x + i)) + (bytes * plane))..]);
        }
    }
}
