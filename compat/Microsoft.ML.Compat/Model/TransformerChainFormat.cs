namespace Microsoft.ML.Data;

internal static class TransformerChainFormat
{
    public const string Kind = "TransformerChain";

    public static void Save(ModelSaveContext ctx, ITransformerChainAccessor chain)
    {
        ctx.Begin(Kind);
        ctx.Writer.Write(chain.Transformers.Length);
        for (int i = 0; i < chain.Transformers.Length; i++)
        {
            ctx.Writer.Write((int)chain.Scopes[i]);
            ctx.Save(chain.Transformers[i]);
        }
    }

    public static ITransformer Load(ModelReader reader)
    {
        var transformers = new List<ITransformer>();
        var scopes = new List<TransformerScope>();
        for (int left = reader.ReadInt32(); left > 0; left--)
        {
            scopes.Add((TransformerScope)reader.ReadInt32());
            transformers.Add(ModelFile.ReadTransformer(reader));
        }

        return new TransformerChain<ITransformer>(transformers, scopes);
    }
}
