using System.Text.Json;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms;
using Microsoft.ML.Transforms.Image;

namespace Microsoft.ML.Binary;

/// <summary>
/// The form in which a stage goes into a model file, as <see cref="SavedNetwork"/> does it for networks: a table (<c>MapValue</c>) with the stage in JSON, and a
/// custom mapping that runs it. Column names in it are fixed; the user's are copied from and to.
/// </summary>
internal static class SavedStage
{
    /// <summary>The key of the only row of the table.</summary>
    public const int Row = 0;

    public static void Save(MLContext context, MaskStage stage, ModelSaveContext target)
    {
        IDataView data = Inputs(context, stage);
        List<string> helpers = [SavedStageColumns.Key, SavedStageColumns.Stage];
        List<ITransformer> stages = [];
        Add(context.Transforms.CustomMapping(new SavedStageKeyFactory().GetMapping(), SavedStageKeyFactory.Contract));
        Add(Table(context, stage));
        if (stage.SavedForm.IsOfPixels)
        {
            Add(context.Transforms.ExtractPixels(SavedStageColumns.Pixels, stage.Inputs.Image, interleavePixelColors: true, outputAsFloatArray: false));
            helpers.Add(SavedStageColumns.Pixels);
        }
        else if (stage.SavedForm.IsOfImage)
        {
            Copy(SavedStageColumns.Image, stage.Inputs.Image);
        }

        Copy(SavedStageColumns.Labels, stage.Inputs.Labels);
        Copy(SavedStageColumns.Saliency, stage.Inputs.Saliency);
        Copy(SavedStageColumns.Height, stage.Inputs.Height);
        Copy(SavedStageColumns.Width, stage.Inputs.Width);
        Add(stage.SavedForm.Mapping(context));
        StageOutput[] outputs = [.. stage.OutputsOf(data.Schema)];
        foreach (StageOutput output in outputs)
        {
            Add(Output(context, output));
        }

        Add(context.Transforms.DropColumns([.. helpers, .. outputs.Select(output => output.Value.SavedName)]));
        ((ICanSaveModel)new TransformerChain<ITransformer>([.. stages])).Save(target);

        void Copy(string name, string? users)
        {
            if (users is not null)
            {
                Add(context.Transforms.CopyColumns(name, users));
                helpers.Add(name);
            }
        }

        void Add<T>(IEstimator<T> estimator)
            where T : class, ITransformer
        {
            ITransformer added = estimator.Fit(data);
            stages.Add(added);
            data = added.Transform(data);
        }
    }

    /// <summary>The stage in a chain that was loaded; null if it is none of a stage.</summary>
    public static MaskStage? Find(MLContext context, IReadOnlyList<ITransformer> chain)
    {
        if (chain is not [CustomMappingTransformer<SavedNothing, SavedStageKey>, var table, ..])
        {
            return null;
        }

        IDataView values = table.Transform(context.Data.LoadFromEnumerable<SavedStageKey>([new() { Key = Row }]));
        DataViewSchema.Column column = values.Schema[SavedStageColumns.Stage];
        using DataViewRowCursor cursor = values.GetRowCursor([column]);
        cursor.MoveNext();
        VBuffer<byte> bytes = default;
        cursor.GetGetter<VBuffer<byte>>(column)(ref bytes);
        return Read([.. bytes.DenseValues()]);
    }

    /// <exception cref="InvalidDataException">The bytes are those of no stage.</exception>
    public static MaskStage Read(byte[] bytes)
    {
        try
        {
            return JsonSerializer.Deserialize<MaskStage>(bytes) ?? throw new JsonException("there is none");
        }
        catch (Exception exception) when (exception is JsonException or NotSupportedException)
        {
            throw new InvalidDataException($"A stage of the saved model cannot be used, of a later version or damaged: {exception.Message}", exception);
        }
    }

    private static IEstimator<ITransformer> Table(MLContext context, MaskStage stage)
    {
        IDataView table = context.Data.LoadFromEnumerable<SavedEntry>([new() { Key = Row, Value = JsonSerializer.SerializeToUtf8Bytes(stage) }]);
        return context.Transforms.Conversion.MapValue(
            SavedStageColumns.Stage, table, table.Schema[nameof(SavedEntry.Key)], table.Schema[nameof(SavedEntry.Value)], SavedStageColumns.Key);
    }

    private static IEstimator<ITransformer> Output(MLContext context, StageOutput output) => output.Type is VectorDataViewType { Size: > 0 and < ClassSharesStage.MaxClasses } vector
        ? new FirstSlots(context, output.Name, output.Value.SavedName, vector.Size)
        : context.Transforms.CopyColumns(output.Name, output.Value.SavedName);

    /// <summary>A view without rows that has the columns which the stage reads.</summary>
    private static IDataView Inputs(MLContext context, MaskStage stage)
    {
        SchemaDefinition columns = SchemaDefinition.Create(typeof(InputRow));
        Name(nameof(InputRow.Image), stage.Inputs.Image);
        Name(nameof(InputRow.Labels), stage.Inputs.Labels);
        Name(nameof(InputRow.Saliency), stage.Inputs.Saliency);
        Name(nameof(InputRow.Height), stage.Inputs.Height);
        Name(nameof(InputRow.Width), stage.Inputs.Width);
        if (stage.Inputs.Image is not null)
        {
            columns[nameof(InputRow.Image)].ColumnType = stage.ImageSize is (var height, var width) ? new ImageDataViewType(height, width) : ImageColumn.Type;
        }

        return context.Data.LoadFromEnumerable<InputRow>([], columns);

        void Name(string member, string? users)
        {
            SchemaDefinition.Column column = columns[member];
            if (users is null)
            {
                columns.Remove(column);
            }
            else
            {
                column.ColumnName = users;
            }
        }
    }

    private sealed class InputRow
    {
        [ImageColumn]
        public MLImage? Image { get; set; }

        public byte[] Labels { get; set; } = [];

        public float[] Saliency { get; set; } = [];

        public int Height { get; set; }

        public int Width { get; set; }
    }

    /// <summary>
    /// Keeps the first slots of a vector. ML.NET's way to drop slots is a selection of features: fitted here to a row in which those to keep have a value.
    /// </summary>
    private sealed class FirstSlots(MLContext context, string output, string input, int count) : IEstimator<ITransformer>
    {
        public ITransformer Fit(IDataView data)
        {
            SchemaDefinition columns = SchemaDefinition.Create(typeof(SlotRow));
            (columns[nameof(SlotRow.Values)].ColumnName, columns[nameof(SlotRow.Values)].ColumnType) =
                (input, new VectorDataViewType(NumberDataViewType.Single, ClassSharesStage.MaxClasses));
            SlotRow kept = new() { Values = [.. Enumerable.Range(0, ClassSharesStage.MaxClasses).Select(slot => slot < count ? 1f : 0f)] };
            return context.Transforms.FeatureSelection.SelectFeaturesBasedOnCount(output, input).Fit(context.Data.LoadFromEnumerable([kept], columns));
        }

        public SchemaShape GetOutputSchema(SchemaShape inputSchema) => OutputShape.Append<VBuffer<float>>(
            context, inputSchema, output, new VectorDataViewType(NumberDataViewType.Single, count));
    }

    private sealed class SlotRow
    {
        public float[] Values { get; set; } = [];
    }
}
