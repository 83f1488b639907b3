using System.Collections.Immutable;
using System.Globalization;
using System.Numerics.Tensors;
using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Imaging;

namespace Microsoft.ML.Binary.Training;

/// <summary>
/// Where a trained saliency network decides: the constant that is taken from its logits so that the mean absolute error on labelled images is least. It is learned with
/// soft IoU, which would rather have a pixel too many than one too few, so its maps are a little large. The order of logits stays, and what is cut at a
/// half becomes smaller; in maps of 256 grays what was near 1 is told apart again. The offset of Platt scaling (Platt, Advances in Large Margin Classifiers, 1999), chosen by absolute error instead of likelihood.
/// </summary>
/// <remarks>Not for several threads at once.</remarks>
/// <example>
/// <code>
/// DecisionShift shift = new();
/// shift.Add(logits: [2.5f, -1], mask: new SaliencyMask(2, 1, [255, 0]));                    // of every labelled image, from CompiledNetwork.PredictLogits
/// Console.WriteLine($"{shift.ErrorAt(0)} becomes {shift.ErrorAt(shift.Least)}");
/// </code>
/// </example>
public sealed class DecisionShift
{
    private const int BinsOfOne = 16, HighestLogit = 32, ShiftsOfOne = 8, HighestShift = 16;
    private const string Fact = "decisionShift";

    // By logit, the share of the image's pixels with it that are of the object and that are not, summed over images.
    private readonly double[] _object = new double[2 * HighestLogit * BinsOfOne], _ground = new double[2 * HighestLogit * BinsOfOne];

    /// <summary>Images added.</summary>
    public int ImageCount { get; private set; }

    /// <summary>The shift, from -16 to 16 in steps of 1/8, with the least error; of several the one nearest to 0.</summary>
    /// <exception cref="InvalidOperationException">There are no images.</exception>
    public float Least
    {
        get
        {
            float[] nearestFirst = [.. Enumerable.Range(-HighestShift * ShiftsOfOne, 2 * HighestShift * ShiftsOfOne + 1).Select(step => (float)step / ShiftsOfOne).OrderBy(Math.Abs)];
            return nearestFirst.MinBy(ErrorAt);
        }
    }

    /// <summary>Adds an image.</summary>
    /// <param name="logits">The network's logits, row by row, of the mask's size.</param>
    /// <param name="mask">What is salient: gray values above 128.</param>
    /// <exception cref="ArgumentException">Their sizes differ, or a logit is not a number.</exception>
    public void Add(ReadOnlySpan<float> logits, SaliencyMask mask)
    {
        ArgumentNullException.ThrowIfNull(mask);
        if (logits.Length != mask.Values.Length)
        {
            throw new ArgumentException($"There are {logits.Length} logits for the {mask.Width}x{mask.Height} pixels of the mask.", nameof(logits));
        }

        if (TensorPrimitives.IsNaNAny(logits))
        {
            throw new ArgumentException("A logit is not a number.", nameof(logits));
        }

        double share = 1.0 / logits.Length;
        for (int i = 0; i < logits.Length; i++)
        {
            int bin = (int)Math.Clamp(Math.Floor((logits[i] + HighestLogit) * BinsOfOne), 0, _object.Length - 1);
            (mask.Values[i] > SaliencyMask.Threshold ? _object : _ground)[bin] += share;
        }

        ImageCount++;
    }

    /// <summary>The mean absolute error of all images, in equal parts, if a constant is taken from every logit; logits are rounded to 1/16, and maps are not spread over 0 to 1 as <see cref="SaliencyMetrics"/> does.</summary>
    /// <param name="shift">That constant.</param>
    /// <exception cref="InvalidOperationException">There are no images.</exception>
    public double ErrorAt(float shift)
    {
        if (ImageCount == 0)
        {
            throw new InvalidOperationException($"There are no images; give some to {nameof(Add)}.");
        }

        double error = 0;
        for (int bin = 0; bin < _object.Length; bin++)
        {
            double p = 1 / (1 + Math.Exp(shift - ((bin + 0.5) / BinsOfOne - HighestLogit)));
            error += _object[bin] * (1 - p) + _ground[bin] * p;
        }

        return error / ImageCount;
    }

    /// <summary>A network with logits less a constant, which is noted among its facts.</summary>
    /// <param name="network">A saliency network; it stays as it is.</param>
    /// <param name="shift">The constant, a finite number; of shifts one after the other the sum counts.</param>
    /// <exception cref="ArgumentException">The network has another task or several results, or its logits are not made by a convolution with a bias; or the shift is not finite.</exception>
    public static DenseNetwork Apply(DenseNetwork network, float shift)
    {
        ArgumentNullException.ThrowIfNull(network);
        if (!float.IsFinite(shift))
        {
            throw new ArgumentException("The shift must be a finite number.", nameof(shift));
        }

        if (network.Heads is not [{ Task: var task }] || task != DenseTask.Saliency)
        {
            throw new ArgumentException(
                $"Only a network for saliency alone has one decision to shift; this one is for {string.Join(", ", network.Heads.Select(head => head.Task.Name))}.", nameof(network));
        }

        DenseNetwork shifted = DenseNetwork.FromBytes(network.ToBytes());
        if (shifted.Graph.Nodes[Classifier.Find(shifted.Graph, shifted.Graph.Logits)] is not Convolution { Bias: { } bias })
        {
            throw new ArgumentException("The network's logits are not made by a convolution with a bias, so nothing can be taken from them.", nameof(network));
        }

        bias.Values[0] -= shift;
        float before = network.Provenance.TryGetValue(Fact, out string? noted) && float.TryParse(noted, CultureInfo.InvariantCulture, out float value) && float.IsFinite(value) ? value : 0;
        ImmutableSortedDictionary<string, string> facts = shifted.Provenance.SetItem(Fact, (before + shift).ToString(CultureInfo.InvariantCulture));
        return new DenseNetwork(shifted.Graph, shifted.Heads, facts, shifted.WorkingSize, shifted.Exposure);
    }
}
