using System.Runtime.InteropServices;
using System.Text.Json;
using Microsoft.ML.Binary.Graph;

namespace Microsoft.ML.Binary.TrainingBenchmark;

/// <summary>What both rivals start from: one batch of random images and labels of a fixed seed, and the network's initial parameters.</summary>
internal static class StepData
{
    private const int Seed = 1;

    /// <summary>Writes images.bin ([image, channel, row, column], 0..255), labels.bin, and parameters.json with parameters.bin.</summary>
    public static void Write(string folder, StepSettings settings, DenseGraph graph)
    {
        Random random = new(Seed);
        int pixels = settings.Batch * settings.Height * settings.Width;
        float[] images = new float[3 * pixels];
        for (int i = 0; i < images.Length; i++)
        {
            images[i] = random.Next(256);
        }

        byte[] labels = new byte[pixels];
        for (int i = 0; i < labels.Length; i++)
        {
            labels[i] = (byte)random.Next(settings.Network.Outputs);
        }

        File.WriteAllBytes(Path.Combine(folder, "images.bin"), MemoryMarshal.AsBytes<float>(images));
        File.WriteAllBytes(Path.Combine(folder, "labels.bin"), labels);
        using FileStream values = File.Create(Path.Combine(folder, "parameters.bin"));
        List<object> entries = [];
        int offset = 0;
        foreach (Parameter parameter in Trained(graph))
        {
            entries.Add(new { name = parameter.Name, role = parameter.Role.ToString(), shape = parameter.Shape, offset, length = parameter.Values.Length });
            values.Write(MemoryMarshal.AsBytes<float>(parameter.Values));
            offset += parameter.Values.Length;
        }

        File.WriteAllText(Path.Combine(folder, "parameters.json"), JsonSerializer.Serialize(entries));
    }

    /// <summary>The parameters that an optimiser changes.</summary>
    public static IEnumerable<Parameter> Trained(DenseGraph graph) =>
        graph.Parameters.Where(p => p.Role is not (ParameterRole.Statistic or ParameterRole.Constant));

    public static float[] Images(string folder) =>
        MemoryMarshal.Cast<byte, float>(File.ReadAllBytes(Path.Combine(folder, "images.bin"))).ToArray();

    public static byte[] Labels(string folder) => File.ReadAllBytes(Path.Combine(folder, "labels.bin"));
}
