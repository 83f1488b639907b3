using Microsoft.ML.Data;
using Microsoft.ML.Transforms;

namespace Microsoft.ML.Binary;

/// <summary>Turns the chains that our transformers are saved as back into our transformers, wherever in a model they are.</summary>
internal static class RestoredModel
{
    public static ITransformer Of(MLContext context, ITransformer model)
    {
        if (model is not IEnumerable<ITransformer> stages)
        {
            return model;
        }

        // What is appended to a loaded model stands in one chain with the stages of our saved form, which ends where its helping columns are dropped.
        List<ITransformer> restored = [];
        ITransformer[] rest = [.. stages];
        while (rest.Length > 0)
        {
            int end = Array.FindIndex(rest, stage => stage is ColumnSelectingTransformer) + 1;
            ITransformer[] form = end > 0 ? rest[..end] : rest;
            ITransformer? ours = Ours(context, form);
            if (ours is not null && restored.Count == 0 && form.Length == rest.Length)
            {
                return ours;
            }

            restored.Add(ours ?? Of(context, rest[0]));
            rest = rest[(ours is null ? 1 : form.Length)..];
        }

        return new TransformerChain<ITransformer>([.. restored]);
    }

    /// <summary>Our transformer that stages are the saved form of; null if they are of none.</summary>
    private static ITransformer? Ours(MLContext context, ITransformer[] form) =>
        form is [CustomMappingTransformer<SavedNothing, SavedKey>, var table, ..] ? Network(context, form, table)
        : SavedStage.Find(context, form) is { } stage ? Stage(context, stage)
        : null;

    private static MaskStageTransformer Stage(MLContext context, MaskStage stage)
    {
        MaskStageTransformer restored = new(context, new StageMap(stage));
        restored.SavedSize.Silence();
        return restored;
    }

    private static DenseTransformer Network(MLContext context, ITransformer[] chain, ITransformer table)
    {
        (StoredModel saved, SavedNames names) = SavedNetwork.Read(context, table);
        TransformerChain<ITransformer> model = new(chain);
        return names.Tasks is not null ? context.MultiTask.FromTransformer(model)
            : saved.Network.Task == Graph.DenseTask.Saliency ? context.Saliency.FromTransformer(model)
            : context.Segmentation.FromTransformer(model);
    }
}
