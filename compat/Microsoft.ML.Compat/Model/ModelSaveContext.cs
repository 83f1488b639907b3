namespace Microsoft.ML;

/// <summary>Where a transformer writes itself. What a transformer writes begins with its kind, by which <see cref="Data.ModelFile"/> finds its reader.</summary>
public sealed class ModelSaveContext : IDisposable
{
    private bool _begun;

    internal ModelSaveContext(Stream output) => Writer = new BinaryWriter(output);

    internal BinaryWriter Writer { get; }

    public void Dispose() => Writer.Dispose();

    internal void Begin(string kind)
    {
        _begun = true;
        Writer.Write(kind);
    }

    internal void Save(ICanSaveModel model)
    {
        _begun = false;
        model.Save(this);
        if (!_begun)
        {
            throw new InvalidOperationException("ModelSignature not specified!");
        }
    }

    internal void WriteStrings(string[] values)
    {
        Writer.Write(values.Length);
        foreach (string value in values)
        {
            Writer.Write(value);
        }
    }
}
