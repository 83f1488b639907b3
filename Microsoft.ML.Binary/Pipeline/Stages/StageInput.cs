using Microsoft.ML.Binary.Imaging;
using Microsoft.ML.Data;

namespace Microsoft.ML.Binary;

/// <summary>What a stage reads of a row, in buffers that serve the next row too.</summary>
internal sealed class StageInput
{
    private byte[] _labels = [];
    private float[] _saliency = [];
    private byte[] _argb = [];
    private RgbImage? _pixels;
    private MLImage? _image;

    public int Height { get; set; }

    public int Width { get; set; }

    /// <summary>Class of each pixel.</summary>
    public byte[] Labels => _labels;

    /// <summary>Saliency of each pixel.</summary>
    public float[] Saliency => _saliency;

    /// <summary>The pixels of the image, which are copied when they are asked for.</summary>
    public RgbImage Image
    {
        get
        {
            _image?.CopyTo(ref _pixels);
            _image = null;
            return _pixels!;
        }
    }

    /// <summary>The size of the picture, whose pixels may have been decoded smaller.</summary>
    public (int Width, int Height) PictureSize { get; private set; }

    public SegmentationMask Mask()
    {
        CheckLength(_labels.Length);
        return new(Width, Height, _labels);
    }

    /// <summary>The saliency as gray values.</summary>
    public SaliencyMask Map()
    {
        CheckLength(_saliency.Length);
        return SaliencyMask.FromProbabilities(Width, Height, _saliency);
    }

    public void CheckLength(int values)
    {
        if (Height < 1 || Width < 1 || values != (long)Height * Width)
        {
            throw new InvalidDataException($"the mask has {values} values, and its columns of width and height say {Width}x{Height} pixels.");
        }
    }

    public void SetLabels(in VBuffer<byte> values) => Set(values, ref _labels);

    public void SetSaliency(in VBuffer<float> values) => Set(values, ref _saliency);

    /// <summary>Takes an image, which must live until the stage has run.</summary>
    /// <param name="image">The image.</param>
    /// <param name="column">Its column.</param>
    /// <param name="known">The size of all images of the column, if known.</param>
    /// <exception cref="InvalidDataException">There is none.</exception>
    public void SetImage(MLImage? image, string column, KnownSize? known = null)
    {
        _image = image ?? throw new InvalidDataException($"the column '{column}' holds no image; remove rows without one before.");
        PictureSize = ReducedImage.SizeOf(image, known);
    }

    /// <summary>Takes alpha, red, green and blue of each pixel of an image of known size.</summary>
    public void SetPixels(in VBuffer<byte> argb, KnownSize size)
    {
        if (_pixels?.Width != size.Width || _pixels.Height != size.Height)
        {
            _pixels = new RgbImage(size.Width, size.Height);
        }

        Set(argb, ref _argb);
        _pixels.CopyFromArgb(_argb);
        PictureSize = (size.Width, size.Height);
    }

    private static void Set<T>(in VBuffer<T> values, ref T[] target)
    {
        if (target.Length != values.Length)
        {
            target = new T[values.Length];
        }

        values.CopyTo(target);
    }
}
