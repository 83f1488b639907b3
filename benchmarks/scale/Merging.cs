using System.Diagnostics;
using System.Numerics;
using System.Numerics.Tensors;
using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Imaging;
using Microsoft.ML.Binary.Inference;

namespace Scale;

/// <summary>
/// Sampled keys and values against merged ones, at equal numbers of keys. Attention is computed by the same plain loops for both, on one thread, from the
/// queries, keys and values that the network has for an image with full attention.
/// </summary>
internal sealed class Merging
{
    private readonly DenseGraph _graph;
    private readonly CompiledNetwork _compiled;
    private readonly int _node;
    private readonly ReducedAttention _attention;

    public Merging(DenseNetwork network)
    {
        _graph = Freezing.Freeze(network.Graph).WithAttentionReduction(1);
        _compiled = CompiledNetwork.Compile(_graph, new() { KeepsNodeOutputs = true });
        _node = Array.FindIndex([.. _graph.Nodes], node => node is ReducedAttention);
        _attention = (ReducedAttention)_graph.Nodes[_node];
    }

    /// <summary>Prints a row for each reduction and way: keys, the shortest times, how far the result is from full attention, and the masks that are left of that.</summary>
    /// <param name="images">The images, as the network shall see them.</param>
    /// <param name="factors">Reductions of each axis.</param>
    /// <param name="masks">For how many images the rest of the network is run too, by the slow interpreter.</param>
    public void Print(IReadOnlyList<RgbImage> images, int[] factors, int masks)
    {
        Console.WriteLine("way                       keys  find ms  attend ms  error of attention  same class");
        foreach (int factor in factors)
        {
            foreach (string way in new[] { "sampled", "merged", "merged, weighed by size" })
            {
                double find = double.PositiveInfinity, attend = double.PositiveInfinity, error = 0, norm = 0;
                long same = 0, pixels = 0;
                int keys = 0;
                for (int i = 0; i < images.Count; i++)
                {
                    FeatureMap[] outputs = _compiled.NodeOutputs(images[i]);
                    Tokens tokens = new(_attention, outputs[_attention.Inputs[0]], outputs[_attention.Inputs[1]], outputs[_attention.Inputs[2]]);
                    (float[] result, keys, double ms, double more) = tokens.Attend(way, factor);
                    (find, attend) = (Math.Min(find, ms), Math.Min(attend, more));
                    FeatureMap full = outputs[_node];
                    for (int k = 0; k < result.Length; k++)
                    {
                        float exact = full.Values[k];
                        error += (result[k] - exact) * (double)(result[k] - exact);
                        norm += exact * (double)exact;
                    }

                    if (i < masks)
                    {
                        byte[] expected = Labels(outputs), labels = Labels(Rest(outputs, new(full.Channels, full.Height, full.Width, result)));
                        same += expected.Zip(labels).Count(pair => pair.First == pair.Second);
                        pixels += labels.Length;
                    }
                }

                string agreement = pixels == 0 ? "" : $"{100.0 * same / pixels:0.00}%";
                Console.WriteLine($"{way,-24}  {keys,4}  {find,7:0.00}  {attend,9:0.00}  {Math.Sqrt(error / norm),18:0.0000}  {agreement,10}");
            }
        }
    }

    private FeatureMap[] Rest(FeatureMap[] outputs, FeatureMap attended)
    {
        FeatureMap[] changed = [.. outputs];
        HashSet<int> touched = [_node];
        changed[_node] = attended;
        for (int i = _node + 1; i < changed.Length; i++)
        {
            Node node = _graph.Nodes[i];
            if (node.Inputs.Any(touched.Contains))
            {
                touched.Add(i);
                changed[i] = ReferenceInterpreter.Evaluate(node, [.. node.Inputs.Select(input => changed[input])], new(outputs[i].Channels, outputs[i].Height, outputs[i].Width));
            }
        }

        return changed;
    }

    private byte[] Labels(FeatureMap[] outputs)
    {
        FeatureMap logits = outputs[_graph.Logits];
        return [.. Enumerable.Range(0, logits.Pixels).Select(p => (byte)Enumerable.Range(0, logits.Channels).MaxBy(c => logits.Plane(c)[p]))];
    }

    /// <summary>Queries, keys and values of an image, by token.</summary>
    private sealed class Tokens(ReducedAttention node, FeatureMap queries, FeatureMap keys, FeatureMap values)
    {
        private readonly int _heads = node.Heads, _width = queries.Width, _height = queries.Height, _keyDepth = queries.Channels / node.Heads;
        private readonly int _wordsPerHead = (queries.Channels / node.Heads + 63) / 64, _valueChannels = values.Channels;

