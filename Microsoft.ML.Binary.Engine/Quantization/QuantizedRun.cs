using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Imaging;
using Microsoft.ML.Binary.Inference;
using Microsoft.ML.Binary.Training;

namespace Microsoft.ML.Binary.Quantization;

/// <summary>
/// Runs a frozen real-valued network on images of one size with quantised convolutions. Each convolution reads a quantised copy of its map:
/// shortcuts and all other nodes read the map itself. Sums are in float32. An instance belongs to one thread.
/// </summary>
internal sealed class QuantizedRun
{
    private readonly DenseGraph _graph;
    private readonly TrainingValue[] _values;
    private readonly Action<TrainingPass>?[] _operations;
    private readonly TrainingPass _pass = new(threads: 1, new Dictionary<Parameter, float[]>());
    private readonly int _width, _height;

    /// <param name="graph">A frozen graph without one-bit convolutions.</param>
    /// <param name="width">Columns of the images.</param>
    /// <param name="height">Rows of the images.</param>
    public QuantizedRun(DenseGraph graph, int width, int height)
    {
        (_graph, _width, _height) = (graph, width, height);
        (int rows, int columns) = graph.PaddedSize(height, width);
        _values = new TrainingValue[graph.Nodes.Length];
        _operations = new Action<TrainingPass>?[graph.Nodes.Length];
        List<QuantizedLayer> layers = [];
        for (int i = 0; i < _values.Length; i++)
        {
            Node node = graph.Nodes[i];
            FeatureType type = graph.Types[i];
            (int nodeRows, int nodeColumns) = type.SizeAt(rows, columns);
            TrainingValue output = _values[i] = new(1, type.Channels, nodeRows, nodeColumns, needsGradient: false);
            TrainingValue[] inputs = [.. node.Inputs.Select(input => _values[input])];
            if (node is Convolution convolution)
            {
                QuantizedLayer layer = new(convolution, i, inputs[0], output);
                layers.Add(layer);
                _operations[i] = layer.Run;
            }
            else if (node is not ImageInput)
            {
                _operations[i] = TrainingNetwork.Operation(node, inputs, output).Forward;
            }
        }

        Layers = layers;
    }

    /// <summary>The convolutions, in the order of the graph.</summary>
    public IReadOnlyList<QuantizedLayer> Layers { get; }

    /// <summary>The logits of a pixel's row, for a class.</summary>
    public ReadOnlySpan<float> Logits(int channel, int row)
    {
        TrainingValue logits = _values[_graph.Logits];
        return logits.Plane(0, channel).Slice(row * logits.Width, _width);
    }

    /// <summary>All logits, of the image's size.</summary>
    public FeatureMap Logits()
    {
        FeatureMap logits = new(_graph.LogitChannels, _height, _width);
        for (int row = 0; row < logits.Channels * _height; row++)
        {
            Logits(row / _height, row % _height).CopyTo(logits.Values.AsSpan(row * _width));
        }

        return logits;
    }

    /// <summary>Takes an image, whose last row and column repeat up to the padded size, and runs everything.</summary>
    public void Run(RgbImage image)
    {
        TrainingValue target = _values[Array.FindIndex(_operations, operation => operation is null)];
        for (int channel = 0; channel < 3; channel++)
        {
            Span<float> plane = target.Plane(0, channel);
            for (int y = 0; y < target.Height; y++)
            {
                for (int x = 0; x < target.Width; x++)
                {
                    plane[y * target.Width + x] = image.Pixels[3 * (Math.Min(y, _height - 1) * _width + Math.Min(x, _width - 1)) + channel];
                }
            }
        }

        RunFrom(0);
    }

    /// <summary>Runs the nodes from one on; those before it keep what they have.</summary>
    public void RunFrom(int node)
    {
        for (int i = node; i < _operations.Length; i++)
        {
            _operations[i]?.Invoke(_pass);
        }
    }
}
