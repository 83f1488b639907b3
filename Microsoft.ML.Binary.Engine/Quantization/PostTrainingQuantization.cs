using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Runtime.ExceptionServices;
using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Imaging;
using Microsoft.ML.Binary.Inference;
using Microsoft.ML.Binary.Mapping;
using Microsoft.ML.Binary.Training;
using Microsoft.ML.Binary.Training.Data;

namespace Microsoft.ML.Binary.Quantization;

/// <summary>
/// Quantises the convolutions of a trained real-valued network without training it again, and measures what comes of it. Weights get a grid
/// of 2^bits values for each output channel, after batch norm is folded into them; the map that a convolution reads gets one grid for all
/// its values, fitted to what the calibration images give there. Grids are equally spaced and lie where the squared error is least. Values
/// are rounded to their grid and computed with in float32. Shortcuts, affine maps, activations, resampling and attention stay real-valued; zero
/// padding is not quantised. Images are seen at the network's working size and exposure, as inference sees them. Threads may share an instance.
/// </summary>
/// <example>
/// <code>
/// PostTrainingQuantization quantization = new(DenseNetwork.Load("float.mlbn"), calibration: [image]);          // a network of real-valued convolutions
/// SensitivityTable sensitivity = quantization.MeasureSensitivity(widths: [2, 4, 8], samples);
/// </code>
/// </example>
public sealed class PostTrainingQuantization
{
    // Values of each map that grids are fitted to; more hardly move them.
    private const int ValuesPerMap = 16_384;

    private readonly DenseNetwork _network;
    private readonly DenseGraph _graph;
    private readonly Convolution[] _convolutions;
    private readonly float[][] _calibration;
    private readonly int _threads;
    private readonly ConcurrentDictionary<(int Layer, int Bits), UniformGrid> _grids = new();
    private readonly ConcurrentDictionary<(int Layer, int Bits), float[]> _weights = new();
    private readonly ConcurrentBag<(int Width, int Height, QuantizedRun Run)> _idle = [];

    /// <summary>Runs the network on images to learn what values its maps have.</summary>
    /// <param name="network">A trained network of real-valued convolutions.</param>
    /// <param name="calibration">Images, at least one; a few are enough.</param>
    /// <param name="threads">Threads, each on an image or a layer of its own; 0 for all cores. Results do not depend on it.</param>
    /// <exception cref="ArgumentException">The network has one-bit convolutions, or there is no image.</exception>
    public PostTrainingQuantization(DenseNetwork network, IReadOnlyList<RgbImage> calibration, int threads = 0)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(calibration);
        ArgumentOutOfRangeException.ThrowIfNegative(threads);
        if (network.Graph.IsBinary)
        {
            throw new ArgumentException(
                "The convolutions of this network have one bit: there is nothing to quantise. Widths are chosen for a network with real-valued weights (Precision.Float, mlbinary train --precision float).",
                nameof(network));
        }

        if (calibration.Count == 0)
        {
            throw new ArgumentException("There is no image to calibrate with.", nameof(calibration));
        }

