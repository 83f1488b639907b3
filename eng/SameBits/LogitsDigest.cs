using Microsoft.ML.Binary.Diagnostics;
using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Imaging;
using Microsoft.ML.Binary.Inference;

namespace Microsoft.ML.Binary.SameBits;

/// <summary>What a network file makes of an image, as a digest that does not depend on the machine.</summary>
internal static class LogitsDigest
{
    /// <returns>SHA-256 of the logits.</returns>
    /// <exception cref="InvalidOperationException">One thread and two differ.</exception>
    public static string Of(DenseNetwork network, RgbImage image)
    {
        // The fastest set on one thread and on two. Those below it are what the self-test and the random networks compare.
        string first = Of(network, image, threads: 1), second = Of(network, image, threads: 2);
        return first == second ? first : throw new InvalidOperationException($"One thread gives {first}, two give {second}.");
    }

    private static string Of(DenseNetwork network, RgbImage image, int threads)
    {
        using CompiledNetwork compiled = CompiledNetwork.Compile(network, new() { Threads = threads, Views = ViewOptions.AsIs });
        float[] logits = new float[compiled.LogitChannels * image.Width * image.Height];
        compiled.PredictLogits(image, logits);
        return SelfTest.Digest(logits);
    }
}
