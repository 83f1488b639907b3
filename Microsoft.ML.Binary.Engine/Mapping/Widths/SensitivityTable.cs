using System.Collections.Immutable;

namespace Microsoft.ML.Binary.Mapping;

/// <summary>
/// How much the loss of a network grows when the map or the weights of one layer alone are quantised to a width. Added up, that predicts the
/// loss of a whole configuration: cheap, and blind to how layers make up for or worsen each other's errors.
/// </summary>
/// <param name="BaseLoss">Loss of the network as it is: the mean of -log of the probability of the true class, or what goes for it.</param>
/// <param name="Layers">Names of the layers.</param>
/// <param name="Widths">The widths that were measured, ascending.</param>
/// <param name="Maps">[layer][width]: growth with the layer's input map quantised.</param>
/// <param name="Weights">[layer][width]: growth with its weights quantised.</param>
/// <example>
/// <code>
/// SensitivityTable table = quantization.MeasureSensitivity([2, 4, 8], samples);
/// int weakest = Enumerable.Range(0, table.Layers.Length).MaxBy(layer => table.Weights[layer][table.Widths.IndexOf(2)]);
/// Console.WriteLine($"two-bit weights cost most in {table.Layers[weakest]}");
/// double all = table.Accuracy([.. table.Layers.Select(_ => new LayerWidths(Maps: 8, Weights: 4))]);
/// </code>
/// </example>
public sealed record SensitivityTable(
    double BaseLoss, ImmutableArray<string> Layers, ImmutableArray<int> Widths, ImmutableArray<ImmutableArray<double>> Maps, ImmutableArray<ImmutableArray<double>> Weights)
{
    /// <summary>The loss that the sum predicts. Where quantising a layer helped on the images at hand, that is taken to be chance and counts nothing.</summary>
    /// <exception cref="ArgumentException">A width was not measured, or there are not as many entries as layers.</exception>
    public double Loss(IReadOnlyList<LayerWidths> configuration)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        LayerWidths.CheckCount(configuration.Count, Layers.Length, nameof(configuration));
        double loss = BaseLoss;
        for (int i = 0; i < configuration.Count; i++)
        {
            loss += Math.Max(0, Maps[i][Index(configuration[i].Maps)]) + Math.Max(0, Weights[i][Index(configuration[i].Weights)]);
        }

        return loss;
    }

    /// <summary>exp(-loss): the geometric mean of the probability that true classes get, 0..1; higher is better.</summary>
    public double Accuracy(IReadOnlyList<LayerWidths> configuration) => Math.Exp(-Loss(configuration));

    private int Index(int width) => Widths.IndexOf(width) is int index and >= 0
        ? index
        : throw new ArgumentException($"{width} bits were not measured; measured were {string.Join(", ", Widths)}.");
}
