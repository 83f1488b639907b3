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

        ITransformer[] chain = [.. stages];
        if (chain is [CustomMappingTransformer<SavedNothing, SavedKey>, var table, ..])
        {
            return Network(context, chain, table);
        }

        return SavedStage.Find(context, chain) is { } stage
            ? new MaskStageTransformer(context, new StageMap(stage))
            : new TransformerChain<ITransformer>([.. chain.Select(inner => Of(context, inner))]);
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
