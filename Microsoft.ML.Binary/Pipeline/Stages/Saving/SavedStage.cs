using System.Text.Json;
using System.Text.Json.Serialization;
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

    // What can only be read is computed from what is stored.
    private static readonly JsonSerializerOptions Json = new()
    {
        IgnoreReadOnlyProperties = true,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        RespectRequiredConstructorParameters = true,
    };

    public static void Save(MLContext context, MaskStage stage, ModelSaveContext target)
    {
        IDataView data = Inputs(context, stage);
        List<string> helpers = [SavedStageColumns.Key, SavedStageColumns.Stage];
        List<ITransformer> stages = [];
        Add(new SavedStageKeyFactory().Mapping(context));
        Add(Table(context, stage));
        if (stage.SavedForm.IsOfPixels)
        {
            Add(context.ExtractArgb(SavedStageColumns.Pixels, stage.Inputs.Image!));
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
        int before = data.Schema.Count;
        Add(stage.SavedForm.Mapping(context));
        helpers.AddRange(data.Schema.Skip(before).Select(column => column.Name));
        foreach (StageOutput output in stage.OutputsOf(data.Schema))
        {
            Add(Output(context, output));
        }

        Add(context.Transforms.DropColumns([.. helpers]));
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
            return JsonSerializer.Deserialize<MaskStage>(bytes, Json) ?? throw new JsonException("there is none");
        }
        catch (Exception exception) when (exception is JsonException or NotSupportedException)
        {
            throw new InvalidDataException($"A stage of the saved model cannot be used, of a later version or damaged: {exception.Message}", exception);
        }
    }

    private static IEstimator<ITransformer> Table(MLContext context, MaskStage stage)
    {
        IDataView table = context.Data.LoadFromEnumerable<SavedEntry>([new() { Key = Row, Value = JsonSerializer.SerializeToUtf8Bytes(stage, Json) }]);
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
        StageInputs inputs = stage.Inputs;
        if (stage.ImageSize is (var height, var width))
        {
            columns[nameof(InputRow.Image)].ColumnType = new ImageDataViewType(height, width);
        }

        // Looked up before any has the name of the user, which may be that of another.
        (SchemaDefinition.Column Column, string? Name)[] names =
        [
            (columns[nameof(InputRow.Image)], inputs.Image),
            (columns[nameof(InputRow.Labels)], inputs.Labels),
            (columns[nameof(InputRow.Saliency)], inputs.Saliency),
            (columns[nameof(InputRow.Height)], inputs.Height),
            (columns[nameof(InputRow.Width)], inputs.Width),
        ];
        foreach ((SchemaDefinition.Column column, string? name) in names)
        {
            column.ColumnName = name;
        }

        columns.RemoveAll(column => column.ColumnName is null);
        return context.Data.LoadFromEnumerable<InputRow>([], columns);
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
