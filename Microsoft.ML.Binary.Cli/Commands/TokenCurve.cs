using System.Collections.Immutable;
using System.Diagnostics;
using Microsoft.ML.Binary.Cli.Options;
using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Imaging;
using Microsoft.ML.Binary.Inference;
using Microsoft.ML.Binary.Training;
using static System.FormattableString;

namespace Microsoft.ML.Binary.Cli.Commands;

/// <summary>Time and quality of a network at one size with several reductions of attention, on the same images one after the other.</summary>
/// <param name="network">The network.</param>
/// <param name="size">The size that images are brought to; null for that of the network.</param>
/// <param name="reductions">The reductions; what the first gives is what the others are compared with.</param>
/// <param name="threads">Threads that work on an image.</param>
internal sealed class TokenCurve(DenseNetwork network, WorkingSize? size, ImmutableArray<AttentionReduction> reductions, int threads)
{
    private readonly bool _hasClasses = network.Task.HasClasses;
    private readonly MaskColors? _colors = ClassList.ColorsOf(network.Palette);

    /// <summary>What is likely to be wrong with the masks that were measured on.</summary>
    public IReadOnlyList<string> Warnings { get; private set; } = [];

    /// <summary>A point of the curve.</summary>
    /// <param name="Size">The size that images were brought to.</param>
    /// <param name="Reduction">The reduction.</param>
    /// <param name="Keys">Keys of each query in the first image; of several attentions, the most.</param>
    /// <param name="Milliseconds">Mean over the images of the time from pixels to mask.</param>
    /// <param name="Agreement">
    /// How far results are those of the first reduction: the part of the pixels with the same class, or 1 less the mean difference of saliency.
    /// </param>
    /// <param name="MeanIoU">Of segmentation, where masks are known.</param>
    /// <param name="ClassIoU">The same of each class; null for one that does not occur.</param>
    /// <param name="MeanAbsoluteError">Of saliency, where masks are known.</param>
    /// <param name="MaxF">Of saliency, where masks are known.</param>
    public sealed record Point(
        string Size, string Reduction, int Keys, double Milliseconds, double Agreement, double? MeanIoU, IReadOnlyList<double?>? ClassIoU, double? MeanAbsoluteError, double? MaxF);

    /// <summary>Measures labelled images.</summary>
    public Point[] Measure(IReadOnlyList<ImagePair> pairs) => Measure(pairs.Count, (i, needed) =>
    {
        TrainingSample sample = LabelledImages.Read(pairs[i], network.Task, network.Graph.LogitChannels, _colors, needed);
        return new(pairs[i].Name, sample.Image, (sample.FullWidth, sample.FullHeight), sample.Mask);
    });

    /// <summary>Measures images without masks.</summary>
    public Point[] Measure(IReadOnlyList<NamedFile> files) => Measure(files.Count, (i, needed) =>
    {
        LoadedImage loaded = ImageReader.Load(files[i].Path, ImageReadOptions.Default with { NeededLongestSide = needed });
        return new(files[i].Name, loaded.Image, (loaded.FullWidth, loaded.FullHeight), null);
    });

    /// <summary>Points as a table.</summary>
    public static IEnumerable<string> Lines(IReadOnlyList<Point> points)
    {
        bool isSaliency = points[0].MeanAbsoluteError is not null, isLabelled = isSaliency || points[0].MeanIoU is not null;
        yield return "size     reduction    keys   ms an image  agreement" + (isSaliency ? "     MAE    max F" : isLabelled ? "    mIoU" : "");
        foreach (Point point in points)
        {
            yield return Invariant($"{point.Size,-7}  {point.Reduction,-9}  {point.Keys,6}  {point.Milliseconds,12:0.0}  {100 * point.Agreement,8:0.00}%")
                + (isSaliency ? Invariant($"  {point.MeanAbsoluteError:0.0000}  {point.MaxF:0.0000}") : isLabelled ? Invariant($"  {point.MeanIoU:0.0000}") : "");
        }
    }

    private Point[] Measure(int count, Func<int, int, Example> read)
    {
        Row[] rows = [.. reductions.Select(reduction => new Row(network, new() { Size = size, AttentionReduction = reduction }, threads))];
        try
        {
            // The first image also warms up.
            for (int i = -1; i < count; i++)
            {
                Example example = read(Math.Max(i, 0), rows[0].Compiled.NeededLongestSide);
                byte[]? first = null;
                foreach (Row row in rows)
                {
                    long start = Stopwatch.GetTimestamp();
                    byte[] mask = CliTask.Of(network.Task).Predict(row.Compiled, example.Image, example.Size, secondClass: false).Mask;
                    if (i >= 0)
                    {
                        row.Add(example, mask, first ??= mask, Stopwatch.GetElapsedTime(start));
                    }
                }
            }

            MaskSurvey masks = rows[0].Masks;
            masks.Check(forTraining: false);
            Warnings = masks.Warnings;
            return [.. rows.Select(row => row.ToPoint(_hasClasses, size ?? network.WorkingSize))];
        }
        finally
        {
            Array.ForEach(rows, row => row.Compiled.Dispose());
        }
    }

    private sealed record Example(string Name, RgbImage Image, (int Width, int Height) Size, byte[]? Mask);

    private sealed class Row(DenseNetwork network, ViewOptions views, int threads)
    {
        private readonly SegmentationMetricsAccumulator? _labels = network.Task.HasClasses ? new(network.ClassNames, new() { KeepImages = false }) : null;
        private readonly SaliencyMetricsAccumulator _saliency = new(new() { KeepImages = false });
        private TimeSpan _time;
        private long _pixels;
        private double _agreement;
        private int _images, _keys;
        private bool _hasMasks;

        public MaskSurvey Masks => _labels?.Masks ?? _saliency.Masks;

        public CompiledNetwork Compiled { get; } = CompiledNetwork.Compile(network, new() { Threads = threads, Views = views });

        public void Add(Example example, byte[] mask, byte[] first, TimeSpan time)
        {
            (int width, int height) = example.Size;
            if (_images++ == 0)
            {
                _keys = ReductionBench.MostKeys(Compiled, network.Graph, views.AttentionReduction, example.Image);
            }

            _time += time;
            _pixels += mask.Length;
            for (int i = 0; i < mask.Length; i++)
            {
                _agreement += _labels is not null ? mask[i] == first[i] ? 1 : 0 : 1 - Math.Abs(mask[i] - first[i]) / 255.0;
            }

            if (example.Mask is { } truth)
            {
                _hasMasks = true;
                _labels?.Add(example.Name, truth, mask, width, height);
                if (_labels is null)
                {
                    _saliency.Add(example.Name, mask, truth, width, height);
                }
            }
        }

        public Point ToPoint(bool hasClasses, WorkingSize size)
        {
            SegmentationMetrics? labels = _hasMasks && hasClasses ? _labels!.ToMetrics() : null;
            SaliencyMetrics? saliency = _hasMasks && !hasClasses ? _saliency.ToMetrics() : null;
            return new(
                size.ToString(), views.AttentionReduction.ToString(), _keys, _time.TotalMilliseconds / _images, _agreement / _pixels, labels?.MeanIoU,
                labels is null ? null : [.. labels.PerClassIoU.Select(value => double.IsNaN(value) ? (double?)null : value)], saliency?.MeanAbsoluteError, saliency?.MaxF);
        }
    }
}
