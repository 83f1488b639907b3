using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Imaging;
using Microsoft.ML.Binary.Messages;
using Microsoft.ML.Data;

namespace Microsoft.ML.Binary;

/// <summary>
/// The output values of the row an input stands on. However many columns are read, the image is fetched and the network run once a row,
/// and only for what was asked for.
/// </summary>
internal sealed class ScoredValues
{
    private readonly ScoringMap _map;
    private readonly KnownSize? _known;
    private readonly DataViewRow _input;
    private readonly RowNames _names;
    private readonly ValueGetter<MLImage>? _getImage;
    private readonly DenseValues[] _values;
    private readonly DensePrediction _prediction = new();
    private readonly Delegate?[] _getters;
    private MLImage? _image;
    private RgbImage? _pixels;
    private long? _imagePosition, _predictionPosition;

    private ScoredValues(ScoringMap map, DataViewRow input, IReadOnlyList<DataViewSchema.Column> active)
    {
        (_map, _input, _names, _known) = (map, input, RowNames.OfImages(input), KnownSize.Of(map.ImageOf(input.Schema)));
        _getters = new Delegate?[map.Columns.Length];
        _values = new DenseValues[map.Network.Heads.Length];
        foreach (DataViewSchema.Column output in active)
        {
            int index = output.Index - input.Schema.Count;
            _getImage ??= input.GetGetter<MLImage>(map.ImageOf(input.Schema));
            _values[map.Columns[index].Head] |= map.Columns[index].Needs;
            _getters[index] = GetterOf(map.Columns[index].Value, map.Columns[index].Head);
        }
    }

    public static Delegate?[] GettersOf(ScoringMap map, DataViewRow input, IReadOnlyList<DataViewSchema.Column> active) => new ScoredValues(map, input, active)._getters;

    private Delegate GetterOf(ScoredValue value, int head) => value switch
    {
        ScoredValue.Labels => (ValueGetter<VBuffer<byte>>)((ref VBuffer<byte> labels) => Getters.Copy(Prediction()[head].Labels, ref labels)),
        ScoredValue.Scores or ScoredValue.Map => (ValueGetter<VBuffer<float>>)((ref VBuffer<float> values) => Getters.Copy(Prediction()[head].Values, ref values)),
        ScoredValue.Height => (ValueGetter<int>)((ref int height) => height = SizeOf(Image()).Height),
        _ => (ValueGetter<int>)((ref int width) => width = SizeOf(Image()).Width),
    };

    private MLImage Image()
    {
        if (_imagePosition != _input.Position || _image is null)
        {
            // Whoever made the last image may dispose it now, or take it back; we never do.
            _getImage!(ref _image!);
            _imagePosition = _input.Position;
        }

        return _image ?? throw new InvalidOperationException(
            $"{_names.CurrentWithNumber}: the column '{_map.ImageColumnName}' holds no image; remove rows without one before scoring.");
    }

    private (int Width, int Height) SizeOf(MLImage image) => ReducedImage.SizeOf(image, _known);

    private DensePrediction Prediction()
    {
        if (_predictionPosition != _input.Position)
        {
            MLImage image = Image();
            image.CopyTo(ref _pixels);
            Score(_pixels, SizeOf(image));
            _predictionPosition = _input.Position;
        }

        return _prediction;
    }

    private void Score(RgbImage image, (int Width, int Height) size)
    {
        try
        {
            _map.Scorer.Score(image, size, _values, _prediction);
        }
        catch (Exception exception) when (exception is ArgumentException or InvalidOperationException or OverflowException or GraphException)
        {
            throw new InvalidDataException($"{_names.CurrentWithNumber}: the image of {size.Width}x{size.Height} cannot be scored: {ErrorText.Of(exception)}", exception);
        }
    }
}
