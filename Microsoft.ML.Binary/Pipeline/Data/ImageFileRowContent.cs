using Microsoft.ML.Binary.Imaging;

namespace Microsoft.ML.Binary;

/// <summary>The decoded files of one row, each read when it is first asked for.</summary>
internal sealed class ImageFileRowContent(ImageFileRow row, MaskKind? masks, int? classCount, MaskColors? colors = null)
{
    private RgbImage? _image;
    private (int Width, int Height, byte[] Values)? _mask;

    public ImageFileRow Row => row;

    public RgbImage Image
    {
        get
        {
            if (_image is null)
            {
                using FileStream file = File.OpenRead(row.FullImagePath);
                _image = ImageDecoder.Load(file, row.ImagePath);
                CheckSizes();
            }

            return _image;
        }
    }

    public (int Width, int Height, byte[] Values) Mask
    {
        get
        {
            if (_mask is null)
            {
                using FileStream file = File.OpenRead(row.FullMaskPath!);
                _mask = ReadMask(file, row.MaskPath!);
                CheckSizes();
            }

            return _mask.Value;
        }
    }

    /// <summary>Reads everything.</summary>
    /// <returns>What makes the files unreadable; null if nothing does.</returns>
    public Exception? Problem()
    {
        try
        {
            _ = Image;
            _ = masks is null ? default : Mask;
            return null;
        }
        catch (Exception exception) when (exception is InvalidDataException or IOException or UnauthorizedAccessException)
        {
            return exception;
        }
    }

    private (int Width, int Height, byte[] Values) ReadMask(FileStream file, string path)
    {
        if (masks == MaskKind.Saliency)
        {
            SaliencyMask gray = MaskReader.ReadGray(file, path);
            return (gray.Width, gray.Height, gray.Values);
        }

        SegmentationMask labels = MaskReader.ReadClassIndices(file, path, colors);
        if (classCount is int count)
        {
            labels.CheckRange(count, path);
        }

        return (labels.Width, labels.Height, labels.Labels);
    }

    // As soon as both are there; a pass over the labels alone does not decode the images.
    private void CheckSizes()
    {
        if (_image is not null && _mask is (var width, var height, _) && (width != _image.Width || height != _image.Height))
        {
            throw new InvalidDataException(
                $"{row.MaskPath}: the mask is {width}x{height}, but its image {row.ImagePath} is {_image.Width}x{_image.Height}; "
                + "they must be of the same size.");
        }
    }
}