        _threads = threads == 0 ? Environment.ProcessorCount : threads;
        (_network, _graph) = (network, Freezing.Freeze(network.Graph));
        _convolutions = [.. _graph.Nodes.OfType<Convolution>()];
        Layers = [.. _convolutions.Select(node => node.Name)];
        int perImage = Math.Max(1, ValuesPerMap / calibration.Count);
        float[][][] samples = new float[calibration.Count][][];
        For(calibration.Count, image => Use(Seen(calibration[image]), null, run =>
            samples[image] = [.. run.Layers.Select(layer => Sample(layer.Input, perImage))]));
        _calibration = [.. Enumerable.Range(0, Layers.Length).Select(layer => samples.SelectMany(image => image[layer]).ToArray())];
    }

    /// <summary>Names of the convolutions.</summary>
    public ImmutableArray<string> Layers { get; }

    /// <summary>The loss of the network with these widths, mean over all pixels of the samples; see <see cref="SensitivityTable.BaseLoss"/>.</summary>
    /// <param name="widths">Widths of each layer, from 1 to 24 bits; null for the network as it is.</param>
    /// <param name="samples">Images with masks, at least one.</param>
    /// <exception cref="ArgumentException">There are not as many widths as layers, one is out of range, or there is no sample.</exception>
    /// <exception cref="InvalidDataException">A mask does not fit its image or the classes, or every pixel of all is ignored.</exception>
    public double Loss(IReadOnlyList<LayerWidths>? widths, IReadOnlyList<TrainingSample> samples)
    {
        CheckWidths(widths);
        CheckSamples(samples);
        (double Sum, long Pixels)[] losses = new (double, long)[samples.Count];
        For(samples.Count, i =>
        {
            TrainingSample sample = Seen(samples[i]);
            Use(sample.Image, widths, run => losses[i] = LossOf(run, sample));
        });
        return losses.Sum(loss => loss.Sum) / Counted(losses.Sum(loss => loss.Pixels));
    }

    /// <summary>
    /// Measures how much the loss grows with each layer's map alone, and its weights alone, at each width: layers times widths times two runs of a
    /// part of the network on each sample.
    /// </summary>
    /// <param name="widths">The widths, 1..8 for instance; at most 24 bits.</param>
    /// <param name="samples">Images with masks, at least one.</param>
    /// <param name="progress">Told how many samples are done, one call at a time, on the threads that measure.</param>
    /// <exception cref="ArgumentException">A width is out of range, or there is no sample.</exception>
    /// <exception cref="InvalidDataException">A mask does not fit its image or the classes, or every pixel of all is ignored.</exception>
    public SensitivityTable MeasureSensitivity(IReadOnlyList<int> widths, IReadOnlyList<TrainingSample> samples, Action<int>? progress = null)
    {
        ArgumentNullException.ThrowIfNull(widths);
        foreach (int width in widths)
        {
            CheckWidth(width);
        }

        CheckSamples(samples);
        int[] sorted = [.. widths.Distinct().Order()];
        double[] bases = new double[samples.Count];
        double[][,,] growth = new double[samples.Count][,,];
        long[] pixels = new long[samples.Count];
        int done = 0;
        For(samples.Count, i =>
        {
            TrainingSample sample = Seen(samples[i]);
            Use(sample.Image, null, run => growth[i] = Measure(run, sample, sorted, out bases[i], out pixels[i]));
            lock (pixels)
            {
                progress?.Invoke(++done);
            }
        });
        double all = Counted(pixels.Sum());
        return new SensitivityTable(bases.Sum() / all, Layers, [.. sorted], Mean(0), Mean(1));

        ImmutableArray<ImmutableArray<double>> Mean(int kind) =>
        [
            .. Enumerable.Range(0, Layers.Length).Select(layer => sorted.Select((_, width) => growth.Sum(sample => sample[kind, layer, width]) / all).ToImmutableArray()),
        ];
    }

    /// <summary>The class of each pixel, or the saliency of each, 0..255, with these widths; of the image's own size.</summary>
    /// <param name="widths">Widths of each layer, from 1 to 24 bits; null for the network as it is.</param>
    /// <param name="image">The image.</param>
    /// <exception cref="ArgumentException">There are not as many widths as layers, or one is out of range.</exception>
    public byte[] Predict(IReadOnlyList<LayerWidths>? widths, RgbImage image)
    {
        ArgumentNullException.ThrowIfNull(image);
        CheckWidths(widths);
        FeatureMap? logits = null;
        Use(Seen(image), widths, run => logits = ReferenceViews.Resize(run.Logits(), image.Width, image.Height));
        byte[] prediction = new byte[image.Width * image.Height];
        for (int i = 0; i < prediction.Length; i++)
        {
            prediction[i] = _network.Task.HasClasses ? Class(logits!.Values, i, prediction.Length) : Gray(logits!.Values[i]);
        }

        return prediction;
    }

    private static byte Gray(float logit) => (byte)Math.Round(255 / (1 + Math.Exp(-logit)));

    private static byte Class(ReadOnlySpan<float> logits, int pixel, int pixels)
    {
        int best = 0;
        for (int c = 1; c < logits.Length / pixels; c++)
        {
            best = logits[c * pixels + pixel] > logits[best * pixels + pixel] ? c : best;
        }

        return (byte)best;
    }

    /// <summary>From the last layer to the first, so that what is in front of a layer is still as it was.</summary>
    private double[,,] Measure(QuantizedRun run, TrainingSample sample, int[] widths, out double baseLoss, out long pixels)
    {
        (baseLoss, pixels) = LossOf(run, sample);
        double[,,] growth = new double[2, Layers.Length, widths.Length];
        for (int layer = Layers.Length - 1; layer >= 0; layer--)
        {
            QuantizedLayer quantized = run.Layers[layer];
            for (int width = 0; width < widths.Length; width++)
            {
                quantized.Map = Grid(layer, widths[width]);
                run.RunFrom(quantized.Index);
                growth[0, layer, width] = LossOf(run, sample).Sum - baseLoss;
                quantized.Map = null;
                quantized.Weights = Weights(layer, widths[width]);
                run.RunFrom(quantized.Index);
                growth[1, layer, width] = LossOf(run, sample).Sum - baseLoss;
                quantized.Weights = null;
            }
        }

        return growth;
    }

    private (double Sum, long Pixels) LossOf(QuantizedRun run, TrainingSample sample) =>
        PixelLoss.Of(run, _network.Task, sample.Mask, sample.Image.Width, sample.Image.Height, _graph.LogitChannels);

    // What is wrong is said before images are looked at on several threads, where each error would be one of many.
    private void CheckWidths(IReadOnlyList<LayerWidths>? widths)
    {
        LayerWidths.CheckCount(widths?.Count ?? Layers.Length, Layers.Length, nameof(widths));
        foreach (LayerWidths layer in widths ?? [])
        {
            CheckWidth(layer.Maps);
            CheckWidth(layer.Weights);
        }
    }

    private static void CheckWidth(int bits)
    {
        if (bits is < 1 or > UniformGrid.MaxBits)
        {
            throw new ArgumentException($"{bits} bits: maps and weights are quantised to 1 to {UniformGrid.MaxBits}.", "widths");
        }
    }

    private void CheckSamples(IReadOnlyList<TrainingSample> samples)
    {
        ArgumentNullException.ThrowIfNull(samples);
        if (samples.Count == 0)
        {
            throw new ArgumentException("There is no sample to measure on.", nameof(samples));
        }

        DataSurvey survey = new(TrainingTask.For(_network.Task), _graph.LogitChannels);
        foreach (TrainingSample sample in samples)
        {
            survey.Check(sample);
        }
    }

    private static long Counted(long pixels) => pixels > 0
        ? pixels
        : throw new InvalidDataException($"Every pixel of the samples has the ignored label {SegmentationMask.DefaultIgnoreIndex} at the size that the network sees; there is nothing to measure on.");

    private void Set(QuantizedRun run, IReadOnlyList<LayerWidths>? widths)
    {
        for (int layer = 0; layer < Layers.Length; layer++)
        {
            run.Layers[layer].Map = widths is null ? null : Grid(layer, widths[layer].Maps);
            run.Layers[layer].Weights = widths is null ? null : Weights(layer, widths[layer].Weights);
        }
    }

    private UniformGrid Grid(int layer, int bits) => _grids.GetOrAdd((layer, bits), key => UniformGrid.Fit(_calibration[key.Layer], key.Bits));

    private float[] Weights(int layer, int bits) => _weights.GetOrAdd((layer, bits), key =>
    {
        Parameter weight = _convolutions[key.Layer].Weight;
        float[] quantized = [.. weight.Values];
        int perOutput = quantized.Length / weight.Shape[0];
        for (int output = 0; output < weight.Shape[0]; output++)
        {
            Span<float> values = quantized.AsSpan(output * perOutput, perOutput);
            UniformGrid.Fit(values, key.Bits).Apply(values);
        }

        return quantized;
    });

    private static float[] Sample(ReadOnlySpan<float> values, int count)
    {
        count = Math.Min(count, values.Length);
        float[] sample = new float[count];
        for (int i = 0; i < count; i++)
        {
            sample[i] = values[(int)((long)i * values.Length / count)];
        }

        return sample;
    }

    // What went wrong is thrown as it is, as on one thread; of several, one.
    private void For(int count, Action<int> body)
    {
        try
        {
            Parallel.For(0, count, new ParallelOptions { MaxDegreeOfParallelism = _threads }, body);
        }
        catch (AggregateException e)
        {
            ExceptionDispatchInfo.Throw(e.InnerExceptions[0]);
        }
    }

    private RgbImage Seen(RgbImage image)
    {
        (int width, int height) = _network.WorkingSize.Fit(image.Width, image.Height);
        RgbImage seen = (width, height) == (image.Width, image.Height) ? image : image.Resize(width, height);
        return seen.With(ExposureCurve.For(image, _network.Exposure.Mean));
    }

    private TrainingSample Seen(TrainingSample sample) =>
        (sample with { MoreMasks = [] }).Seen(_network.WorkingSize, _network.Exposure, [TrainingTask.For(_network.Task)]);

    /// <summary>Lends a run that has seen an image, with these widths; its maps are as large as those of training.</summary>
    private void Use(RgbImage image, IReadOnlyList<LayerWidths>? widths, Action<QuantizedRun> use)
    {
        QuantizedRun run = _idle.TryTake(out (int Width, int Height, QuantizedRun Run) idle) && (idle.Width, idle.Height) == (image.Width, image.Height)
            ? idle.Run
            : new QuantizedRun(_graph, image.Width, image.Height);
        Set(run, widths);
        run.Run(image);
        use(run);
        _idle.Add((image.Width, image.Height, run));
    }
}
