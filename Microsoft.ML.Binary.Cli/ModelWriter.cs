using Microsoft.ML.Binary.Files;
using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Messages;

namespace Microsoft.ML.Binary.Cli;

/// <summary>Writes trained networks.</summary>
internal static class ModelWriter
{
    /// <summary>Writes a network: as an ML.NET model where the name ends in <c>.zip</c>, else as a network file. Whole or not at all.</summary>
    /// <exception cref="IOException">It cannot be written.</exception>
    public static void Save(DenseNetwork network, string path)
    {
        if (!Path.GetExtension(path).Equals(".zip", StringComparison.OrdinalIgnoreCase))
        {
            network.Save(path);
            return;
        }

        MLContext ml = new();
        ITransformer model = network is { Heads: [{ Task.StandsAlone: true }] } ? CliTask.Of(network.Task).Transformer(ml, network) : ml.MultiTask.FromNetwork(network);
        AtomicFile.Write(path, stream =>
        {
            try
            {
                ml.Model.Save(model, null, stream);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                throw new IOException(ErrorText.OfModel(e), e);
            }
        });
    }
}
