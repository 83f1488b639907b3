namespace Microsoft.ML.Binary.Imaging.Codec;

/// <summary>Takes a row of samples in the form that <see cref="Raster.Samples"/> describes. The span is valid during the call only.</summary>
internal delegate void SampleRow(int y, ReadOnlySpan<byte> samples);

/// <summary>A file whose header has been read and whose rows can be: one for each format that the engine decodes itself.</summary>
/// <param name="form">The image without its samples.</param>
internal abstract class SampleReader(Raster form)
{
    public Raster Form => form;

    /// <summary>Decodes all rows. A row may come twice, and then the second is right.</summary>
    /// <exception cref="InvalidDataException">The file is damaged or truncated.</exception>
    public abstract void ReadRows(SampleRow take);

    /// <summary>The whole image, upright, with its samples as stored.</summary>
    public Raster ReadAll(ImageOrientation orientation = ImageOrientation.Upright)
    {
        int size = form.Channels * form.BytesPerSample;
        long bytes = (long)form.Width * form.Height * size;
        byte[] samples = bytes <= Array.MaxLength
            ? new byte[bytes]
            : throw new InvalidDataException($"{form.Name}: {form.Width}x{form.Height} pixels of {size} bytes do not fit one buffer.");
        UprightPlacement placement = new(form.Width, form.Height, orientation);
        ReadRows((y, row) => placement.Place(y, row, samples, size));
        return form with { Width = placement.Width, Height = placement.Height, Samples = samples };
    }

    /// <summary>Lays the colours of all rows down.</summary>
    public void ReadColors(ImageRows rows)
    {
        byte[] rgb = new byte[3 * form.Width];
        RowColors colors = new(form);
        ReadRows((y, row) =>
        {
            if (form is { Color: ColorModel.Rgb, MaxValue: byte.MaxValue, TransparentColor.Length: 0 })
            {
                rows.Set(y, row);
            }
            else
            {
                colors.ToRgb(y, row, rgb);
                rows.Set(y, rgb);
            }
        });
    }
}
