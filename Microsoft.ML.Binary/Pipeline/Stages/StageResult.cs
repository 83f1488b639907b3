using System.Collections.Immutable;
using Microsoft.ML.Binary.Imaging;
using Microsoft.ML.Data;

namespace Microsoft.ML.Binary;

/// <summary>What a stage makes of a row; each stage sets what it has.</summary>
internal sealed class StageResult
{
    private byte[] _picture = [];
    private int _pictureWidth, _pictureHeight;

    public float[] Shares { get; set; } = [];

    public ImmutableArray<MaskRegion> Regions { get; set; } = [];

    public int[] RegionIds { get; set; } = [];

    public byte[] Labels { get; set; } = [];

    public float[] Saliency { get; set; } = [];

    public int Height { get; set; }

    public int Width { get; set; }

    /// <summary>A fresh image each time: nobody can say who disposes the last one.</summary>
    public MLImage NewPicture() => NativeImageMemory.Track(MLImageConversion.FromBgra(_pictureWidth, _pictureHeight, _picture));

    public void SetPicture(RgbImage picture) => picture.CopyToBgra(Picture(picture.Width, picture.Height));

    /// <summary>Takes a picture with alpha, multiplied into the colours as ML.NET's images have it.</summary>
    public void SetPicture(int width, int height, ReadOnlySpan<byte> rgba)
    {
        Span<byte> bgra = Picture(width, height);
        for (int i = 0; i < bgra.Length; i += 4)
        {
            int alpha = rgba[i + 3];
            (bgra[i], bgra[i + 1], bgra[i + 2], bgra[i + 3]) = (Multiplied(rgba[i + 2]), Multiplied(rgba[i + 1]), Multiplied(rgba[i]), (byte)alpha);

            byte Multiplied(int color) => (byte)((2 * color * alpha + 255) / 510);
        }
    }

    private byte[] Picture(int width, int height)
    {
        if ((_pictureWidth, _pictureHeight) != (width, height))
        {
            (_picture, _pictureWidth, _pictureHeight) = (new byte[MLImageConversion.LengthOf(width, height, 4)], width, height);
        }

        return _picture;
    }
}

/// <summary>A value of a <see cref="StageResult"/> as a column.</summary>
internal sealed class StageValue
{
    public static readonly StageValue Shares = Vector("MlBinary.ClassShares", NumberDataViewType.Single, result => result.Shares);
    public static readonly StageValue RegionCount = Scalar("MlBinary.RegionCount", result => result.Regions.Length);
    public static readonly StageValue RegionLabels = Vector("MlBinary.RegionLabels", NumberDataViewType.Byte, LabelsOf);
    public static readonly StageValue RegionAreas = Vector("MlBinary.RegionAreas", NumberDataViewType.Int32, AreasOf);
    public static readonly StageValue RegionBoxes = Vector("MlBinary.RegionBoxes", NumberDataViewType.Int32, BoxesOf);
    public static readonly StageValue RegionCentroids = Vector("MlBinary.RegionCentroids", NumberDataViewType.Single, CentroidsOf);
    public static readonly StageValue RegionIds = Vector("MlBinary.RegionIds", NumberDataViewType.Int32, result => result.RegionIds);
    public static readonly StageValue Labels = Vector("MlBinary.Labels", NumberDataViewType.Byte, result => result.Labels);
    public static readonly StageValue Saliency = Vector("MlBinary.Saliency", NumberDataViewType.Single, result => result.Saliency);
    public static readonly StageValue Height = Scalar("MlBinary.Height", result => result.Height);
    public static readonly StageValue Width = Scalar("MlBinary.Width", result => result.Width);
    public static readonly StageValue Picture = new(
        "MlBinary.Picture", () => ImageColumn.Type, OutputShape.Append<MLImage>,
        result => (ValueGetter<MLImage>)((ref MLImage value) => value = result().NewPicture()));

    private readonly Func<DataViewType> _type;

    private StageValue(
        string savedName, Func<DataViewType> type, Func<MLContext, SchemaShape, string, DataViewType, SchemaShape> append, Func<Func<StageResult>, Delegate> getter)
    {
        (SavedName, _type, Append, Getter) = (savedName, type, append, getter);
    }

    /// <summary>What the column is called inside a saved model, which is part of its format.</summary>
    public string SavedName { get; }

    public DataViewType Type => _type();

    /// <summary>Adds a column of this kind to a shape.</summary>
    public Func<MLContext, SchemaShape, string, DataViewType, SchemaShape> Append { get; }

    /// <summary>Makes a getter of what gives the current row's result.</summary>
    public Func<Func<StageResult>, Delegate> Getter { get; }

    public static byte[] LabelsOf(StageResult result) => OfRegions(result, r => r.Label);

    public static int[] AreasOf(StageResult result) => OfRegions(result, r => r.Area);

    public static int[] BoxesOf(StageResult result) => OfRegions(result, r => r.Left, r => r.Top, r => r.Width, r => r.Height);

    public static float[] CentroidsOf(StageResult result) => OfRegions(result, r => (float)r.CentroidX, r => (float)r.CentroidY);

    private static StageValue Vector<T>(string savedName, PrimitiveDataViewType item, Func<StageResult, T[]> of)
        where T : unmanaged => new(
            savedName, () => new VectorDataViewType(item), OutputShape.Append<VBuffer<T>>,
            result => (ValueGetter<VBuffer<T>>)((ref VBuffer<T> value) => Getters.Copy<T>(of(result()), ref value)));

    private static StageValue Scalar(string savedName, Func<StageResult, int> of) => new(
        savedName, () => NumberDataViewType.Int32, OutputShape.Append<int>, result => (ValueGetter<int>)((ref int value) => value = of(result())));

    private static T[] OfRegions<T>(StageResult result, params Func<MaskRegion, T>[] values) =>
        [.. result.Regions.SelectMany(region => values.Select(value => value(region)))];
}
