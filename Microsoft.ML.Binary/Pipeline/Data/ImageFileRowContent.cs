using System.Collections.Immutable;
using Microsoft.ML.Binary.Imaging;
using Microsoft.ML.Binary.Training;

namespace Microsoft.ML.Binary;

/// <summary>The decoded files of one row, each read when it is first asked for.</summary>
internal sealed class ImageFileRowContent(ImageFileRow row, ImmutableArray<MaskColumn> masks, int neededLongestSide = 0, CancellationToken cancellation = default)
{
    private const string Turned = ". If a camera noted that the image is to be turned, it is read upright, as viewers show it, and the mask must be upright too";

    private readonly (int Width, int Height, byte[] Values)?[] _masks = new (int, int, byte[])?[masks.Length];
    private LoadedImage? _picture;

    public ImageFileRow Row => row;

    public LoadedImage Picture
    {
        get
        {
            if (_picture is null)
            {
                LoadedImage picture = ImageReader.Load(row.FullImagePath, ImageReadOptions.Default with { NeededLongestSide = neededLongestSide, Cancellation = cancellation }, row.ImagePath);
                for (int i = 0; i < masks.Length; i++)
                {
                    CheckSize(i, picture, _masks[i]);
                }

                _picture = picture;
            }

            return _picture;
        }
    }

    /// <summary>The mask of an index.</summary>
    public (int Width, int Height, byte[] Values) Mask(int index)
    {
        if (_masks[index] is not { } mask)
        {
            mask = ReadMask(masks[index], row.FullMaskPaths[index], row.MaskPaths[index]);
            CheckSize(index, _picture, mask);
            _masks[index] = mask;
        }

        return mask;
    }

    /// <summary>Image and masks, named by the path of the first mask.</summary>
    public TrainingSample ToSample() => new(row.MaskPaths[0], Picture.Image, Mask(0).Values)
    {
        FullSize = Picture.Reduction == 1 ? null : (Picture.FullWidth, Picture.FullHeight),
        MoreMasks = [.. Enumerable.Range(1, masks.Length - 1).Select(index => Mask(index).Values)],
    };

    /// <summary>Reads everything.</summary>
    /// <returns>What makes the files unreadable; null if nothing does.</returns>
    public Exception? Problem()
    {
        try
        {
            _ = Picture;
            for (int i = 0; i < masks.Length; i++)
            {
                Mask(i);
            }

            return null;
        }
        catch (Exception exception) when (exception is InvalidDataException or IOException or UnauthorizedAccessException)
        {
            return exception;
        }
    }

    private static (int Width, int Height, byte[] Values) ReadMask(MaskColumn mask, string path, string name)
    {
        if (mask.Kind == MaskKind.Saliency)
        {
            SaliencyMask gray = MaskReader.ReadGray(path, name);
            return (gray.Width, gray.Height, gray.Values);
        }

        SegmentationMask labels = MaskReader.ReadClassIndices(path, mask.Colors, name);
        if (mask.Classes is int count)
        {
            labels.CheckRange(count, name);
        }

        return (labels.Width, labels.Height, labels.Labels);
    }

    // As soon as both are there; a pass over the labels alone does not decode the images.
    private void CheckSize(int index, LoadedImage? picture, (int Width, int Height, byte[] Values)? mask)
    {
        if (picture is { FullWidth: var width, FullHeight: var height } && mask is (var maskWidth, var maskHeight, _) && (maskWidth, maskHeight) != (width, height))
        {
            throw new InvalidDataException(
                $"{row.MaskPaths[index]}: the mask is {maskWidth}x{maskHeight}, but its image {row.ImagePath} is {width}x{height}; "
                + $"they must be of the same size{((maskWidth, maskHeight) == (height, width) ? Turned : "")}.");
        }
    }
}
