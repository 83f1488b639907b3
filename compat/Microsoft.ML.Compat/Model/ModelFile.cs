using System.IO.Compression;
using Microsoft.ML.Runtime;
using Microsoft.ML.Transforms;
using Microsoft.ML.Transforms.Image;

namespace Microsoft.ML.Data;

/// <summary>The zip file of a model: one entry of our own, so that neither ML.NET nor this stand-in takes the other's for its own.</summary>
internal static class ModelFile
{
    private const string EntryName = "MlNetCompat/Model";
    private const int Version = 1;

    private static readonly Dictionary<string, Func<ModelReader, ITransformer>> Loaders = new()
    {
        [TransformerChainFormat.Kind] = TransformerChainFormat.Load,
        [ColumnCopyingTransformer.Kind] = ColumnCopyingTransformer.Load,
        [ColumnSelectingTransformer.Kind] = ColumnSelectingTransformer.Load,
        [CustomMappingFormat.Kind] = CustomMappingFormat.Load,
        [ValueMappingTransformer.Kind] = ValueMappingTransformer.Load,
        [ImageLoadingTransformer.Kind] = ImageLoadingTransformer.Load,
        [ImageResizingTransformer.Kind] = ImageResizingTransformer.Load,
        [ImagePixelExtractingTransformer.Kind] = ImagePixelExtractingTransformer.Load,
    };

    public static void Write(Stream stream, ITransformer model, DataViewSchema inputSchema)
    {
        using var content = new MemoryStream();
        using var ctx = new ModelSaveContext(content);
        ctx.Writer.Write(Version);
        ctx.Save(model);
        WriteSchema(ctx.Writer, inputSchema);
        ctx.Writer.Flush();

        using var zip = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true);
        using Stream entry = zip.CreateEntry(EntryName).Open();
        content.WriteTo(entry);
    }

    public static ITransformer Read(Stream stream, ComponentCatalog catalog, out DataViewSchema inputSchema)
    {
        var reader = new ModelReader(ReadEntry(stream), catalog);
        if (reader.ReadInt32() is not Version and int version)
        {
            throw new FormatException($"The model file has format version {version}; this is version {Version}.");
        }

        ITransformer model = ReadTransformer(reader);
        inputSchema = ReadSchema(reader);
        return model;
    }

    public static ITransformer ReadTransformer(ModelReader reader)
    {
        string kind = reader.ReadString();
        return Loaders.TryGetValue(kind, out Func<ModelReader, ITransformer> load) ? load(reader) : throw reader.Corrupt($"a transformer of kind '{kind}'");
    }

    private static byte[] ReadEntry(Stream stream)
    {
        ZipArchive zip;
        try
        {
            zip = new ZipArchive(stream, ZipArchiveMode.Read, leaveOpen: true);
        }
        catch (InvalidDataException e)
        {
            throw new FormatException("Failed to open a zip archive", e);
        }

        using (zip)
        {
            if (zip.GetEntry(EntryName) is { } entry)
            {
                using Stream content = entry.Open();
                using var copy = new MemoryStream();
                content.CopyTo(copy);
                return copy.ToArray();
            }

            // ML.NET puts every model under this folder.
            throw new InvalidOperationException(zip.Entries.Any(e => e.FullName.Replace('\\', '/').StartsWith("TransformerChain/", StringComparison.Ordinal))
                ? "Could not load the model: it was saved by the ML.NET packages, and this was built on their stand-in (MlNet=compat), whose model files are others. Build with -p:MlNet=package, or use the network file."
                : "Could not load the model: the zip archive holds no model.");
        }
    }

    private static void WriteSchema(BinaryWriter writer, DataViewSchema schema)
    {
        writer.Write(schema != null);
        if (schema == null)
        {
            return;
        }

        DataViewSchema.Column[] columns = [.. schema.Where(column => DataViewTypeFormat.CanWrite(column.Type))];
        if (columns.Length == 0)
        {
            throw new InvalidOperationException("No valid columns to save");
        }

        writer.Write(columns.Length);
        foreach (DataViewSchema.Column column in columns)
        {
            writer.Write(column.Name);
            DataViewTypeFormat.Write(writer, column.Type);
        }
    }

    private static DataViewSchema ReadSchema(ModelReader reader)
    {
        if (!reader.ReadBoolean())
        {
            return null;
        }

        var builder = new DataViewSchema.Builder();
        for (int left = reader.ReadInt32(); left > 0; left--)
        {
            builder.AddColumn(reader.ReadString(), DataViewTypeFormat.Read(reader));
        }

        return builder.ToSchema();
    }
}