        /// <summary>The result in the layout of a map, the number of keys, and the milliseconds of finding keys and of attention.</summary>
        public (float[] Result, int Keys, double FindMs, double AttendMs) Attend(string way, int factor)
        {
            ulong[] queryWords = Words(queries), keyWords = Words(keys);
            float[] all = ByToken(values);
            long start = Stopwatch.GetTimestamp();
            ulong[] words;
            float[] mixed, bonus;
            int[] places;
            int perToken = _heads * _wordsPerHead;
            if (way == "sampled")
            {
                FeatureType reduced = new(1, 1, factor);
                (int rows, int columns) = reduced.SizeAt(_height, _width);
                places = [.. Enumerable.Range(0, rows * columns).Select(t => TokenSample.SourceIndex(t / columns, rows, _height) * _width + TokenSample.SourceIndex(t % columns, columns, _width))];
                words = [.. places.SelectMany(p => keyWords.AsSpan(p * perToken, perToken).ToArray())];
                mixed = [.. places.SelectMany(p => all.AsSpan(p * _valueChannels, _valueChannels).ToArray())];
                bonus = new float[places.Length];
            }
            else
            {
                (int rows, int columns) = new FeatureType(1, 1, factor).SizeAt(_height, _width);
                TokenMerge merge = TokenMerge.Find(_height, _width, factor, _height * _width - rows * columns, TokenMerge.OfSigns(keyWords, perToken, keys.Channels));
                places = [.. merge.Kept, .. merge.Destinations];
                mixed = merge.Mean(all, _valueChannels);
                float[] means = merge.Mean(ByToken(keys), keys.Channels);
                words = Words(means, places.Length);
                bonus = [.. merge.Sizes().Select(size => way.EndsWith("size", StringComparison.Ordinal) ? MathF.Log(size) : 0)];
            }

            double find = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
            start = Stopwatch.GetTimestamp();
            float[] result = Mix(queryWords, words, mixed, places, bonus);
            return (result, places.Length, find, Stopwatch.GetElapsedTime(start).TotalMilliseconds);
        }

        private float[] Mix(ulong[] queryWords, ulong[] words, float[] mixed, int[] places, float[] bonus)
        {
            int perToken = _heads * _wordsPerHead, tokens = _width * _height, depth = _valueChannels / _heads;
            float[] result = new float[_valueChannels * tokens], weights = new float[places.Length], sum = new float[depth];
            for (int q = 0; q < tokens; q++)
            {
                for (int head = 0; head < _heads; head++)
                {
                    for (int t = 0; t < weights.Length; t++)
                    {
                        int different = 0;
                        for (int w = head * _wordsPerHead; w < (head + 1) * _wordsPerHead; w++)
                        {
                            different += BitOperations.PopCount(queryWords[q * perToken + w] ^ words[t * perToken + w]);
                        }

                        int distance = Math.Abs(q / _width - places[t] / _width) + Math.Abs(q % _width - places[t] % _width);
                        weights[t] = node.Temperature.Values[head] * (_keyDepth - 2 * different) + node.Slope.Values[head] * distance + bonus[t];
                    }

                    TensorPrimitives.SoftMax(weights, weights);
                    sum.AsSpan().Clear();
                    for (int t = 0; t < weights.Length; t++)
                    {
                        TensorPrimitives.MultiplyAdd(mixed.AsSpan(t * _valueChannels + head * depth, depth), weights[t], sum, sum);
                    }

                    for (int c = 0; c < depth; c++)
                    {
                        result[(head * depth + c) * tokens + q] = sum[c];
                    }
                }
            }

            return result;
        }

        private static float[] ByToken(FeatureMap map) => [.. Enumerable.Range(0, map.Pixels * map.Channels).Select(i => map.Plane(i % map.Channels)[i / map.Channels])];

        private ulong[] Words(FeatureMap map) => Words(ByToken(map), map.Pixels);

        // A set bit is a negative value; the sign of 0 is +, as everywhere.
        private ulong[] Words(float[] tokens, int count)
        {
            ulong[] words = new ulong[count * _heads * _wordsPerHead];
            int channels = _heads * _keyDepth;
            for (int i = 0; i < count * channels; i++)
            {
                (int token, int channel) = (i / channels, i % channels);
                (int head, int at) = (channel / _keyDepth, channel % _keyDepth);
                words[(token * _heads + head) * _wordsPerHead + at / 64] |= tokens[i] < 0 ? 1UL << (at % 64) : 0;
            }

            return words;
        }
    }
}
