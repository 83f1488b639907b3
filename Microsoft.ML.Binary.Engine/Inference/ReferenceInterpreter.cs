using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Kernels;

namespace Microsoft.ML.Binary.Inference;

/// <summary>
/// Executes a graph node by node, in the plainest way that follows the definitions in the nodes' documentation. It defines what is right;
/// everything faster is tested against it. Of a trainable graph it computes the inference form (running statistics).
/// </summary>
/// <example>
/// <code>
/// FeatureMap input = new(channels: 3, height: 64, width: 64);             // red, green, blue, 0..255; a multiple of the graph's alignment
/// FeatureMap logits = ReferenceInterpreter.Run(network.Graph, input)[network.Graph.Logits];
/// </code>
/// </example>
public static class ReferenceInterpreter
{
    /// <summary>Runs a graph.</summary>
    /// <param name="graph">The graph, frozen or not.</param>
    /// <param name="image">Red, green and blue planes, values 0..255; sides are multiples of <see cref="DenseGraph.Alignment"/>.</param>
    /// <returns>The output of every node, in the graph's order.</returns>
    /// <exception cref="ArgumentException">The image has another number of planes, or sides that do not fit.</exception>
    public static FeatureMap[] Run(DenseGraph graph, FeatureMap image)
    {
        if (image.Channels != 3 || image.Height % graph.Alignment != 0 || image.Width % graph.Alignment != 0 || image.Pixels == 0)
        {
            throw new ArgumentException(
                $"The image has {image.Channels} planes of {image.Width}x{image.Height}; needed are 3 planes with sides that are multiples of {graph.Alignment}.");
        }

        FeatureMap[] maps = new FeatureMap[graph.Nodes.Length];
        for (int i = 0; i < maps.Length; i++)
        {
            FeatureType type = graph.Types[i];
            (int height, int width) = type.SizeAt(image.Height, image.Width);
            Node node = graph.Nodes[i];
            maps[i] = node is ImageInput
                ? image
                : Evaluate(node, [.. node.Inputs.Select(input => maps[input])], new FeatureMap(type.Channels, height, width));
        }

        return maps;
    }

