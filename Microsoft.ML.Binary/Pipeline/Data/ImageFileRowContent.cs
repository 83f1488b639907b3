using Microsoft.ML.Binary.Imaging;

namespace Microsoft.ML.Binary;

/// <summary>The decoded files of one row, each read when it is first asked for.</summary>
internal sealed class ImageFileRowContent(ImageFileRow row, MaskKind? masks, int? numberOfClasses, MaskColors? colors = null)
{
    private const string Turned = ". If a camera noted that the image is to be turned, it is read upright, as viewers show it, and the mask must be upright too";

    private RgbImage? _image;
    private (int Width, int Height, byte[] Values)? _mask;

    public ImageFileRow Row => row;

    public RgbImage Image
    {
        get
        {
            if (_image is null)
            {
                _image = ImageReader.Load(row.FullImagePath, FullSize, row.ImagePath).Image;
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
                _mask = ReadMask(row.FullMaskPath!, row.MaskPath!);
                CheckSizes();
            }

            return _mask.Value;
        }
    }

    private static ImageReadOptions FullSize => ImageReadOptions.Default with { NeededLongestSide = 0 };

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

    private (int Width, int Height, byte[] Values) ReadMask(string path, string name)
    {
        if (masks == MaskKind.Saliency)
        {
            SaliencyMask gray = MaskReader.ReadGray(path, name);
            return (gray.Width, gray.Height, gray.Values);
        }

        SegmentationMask labels = MaskReader.ReadClassIndices(path, colors, name);
        if (numberOfClasses is int count)
        {
            labels.CheckRange(count, name);
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
                + $"they must be of the same size{(width == _image.Height && height == _image.Width ? Turned : "")}.");
        }
    }
}
