using Microsoft.ML.Data;

namespace Microsoft.ML.Binary;

/// <summary>A stage as a mapping of rows.</summary>
internal sealed class StageMap : RowMap
{
    public StageMap(MaskStage stage)
    {
        OutputNames.Check([.. stage.OutputsOf(null).Select(output => output.Name)]);
        Stage = stage;
    }

    public MaskStage Stage { get; }

    public override IEnumerable<OutputColumn> OutputsOf(DataViewSchema input)
    {
        _ = InputsOf(input).Count();
        return Stage.OutputsOf(input).Select(output => new OutputColumn(output.Name, output.ColumnType, output.Annotations));
    }

    public override IEnumerable<DataViewSchema.Column> InputsOf(DataViewSchema input) => Stage.Inputs.Of(input);

    public override Delegate?[] GettersOf(DataViewRow input, IReadOnlyList<DataViewSchema.Column> active) => StageValues.GettersOf(Stage, input, active);
}

/// <summary>The values that a stage adds to the row an input stands on; it runs once a row, however many of them are read.</summary>
internal sealed class StageValues
{
    private readonly MaskStage _stage;
    private readonly DataViewRow _row;
    private readonly RowNames _names;
    private readonly Delegate?[] _getters;
    private readonly StageInput _input = new();
    private readonly StageResult _result = new();
    private Action? _read;
    private long? _position;

    private StageValues(MaskStage stage, DataViewRow row, IReadOnlyList<DataViewSchema.Column> active)
    {
        (_stage, _row) = (stage, row);
        _names = stage.Inputs is { Image: null, Labels: ImageDataColumns.Label } ? RowNames.OfMasks(row) : RowNames.OfImages(row);
        StageOutput[] outputs = [.. stage.OutputsOf(row.Schema)];
        _getters = new Delegate?[outputs.Length];
        foreach (DataViewSchema.Column column in active)
        {
            int index = column.Index - row.Schema.Count;
            _getters[index] = outputs[index].Value.Getter(Result);
        }

        if (active.Count > 0)
        {
            StageInputs inputs = stage.Inputs;
            DataViewSchema.Column? images = inputs.ImageOf(row.Schema);
            KnownSize? known = images is { } column ? KnownSize.Of(column) : null;
            Read<MLImage>(images, image => _input.SetImage(image, inputs.Image!, known));
            Read<VBuffer<byte>>(inputs.LabelsOf(row.Schema), labels => _input.SetLabels(labels));
            Read<VBuffer<float>>(inputs.SaliencyOf(row.Schema), saliency => _input.SetSaliency(saliency));
            Read<int>(inputs.HeightOf(row.Schema), height => _input.Height = height);
            Read<int>(inputs.WidthOf(row.Schema), width => _input.Width = width);
        }
    }

    public static Delegate?[] GettersOf(MaskStage stage, DataViewRow row, IReadOnlyList<DataViewSchema.Column> active) => new StageValues(stage, row, active)._getters;

    private StageResult Result()
    {
        if (_position != _row.Position)
        {
            try
            {
                _read!();
                _stage.Run(_input, _result);
            }
            catch (InvalidDataException exception)
            {
                throw new InvalidDataException($"{_names.CurrentWithNumber}: {exception.Message}", exception);
            }

            _position = _row.Position;
        }

        return _result;
    }

    private void Read<T>(DataViewSchema.Column? column, Action<T> take)
    {
        if (column is { } known)
        {
            ValueGetter<T> getter = _row.GetGetter<T>(known);
            T value = default!;
            _read += () =>
            {
                getter(ref value);
                take(value);
            };
        }
    }
}
