using Microsoft.ML.Binary.Graph;
using TorchSharp;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace Microsoft.ML.Binary.Rivals;

/// <summary>A float network in libtorch, node by node, as a user of TorchSharp would write it.</summary>
internal sealed class TorchNetwork : IDisposable
{
    private readonly DenseGraph _graph;
    private readonly Dictionary<string, Tensor> _parameters = [];
    private readonly Dictionary<string, Tensor> _distances = [];

    /// <param name="network">A float network for images whose sides are multiples of its alignment.</param>
    public TorchNetwork(DenseNetwork network)
    {
        _graph = Freezing.Freeze(network.Graph);
        foreach (Parameter parameter in _graph.Nodes.SelectMany(node => node.Parameters))
        {
            _parameters[parameter.Name] = tensor(parameter.Values, [.. parameter.Shape.Select(side => (long)side)]);
        }
    }

    /// <summary>The logits, [1, classes, height, width].</summary>
    /// <param name="image">[1, 3, height, width], 0..255.</param>
    public Tensor Logits(Tensor image)
    {
        (long height, long width) = (image.shape[2], image.shape[3]);
        (int paddedHeight, int paddedWidth) = _graph.PaddedSize((int)height, (int)width);
        Tensor[] maps = new Tensor[_graph.Nodes.Length];
        for (int i = 0; i < maps.Length; i++)
        {
            maps[i] = _graph.Nodes[i] is ImageInput
                ? F.pad(image, [0, paddedWidth - width, 0, paddedHeight - height], PaddingModes.Replicate)
                : Evaluate(_graph.Nodes[i], [.. _graph.Nodes[i].Inputs.Select(input => maps[input])]);
        }

        return maps[_graph.Logits].slice(2, 0, height, 1).slice(3, 0, width, 1);
    }

    public void Dispose()
    {
        foreach (Tensor tensor in _parameters.Values.Concat(_distances.Values))
        {
            tensor.Dispose();
        }
    }

    private Tensor Evaluate(Node node, Tensor[] inputs)
    {
        Tensor x = inputs[0];
        return node switch
        {
            Convolution n => F.conv2d(
                x, _parameters[n.Weight.Name], n.Bias is null ? null : _parameters[n.Bias.Name],
                [n.Geometry.Stride, n.Geometry.Stride], [n.Geometry.Padding, n.Geometry.Padding], [n.Geometry.Dilation, n.Geometry.Dilation], n.Groups),
            Affine n => addcmul(PerChannel(n.Offset), x, PerChannel(n.Scale), 1),
            RPReLU n => F.prelu(x + PerChannel(n.Shift), _parameters[n.Slope.Name]) + PerChannel(n.Offset),
            Add => inputs.Aggregate((a, b) => a + b),
            Concat => cat(inputs, 1),
            ChannelMean n => x.reshape(1, n.Groups, x.shape[1] / n.Groups, x.shape[2], x.shape[3]).mean([1]),
            Upsample n => F.interpolate(
                x, scale_factor: [n.Factor, n.Factor], mode: n.Mode == Graph.UpsampleMode.Nearest ? InterpolationMode.Nearest : InterpolationMode.Bilinear,
                align_corners: n.Mode == Graph.UpsampleMode.Nearest ? null : false),
            PixelShuffle n => F.pixel_shuffle(x, n.Factor),
            AveragePool => F.avg_pool2d(x, 2, 2),
            TokenSample n => Sample(x, n.Factor),
            ReducedAttention n => Attend(n, inputs),
            _ => throw new NotSupportedException($"{node.Name} is a {node.GetType().Name}, which float networks of the presets do not have."),
        };
    }

    private Tensor PerChannel(Parameter parameter) => _parameters[parameter.Name].view(-1, 1, 1);

    private static Tensor Sample(Tensor x, int factor)
    {
        Tensor rows = tensor(Sources(x.shape[2], factor)), columns = tensor(Sources(x.shape[3], factor));
        return x.index_select(2, rows).index_select(3, columns);
    }

    private static long[] Sources(long full, int factor)
    {
        int reduced = (int)((full + factor - 1) / factor);
        return [.. Enumerable.Range(0, reduced).Select(i => (long)TokenSample.SourceIndex(i, reduced, (int)full))];
    }

    private Tensor Attend(ReducedAttention node, Tensor[] inputs)
    {
        (long height, long width) = (inputs[0].shape[2], inputs[0].shape[3]);
        Tensor queries = Heads(inputs[0]).transpose(2, 3), keys = Heads(inputs[1]), values = Heads(inputs[2]).transpose(2, 3);
        Tensor tempered = matmul(queries, keys) * _parameters[node.Temperature.Name].view(-1, 1, 1);
        Tensor weights = F.softmax(tempered + Distance(node, inputs[0], inputs[1]) * _parameters[node.Slope.Name].view(-1, 1, 1), -1);
        return matmul(weights, values).transpose(2, 3).reshape(1, inputs[2].shape[1], height, width);

        Tensor Heads(Tensor x) => x.reshape(1, node.Heads, x.shape[1] / node.Heads, x.shape[2] * x.shape[3]);
    }

    // Rows and columns from each query to each token, kept for a grid.
    private Tensor Distance(ReducedAttention node, Tensor queries, Tensor keys)
    {
        string grid = $"{node.Name} {queries.shape[2]}x{queries.shape[3]}";
        if (!_distances.TryGetValue(grid, out Tensor? distance))
        {
            (int height, int width, int rows, int columns) = ((int)queries.shape[2], (int)queries.shape[3], (int)keys.shape[2], (int)keys.shape[3]);
            float[] values = new float[height * width * rows * columns];
            for (int i = 0; i < values.Length; i++)
            {
                int query = i / (rows * columns), token = i % (rows * columns);
                values[i] = Math.Abs((query / width) - TokenSample.SourceIndex(token / columns, rows, height))
                    + Math.Abs((query % width) - TokenSample.SourceIndex(token % columns, columns, width));
            }

            _distances[grid] = distance = tensor(values, [height * width, rows * columns]).DetachFromDisposeScope();
        }

        return distance;
    }
}
