using Microsoft.ML.Binary.Imaging;

namespace Microsoft.ML.Binary;

/// <summary>The decoded files of one row, each read when it is first asked for.</summary>
internal sealed class ImageFileRowContent(ImageFileRow row, MaskKind? masks, int? classCount)
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
                _image = RgbImage.Load(row.ImagePath);
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
                _mask = ReadMask(row.MaskPath!);
                CheckSizes();
            }

            return _mask.Value;
        }
    }

    private (int Width, int Height, byte[] Values) ReadMask(string path)
    {
        if (masks == MaskKind.Saliency)
        {
            SaliencyMask gray = MaskReader.ReadGray(path);
            return (gray.Width, gray.Height, gray.Values);
        }

        SegmentationMask labels = MaskReader.ReadClassIndices(path);
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
                + $"they must be of the same size{(width == _image.Height && height == _image.Width ? Turned : "")}.");
        }
    }
}
