using Microsoft.ML.Binary.Imaging;

namespace Microsoft.ML.Binary;

/// <summary>The decoded files of one row, each read when it is first asked for.</summary>
internal sealed class ImageFileRowContent(ImageFileRow row, MaskKind? masks, int? numberOfClasses, MaskColors? colors = null, int neededLongestSide = 0)
{
    private const string Turned = ". If a camera noted that the image is to be turned, it is read upright, as viewers show it, and the mask must be upright too";

    private LoadedImage? _picture;
    private (int Width, int Height, byte[] Values)? _mask;

    public ImageFileRow Row => row;

    public LoadedImage Picture
    {
        get
        {
            if (_picture is null)
            {
                _picture = ImageReader.Load(row.FullImagePath, ImageReadOptions.Default with { NeededLongestSide = neededLongestSide }, row.ImagePath);
                CheckSizes();
            }

            return _picture;
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

    /// <summary>Reads everything.</summary>
    /// <returns>What makes the files unreadable; null if nothing does.</returns>
    public Exception? Problem()
    {
        try
        {
            _ = Picture;
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
        if (_picture is { FullWidth: var width, FullHeight: var height } && _mask is (var maskWidth, var maskHeight, _) && (maskWidth, maskHeight) != (width, height))
        {
            throw new InvalidDataException(
                $"{row.MaskPath}: the mask is {maskWidth}x{maskHeight}, but its image {row.ImagePath} is {width}x{height}; "
                + $"they must be of the same size{((maskWidth, maskHeight) == (height, width) ? Turned : "")}.");
        }
    }
}
