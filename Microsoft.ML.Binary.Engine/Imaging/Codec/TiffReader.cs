namespace Microsoft.ML.Binary.Imaging.Codec;

/// <summary>
/// Reads the first page of TIFF files: gray, palette and RGB with or without alpha, 1 to 16 bits, in strips or tiles, samples together or
/// in planes, uncompressed or with LZW, Deflate or PackBits. Samples come as stored, so that a TIFF file can be a mask.
/// </summary>
internal sealed class TiffReader : SampleReader
{
    /// <summary>Tiles may be larger than a small image, but not by any amount.</summary>
    private const long LargestSpareTile = 1L << 22;

    private readonly ReadOnlyMemory<byte> _file;
    private readonly TiffLayout _layout;

    private TiffReader(Raster form, ReadOnlyMemory<byte> file, TiffLayout layout)
        : base(form) => (_file, _layout) = (file, layout);

    /// <exception cref="InvalidDataException">The file is damaged, or of a kind that is not read; the message names it.</exception>
    public static TiffReader Open(ReadOnlyMemory<byte> file, string name)
    {
        try
        {
            MemorySource source = new(file);
            ImageInfo info = TiffDirectory.ReadInfo(source, name);
            (Raster form, TiffLayout layout) = TiffLayout.Read(new TiffDirectory(source), info, name);
            long block = (long)layout.BlockWidth * layout.BlockHeight, image = (long)form.Width * form.Height;
            if (Math.Max(block, image) * Math.Max(layout.SamplesTogether, form.Channels) * form.BytesPerSample > Array.MaxLength)
            {
                throw TiffDirectory.Error(name, $"{form.Width}x{form.Height} pixels of this depth do not fit one buffer.");
            }

            return block <= Math.Max(LargestSpareTile, image)
                ? new TiffReader(form, file, layout)
                : throw TiffDirectory.Error(name, $"tiles of {layout.BlockWidth}x{layout.BlockHeight} pixels in an image of {form.Width}x{form.Height}.");
        }
        catch (EndOfStreamException)
        {
            throw TiffDirectory.Error(name, "truncated: it ends within its first directory.");
        }
    }

    public override void ReadRows(SampleRow take)
    {
        int stride = Form.Width * Form.Channels * Form.BytesPerSample;
        int across = (Form.Width + _layout.BlockWidth - 1) / _layout.BlockWidth;
        int down = (int)(((long)Form.Height + _layout.BlockHeight - 1) / _layout.BlockHeight);
        int planes = _layout.InPlanes ? Form.Channels : 1;

        // Rows are put together from several blocks, or come one by one out of the only one.
        byte[] band = new byte[checked(stride * (planes * across > 1 ? Math.Min(_layout.BlockHeight, Form.Height) : 1))];
        byte[] block = new byte[checked(_layout.BlockRowBytes * _layout.BlockHeight)];
        byte[] samples = new byte[_layout.BlockWidth * _layout.SamplesTogether * Form.BytesPerSample];
        for (int row = 0; row < down; row++)
        {
            int y = row * _layout.BlockHeight;
            int rows = Math.Min(_layout.BlockHeight, Form.Height - y);
            Span<byte> stored = block.AsSpan(0, _layout.BlockRowBytes * (_layout.AreTiles ? _layout.BlockHeight : rows));
            if (planes * across == 1)
            {
                Expand(row, stored, y);
                for (int i = 0; i < rows; i++)
                {
                    PlaceRow(i, plane: 0, column: 0, band);
                    take(y + i, band);
                }

                continue;
            }

            for (int index = 0; index < planes * across; index++)
            {
                (int plane, int column) = (index / across, index % across);
                Expand((((plane * down) + row) * across) + column, stored, y);
                for (int i = 0; i < rows; i++)
                {
                    PlaceRow(i, plane, column, band.AsSpan(stride * i, stride));
                }
            }

            for (int i = 0; i < rows; i++)
            {
                take(y + i, band.AsSpan(stride * i, stride));
            }
        }

        void PlaceRow(int i, int plane, int column, Span<byte> row)
        {
            _layout.Unpack(block.AsSpan(_layout.BlockRowBytes * i, _layout.BlockRowBytes), samples);
            Place(samples, plane, column * _layout.BlockWidth, row);
        }
    }

    private void Expand(int index, Span<byte> block, int y)
    {
        if (index >= _layout.Offsets.Length || index >= _layout.ByteCounts.Length)
        {
            throw TiffDirectory.Error(Form.Name, $"its directory has no image data from row {y} on.");
        }

        long offset = Math.Min(_layout.Offsets[index], _file.Length);
        long count = Math.Min(_layout.ByteCounts[index], _file.Length - offset);
        if (TiffCompression.Expand(_layout.Compression, _file.Slice((int)offset, (int)count), block) < block.Length)
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