    /// <summary>Executes one node.</summary>
    /// <param name="node">The node; anything but an <see cref="ImageInput"/>.</param>
    /// <param name="inputs">Its inputs.</param>
    /// <param name="output">A map of the right shape, zeros; filled and returned.</param>
    /// <exception cref="GraphException">There is no case for this kind of node.</exception>
    public static FeatureMap Evaluate(Node node, FeatureMap[] inputs, FeatureMap output)
    {
        FeatureMap x = inputs[0];
        switch (node)
        {
            case Convolution n:
                Convolve(x, output, n.Geometry, n.Groups, n.Weight.Values, n.Bias?.Values, padding: 0);
                break;
            case SearchConvolution n:
                Convolve(x, output, n.Geometry, 1, WidthGraphs.QuantizedWeights(n), null, n.Padding);
                break;
            case LowBitConvolution n:
                Convolve(x, output, n.Geometry, 1, n.Levels.ToFloats(), null, n.Padding);
                break;
            case Affine n:
                EachChannel(x, output, (v, c) => v * n.Scale.Values[c] + n.Offset.Values[c]);
                break;
            case BatchNorm n:
                EachChannel(x, output, (v, c) =>
                    (v - n.Mean.Values[c]) / MathF.Sqrt(n.Variance.Values[c] + BatchNorm.Epsilon) * n.Gamma.Values[c] + n.Beta.Values[c]);
                break;
            case Gate n:
                EachChannel(x, output, (v, c) => v * Exponential.Sigmoid(n.Logit.Values[c]));
                break;
            case Sign n:
                EachChannel(x, output, (v, c) => v + n.Shift.Values[c] >= 0 ? 1 : -1);
                break;
            case ActivationLevels n:
                float[] thresholds = n.Thresholds();
                EachChannel(x, output, (v, c) => LevelPacking.LevelOf(v, thresholds.AsSpan(ActivationLevels.Highest * c)));
                break;
            case RPReLU n:
                EachChannel(x, output, (v, c) =>
                {
                    float t = v + n.Shift.Values[c];
                    return (t > 0 ? t : t * n.Slope.Values[c]) + n.Offset.Values[c];
                });
                break;
            case Add:
                x.Values.CopyTo(output.Values, 0);
                foreach (FeatureMap other in inputs.AsSpan(1))
                {
                    for (int i = 0; i < output.Values.Length; i++)
                    {
                        output.Values[i] += other.Values[i];
                    }
                }

                break;
            case Concat:
                int at = 0;
                foreach (FeatureMap input in inputs)
                {
                    input.Values.CopyTo(output.Values, at);
                    at += input.Values.Length;
                }

                break;
            case ChannelMean n:
                AverageChannels(x, output, n.Groups);
                break;
            case Upsample n:
                Each(output, (c, row, column) => n.Mode == UpsampleMode.Nearest
                    ? x[c, row / n.Factor, column / n.Factor]
                    : Bilinear(x, c, row, column, n.Factor));
                break;
            case PixelShuffle n:
                Each(output, (c, row, column) =>
                    x[(c * n.Factor + row % n.Factor) * n.Factor + column % n.Factor, row / n.Factor, column / n.Factor]);
                break;
            case AveragePool:
                Each(output, (c, row, column) =>
                    (x[c, 2 * row, 2 * column] + x[c, 2 * row, 2 * column + 1] + x[c, 2 * row + 1, 2 * column] + x[c, 2 * row + 1, 2 * column + 1]) * 0.25f);
                break;
            case TokenSample:
                Each(output, (c, row, column) => x[
                    c, TokenSample.SourceIndex(row, output.Height, x.Height), TokenSample.SourceIndex(column, output.Width, x.Width)]);
                break;
            case ReducedAttention n:
                Attend(n, x, inputs[1], inputs[2], output);
                break;
            case SqueezeExcitation n:
                float[] scales = Scales(n, x);
                EachChannel(x, output, (v, c) => v * scales[c]);
                break;
            case AdaptiveShift n:
                float[] shifts = [.. n.Weight.Values.Select((weight, c) => Mean(x, c) * -weight)];
                EachChannel(x, output, (v, c) => v + shifts[c]);
                break;
            case Bottleneck:
                x.Values.CopyTo(output.Values, 0);
                break;
            case GateMap:
                EachChannel(x, output, (v, _) => 2 * Exponential.Sigmoid(v));
                break;
            case PixelGate n:
                Each(output, (c, row, column) => x[c, row, column] * inputs[1][n.Channel, row, column]);
                break;
            default:
                throw new GraphException(node.Name, $"the reference interpreter has no case for {node.GetType().Name}");
        }

        return output;
    }

    private static void Each(FeatureMap output, Func<int, int, int, float> value)
    {
        for (int c = 0; c < output.Channels; c++)
        {
            for (int row = 0; row < output.Height; row++)
            {
                for (int column = 0; column < output.Width; column++)
                {
                    output[c, row, column] = value(c, row, column);
                }
            }
        }
    }

    private static void EachChannel(FeatureMap input, FeatureMap output, Func<float, int, float> value) =>
        Each(output, (c, row, column) => value(input[c, row, column], c));

    private static void Convolve(
        FeatureMap input, FeatureMap output, ConvolutionGeometry geometry, int groups, float[] weight, float[]? bias, float padding)
    {
        int kernel = geometry.Kernel, inputsPerGroup = input.Channels / groups, outputsPerGroup = output.Channels / groups;
        for (int o = 0; o < output.Channels; o++)
        {
            output.Plane(o).Fill(bias?[o] ?? 0);
            for (int tap = 0; tap < inputsPerGroup * kernel * kernel; tap++)
            {
                int channel = o / outputsPerGroup * inputsPerGroup + tap / (kernel * kernel);
                int rowOffset = tap / kernel % kernel * geometry.Dilation - geometry.Padding;
                int columnOffset = tap % kernel * geometry.Dilation - geometry.Padding;
                float w = weight[o * inputsPerGroup * kernel * kernel + tap];
                for (int row = 0; row < output.Height; row++)
                {
                    int y = row * geometry.Stride + rowOffset;
                    for (int column = 0; column < output.Width; column++)
                    {
                        int x = column * geometry.Stride + columnOffset;
                        bool inside = (uint)y < (uint)input.Height && (uint)x < (uint)input.Width;
                        output[o, row, column] += w * (inside ? input[channel, y, x] : padding);
                    }
                }
            }
        }
    }

