using System.Text.Json;
using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms;
using Microsoft.ML.Transforms.Image;

namespace Microsoft.ML.Binary;

/// <summary>
/// The form in which our transformers go into a model file. ML.NET lets no third party write into one, so we save a chain of its own
/// transformers that does the same: a table (<c>MapValue</c>) that holds the network and its views, and a custom mapping that scores. Column names
/// in it are fixed by the mapping's classes; the user's are copied from and to, and also stored in the table for the way back.
/// </summary>
internal static class SavedNetwork
{
    public static void Save(MLContext context, ScoringMap map, ModelSaveContext target)
    {
        SchemaDefinition images = SchemaDefinition.Create(typeof(ImageRow));
        SchemaDefinition.Column image = images[nameof(ImageRow.Image)];
        image.ColumnName = map.ImageColumnName;
        image.ColumnType = map.ImageSize is (var height, var width) ? new ImageDataViewType(height, width) : ImageColumn.Type;
        IDataView data = context.Data.LoadFromEnumerable<ImageRow>([], images);
        List<string> helpers = [SavedColumns.Key, SavedColumns.Payload];

        // One by one, as a chain of estimators would compare the type of the image column by reference.
        List<ITransformer> stages = [];
        Add(new SavedKeyFactory().Mapping(context));
        Add(Lookup(
            context,
            SavedColumns.Payload,
            new() { Key = SavedKey.Network, Value = new StoredModel(map.Network, map.Scorer.Views).ToBytes() },
            new() { Key = SavedKey.ColumnNames, Value = JsonSerializer.SerializeToUtf8Bytes(SavedNames.Of(map)) }));
        if (map.ImageSize is null)
        {
            Add(context.Transforms.CopyColumns(SavedColumns.Image, map.ImageColumnName));
            helpers.Add(SavedColumns.Image);
        }
        else
        {
            Add(context.ExtractArgb(SavedColumns.Pixels, map.ImageColumnName));
            byte[] size = SavedPixelInput.SizeBytes(map.ImageSize.Height, map.ImageSize.Width);
            Add(Lookup(context, SavedColumns.Size, new SavedEntry { Key = SavedKey.Network, Value = size }));
            helpers.AddRange([SavedColumns.Pixels, SavedColumns.Size]);
        }

        if (map.IsOfTasks)
        {
            SavedTasks.Stages(context, map).ToList().ForEach(Add);
            helpers.AddRange(SavedTasks.Helpers(map));
        }
        else
        {
            Add(SavedContract.Of(map).Mapping(context));
            foreach (ScoredColumn column in map.Columns)
            {
                Add(context.Transforms.CopyColumns(column.Name, SavedColumns.Of(column.Value)));
                helpers.Add(SavedColumns.Of(column.Value));
            }
        }

        Add(context.Transforms.DropColumns([.. helpers]));
        ((ICanSaveModel)new TransformerChain<ITransformer>([.. stages])).Save(target);

        void Add<T>(IEstimator<T> estimator)
            where T : class, ITransformer
        {
            ITransformer stage = estimator.Fit(data);
            stages.Add(stage);
            data = stage.Transform(data);
        }
    }

    /// <summary>All networks anywhere in a transformer, ours as they are and those of saved models.</summary>
    public static IEnumerable<(StoredModel Saved, SavedNames Names)> FindAll(MLContext context, ITransformer transformer)
    {
        switch (transformer)
        {
            case DenseTransformer ours:
                yield return (new(ours.Network, ours.Map.Scorer.Views), SavedNames.Of(ours.Map));
                break;
            case IEnumerable<ITransformer> chain:
                ITransformer? previous = null;
                foreach (ITransformer stage in chain)
                {
                    if (previous is CustomMappingTransformer<SavedNothing, SavedKey>)
                    {
                        yield return Read(context, stage);
                    }

                    foreach ((StoredModel, SavedNames) found in FindAll(context, stage))
                    {
                        yield return found;
                    }

                    previous = stage;
                }

                break;
        }
    }

    /// <summary>The only network of a task in a transformer; where no task is named, the only one whose columns are named by tasks.</summary>
    /// <exception cref="ArgumentException">There is none, or there are several.</exception>
    public static (StoredModel Saved, SavedNames Names) Find(MLContext context, ITransformer transformer, DenseTask? task)
    {
        ArgumentNullException.ThrowIfNull(transformer);
        List<(StoredModel Saved, SavedNames Names)> all = [.. FindAll(context, transformer)];
        List<(StoredModel Saved, SavedNames Names)> found = [.. all.Where(item => task is null ? item.Names.Tasks is not null : item.Names.Tasks is null && item.Saved.Network.Task == task)];
        string kind = task?.Name ?? "multi-task";
        return found.Count switch
        {
            1 => found[0],
            0 when all.Count > 0 => throw new ArgumentException(
                all[0].Names.Tasks is null && all[0].Saved.Network.Task is var single
                    ? $"The model holds no {kind} network but one for {single.Name}; use ml.{single}."
                    : $"The model holds no {kind} network but one for {Tasks(all[0].Saved.Network)}; use {Catalog(null)}.",
                nameof(transformer)),
            0 => throw new ArgumentException(
                $"The model holds no {kind} network: none of its stages was made by {(task is { } one ? $"ml.{one}" : Catalog(null))}.", nameof(transformer)),
            _ => throw new ArgumentException(
                $"The model holds {found.Count} {kind} networks; pass the one of its stages that is meant.", nameof(transformer)),
        };
    }

    /// <summary>Checks what the first head of a network is for; where no task is named, every network will do.</summary>
    public static void CheckTask(DenseNetwork network, DenseTask? task)
    {
        ArgumentNullException.ThrowIfNull(network);
        if (task is not null && network.Task != task)
        {
            throw new ArgumentException($"This is a {network.Task.Name} network; use {Catalog(network)}.", nameof(network));
        }
    }

    private static string Tasks(DenseNetwork network) => string.Join(", ", network.Heads.Select(head => head.Task.Name).Distinct());

    /// <summary>What to call for a network; for one of several tasks where there is none.</summary>
    private static string Catalog(DenseNetwork? network) =>
        network is { Heads: [{ Task.StandsAlone: true }] } ? $"ml.{network.Task}" : "ml.MultiTask";

    internal static IEstimator<ITransformer> Lookup(MLContext context, string column, params SavedEntry[] entries)
    {
        IDataView table = context.Data.LoadFromEnumerable(entries);
        return context.Transforms.Conversion.MapValue(
            column, table, table.Schema[nameof(SavedEntry.Key)], table.Schema[nameof(SavedEntry.Value)], SavedColumns.Key);
    }

    /// <summary>What the table of a saved network holds.</summary>
    public static (StoredModel Saved, SavedNames Names) Read(MLContext context, ITransformer table)
    {
        IDataView keys = context.Data.LoadFromEnumerable<SavedKey>([new() { Key = SavedKey.Network }, new() { Key = SavedKey.ColumnNames }]);
        IDataView values = table.Transform(keys);
        DataViewSchema.Column column = values.Schema[SavedColumns.Payload];
        using DataViewRowCursor cursor = values.GetRowCursor([column]);
        ValueGetter<VBuffer<byte>> getter = cursor.GetGetter<VBuffer<byte>>(column);
        byte[] payload = Next(), names = Next();
        return (StoredModel.Read(payload, "the network in the saved model"), JsonSerializer.Deserialize<SavedNames>(names)!);

        byte[] Next()
        {
            cursor.MoveNext();
            VBuffer<byte> value = default;
            getter(ref value);
            return [.. value.DenseValues()];
        }
    }
}
