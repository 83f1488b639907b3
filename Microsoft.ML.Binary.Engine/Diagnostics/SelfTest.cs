using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Microsoft.ML.Binary.Imaging;
using Microsoft.ML.Binary.Inference;
using Microsoft.ML.Binary.Kernels;

namespace Microsoft.ML.Binary.Diagnostics;

/// <summary>
/// Whether this machine computes what every other one does: the network <see cref="PretrainedModel.Nuclei"/> is run on a made-up image once by each set of
/// kernels that the processor has, and the bits of its logits are compared with those that are known.
/// </summary>
/// <example>
/// <code>
/// if (SelfTest.Run().FirstOrDefault(result => !result.IsRight) is { } wrong)
/// {
///     throw new InvalidOperationException($"The kernels for {wrong.Kernels} compute something else on this machine.");
/// }
/// </code>
/// </example>
public static class SelfTest
{
    /// <summary>SHA-256 of the logits as little-endian singles in the order channel, row, column; in hexadecimal.</summary>
    public const string KnownDigest = "fffef3d90fd648c888fc105e7993b8f27b8603b511715ad0a10abd82c74154e1";

    // Sides that leave every kernel a rest: no multiple of the lanes of a register nor of the network's alignment.
    internal const int Width = 149, Height = 107;

    /// <summary>Runs the test; it takes a second or so for each set of kernels.</summary>
    /// <returns>One result for each set of kernels that this processor can run, the slowest first; the last one is what everything here runs on.</returns>
    public static IReadOnlyList<SelfTestResult> Run() => [.. KernelPaths.Supported.Order().Select(path => Run(path))];

    internal static RgbImage Image()
    {
        RgbImage image = new(Width, Height);
        uint state = 1;
        for (int i = 0; i < image.Pixels.Length; i++)
        {
            // Spots on a gradient, and noise.
            (int x, int y) = (i / 3 % Width, i / 3 / Width);
            state = (state * 1664525) + 1013904223;
            int spot = (((x % 37) - 18) * ((x % 37) - 18)) + (((y % 29) - 14) * ((y % 29) - 14)) < 90 ? 120 : 0;
            image.Pixels[i] = (byte)(spot + (x / 2) + (int)(state >> 27));
        }

        return image;
    }

    private static SelfTestResult Run(KernelPath path)
    {
        long start = Stopwatch.GetTimestamp();
        using CompiledNetwork network = CompiledNetwork.Compile(
            PretrainedNetworks.Load(PretrainedModel.Nuclei), new() { Views = ViewOptions.AsIs, Kernels = KernelSet.For(path) });
        float[] logits = new float[network.LogitChannels * Width * Height];
        network.PredictLogits(Image(), logits);
        return new(path.ToString(), Digest(logits), Stopwatch.GetElapsedTime(start));
    }

    internal static string Digest(ReadOnlySpan<float> values)
    {
        byte[] bytes = MemoryMarshal.AsBytes(values).ToArray();
        return Convert.ToHexStringLower(SHA256.HashData(bytes));
    }
}

/// <summary>What one set of kernels computed.</summary>
/// <param name="Kernels">Its name: <c>Scalar</c>, <c>Portable</c>, <c>AdvSimd</c>, <c>Avx2</c>, <c>Avx512</c> or <c>Avx512Vbmi</c>.</param>
/// <param name="Digest">SHA-256 of the logits; see <see cref="SelfTest.KnownDigest"/>.</param>
/// <param name="Duration">How long it took, loading and compiling included.</param>
/// <example>
/// <code>
/// foreach (SelfTestResult result in SelfTest.Run())
/// {
///     Console.WriteLine($"{result.Kernels}: {(result.IsRight ? "right" : $"wrong, {result.Digest}")}, {result.Duration.TotalSeconds:F1} s");
/// }
/// </code>
/// </example>
public sealed record SelfTestResult(string Kernels, string Digest, TimeSpan Duration)
{
    /// <summary>Whether these are the bits that are known.</summary>
    public bool IsRight => Digest == SelfTest.KnownDigest;
}