    private static void AverageChannels(FeatureMap input, FeatureMap output, int groups)
    {
        float reciprocal = 1f / groups;
        Each(output, (c, row, column) =>
        {
            float sum = input[c, row, column];
            for (int g = 1; g < groups; g++)
            {
                sum += input[c + g * output.Channels, row, column];
            }

            return sum * reciprocal;
        });
    }

    private static float[] Scales(SqueezeExcitation node, FeatureMap x)
    {
        float[] means = [.. Enumerable.Range(0, x.Channels).Select(c => Mean(x, c))];
        float[] hidden = [.. Product(node.Squeeze, node.SqueezeBias, means).Select(v => v > 0 ? v : 0)];
        return [.. Product(node.Excite, node.ExciteBias, hidden).Select(v => 2 * Exponential.Sigmoid(v))];

        static float[] Product(Parameter matrix, Parameter bias, float[] values)
        {
            float[] result = (float[])bias.Values.Clone();
            for (int i = 0; i < matrix.Values.Length; i++)
            {
                result[i / values.Length] += matrix.Values[i] * values[i % values.Length];
            }

            return result;
        }
    }

    private static float Mean(FeatureMap x, int channel)
    {
        double total = 0;
        for (int row = 0; row < x.Height; row++)
        {
            float[] sums = new float[16];
            for (int column = 0; column < x.Width; column++)
            {
                sums[column % 16] += x[channel, row, column];
            }

            for (int half = 8; half > 0; half /= 2)
            {
                for (int j = 0; j < half; j++)
                {
                    sums[j] += sums[j + half];
                }
            }

            total += sums[0];
        }

        return (float)(total / x.Pixels);
    }

    private static float Bilinear(FeatureMap x, int channel, int row, int column, int factor)
    {
        (int top, int bottom, float down) = Source(row, factor, x.Height);
        (int left, int right, float across) = Source(column, factor, x.Width);
        float a = x[channel, top, left] + down * (x[channel, bottom, left] - x[channel, top, left]);
        float b = x[channel, top, right] + down * (x[channel, bottom, right] - x[channel, top, right]);
        return a + across * (b - a);
    }

    /// <summary>The two source positions and the weight of the second for output position <paramref name="index"/>.</summary>
    internal static (int First, int Second, float Weight) Source(int index, int factor, int size)
    {
        float position = (index + 0.5f) / factor - 0.5f;
        int first = (int)MathF.Floor(position);
        return (Math.Max(first, 0), Math.Min(first + 1, size - 1), position - first);
    }

    private static void Attend(ReducedAttention node, FeatureMap queries, FeatureMap keys, FeatureMap values, FeatureMap output)
    {
        int keyDepth = queries.Channels / node.Heads, valueDepth = values.Channels / node.Heads;
        float[] weights = new float[keys.Pixels];
        for (int head = 0; head < node.Heads; head++)
        {
            for (int q = 0; q < queries.Pixels; q++)
            {
                float highest = float.NegativeInfinity;
                for (int t = 0; t < keys.Pixels; t++)
                {
                    float dot = 0;
                    for (int c = head * keyDepth; c < (head + 1) * keyDepth; c++)
                    {
                        dot += queries.Plane(c)[q] * keys.Plane(c)[t];
                    }

                    int row = TokenSample.SourceIndex(t / keys.Width, keys.Height, queries.Height);
                    int column = TokenSample.SourceIndex(t % keys.Width, keys.Width, queries.Width);
                    int distance = Math.Abs(q / queries.Width - row) + Math.Abs(q % queries.Width - column);
                    weights[t] = node.Temperature.Values[head] * dot + node.Slope.Values[head] * distance;
                    highest = Math.Max(highest, weights[t]);
                }

                float sum = 0;
                for (int t = 0; t < weights.Length; t++)
                {
                    weights[t] = Exponential.Exp(weights[t] - highest);
                    sum += weights[t];
                }

                for (int c = head * valueDepth; c < (head + 1) * valueDepth; c++)
                {
                    float total = 0;
                    for (int t = 0; t < weights.Length; t++)
                    {
                        total += weights[t] * values.Plane(c)[t];
                    }

                    output.Plane(c)[q] = total / sum;
                }
            }
        }
    }
}
