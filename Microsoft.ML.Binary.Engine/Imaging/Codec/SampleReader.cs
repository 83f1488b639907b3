namespace Microsoft.ML.Binary.Imaging.Codec;

/// <summary>Pixels of a row: that at <paramref name="X"/>, and every <paramref name="Step"/>-th from there on.</summary>
internal readonly record struct RowPart(int Y, int X = 0, int Step = 1);

/// <summary>Takes samples in the form that <see cref="Raster.Samples"/> describes. The span is valid during the call only.</summary>
internal delegate void SampleRow(RowPart part, ReadOnlySpan<byte> samples);

/// <summary>A file whose header has been read and whose rows can be: one for each format that the engine decodes itself.</summary>
/// <param name="form">The image without its samples.</param>
internal abstract class SampleReader(Raster form)
{
    public Raster Form => form;

    /// <summary>Whether rows come whole, from the top or from the bottom.</summary>
    public virtual bool ComesInOrder => true;

    /// <summary>Decodes the image.</summary>
    /// <param name="begin">Gives what takes every pixel once. Where all of them have to come again it is called again, and counts then.</param>
    /// <exception cref="InvalidDataException">The file is damaged or truncated.</exception>
    public abstract void ReadRows(Func<SampleRow> begin);

    /// <summary>The whole image, upright, with its samples as stored.</summary>
    public Raster ReadAll(ImageOrientation orientation = ImageOrientation.Upright)
    {
        int size = form.Channels * form.BytesPerSample;
        long bytes = (long)form.Width * form.Height * size;
        byte[] samples = bytes <= Array.MaxLength
            ? new byte[bytes]
            : throw new InvalidDataException($"{form.Name}: {form.Width}x{form.Height} pixels of {size} bytes do not fit one buffer.");
        UprightPlacement placement = new(form.Width, form.Height, orientation);
        ReadRows(() => (part, row) => placement.Place(part, row, samples, size));
        return form with { Width = placement.Width, Height = placement.Height, Samples = samples };
    }

    /// <summary>Lays the colours of all pixels down.</summary>
    public void ReadColors(ImageRows rows)
    {
        byte[] rgb = new byte[3 * form.Width];
        RowColors colors = new(form);
        int size = form.Channels * form.BytesPerSample;
        bool areColors = form is { Color: ColorModel.Rgb, MaxValue: byte.MaxValue, TransparentColor.Length: 0 };
        ReadRows(() =>
        {
            rows.Begin();
            return areColors ? rows.Set : (part, samples) =>
            {
                Span<byte> converted = rgb.AsSpan(0, 3 * (samples.Length / size));
                colors.ToRgb(part, samples, converted);
                rows.Set(part, converted);
            };
        });
    }
}
