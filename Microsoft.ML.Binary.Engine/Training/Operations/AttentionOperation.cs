using System.Numerics.Tensors;
using Microsoft.ML.Binary.Graph;

namespace Microsoft.ML.Binary.Training.Operations;

/// <summary>
/// Attention over a reduced token grid. Forward keeps the softmax weights; with weights p, values v and output gradient g, backward uses
/// dp_t = g . v_t and dlogit_t = p_t (dp_t - sum_s p_s dp_s).
/// </summary>
internal sealed class AttentionOperation(ReducedAttention node) : TrainingOperation
{
    private float[] _weights = [];
    private int[]? _distances;

    private TrainingValue Queries => Inputs[0];

    private TrainingValue Keys => Inputs[1];

    private TrainingValue Values => Inputs[2];

    private int KeyDepth => Queries.Channels / node.Heads;

    private int ValueDepth => Values.Channels / node.Heads;

    /// <summary>Distance of query q and token t, [q, t].</summary>
    private int[] Distances => _distances ??= MeasureDistances();

    public override void Forward(TrainingPass pass)
    {
        int queries = Queries.Pixels, tokens = Keys.Pixels;
        if (_weights.Length == 0)
        {
            _weights = new float[Queries.Images * node.Heads * queries * tokens];
        }

        int[] distances = Distances;
        pass.For(Queries.Images * node.Heads, part =>
        {
            (int image, int head) = (part / node.Heads, part % node.Heads);
            float[] q = Transposed(Queries, image, head * KeyDepth, KeyDepth), k = Transposed(Keys, image, head * KeyDepth, KeyDepth);
            float[] v = Transposed(Values, image, head * ValueDepth, ValueDepth), result = new float[queries * ValueDepth];
            for (int i = 0; i < queries; i++)
            {
                Span<float> weights = Weights(part, i);
                for (int t = 0; t < tokens; t++)
                {
                    float dot = TensorPrimitives.Dot<float>(q.AsSpan(i * KeyDepth, KeyDepth), k.AsSpan(t * KeyDepth, KeyDepth));
                    weights[t] = node.Temperature.Values[head] * dot + node.Slope.Values[head] * distances[i * tokens + t];
                }

                // The library's softmax does not take the highest away first, and overflows where that is above 88.
                TensorPrimitives.Subtract(weights, TensorPrimitives.Max<float>(weights), weights);
                TensorPrimitives.SoftMax(weights, weights);
                Span<float> sum = result.AsSpan(i * ValueDepth, ValueDepth);
                for (int t = 0; t < tokens; t++)
                {
                    TensorPrimitives.MultiplyAdd(v.AsSpan(t * ValueDepth, ValueDepth), weights[t], sum, sum);
                }
            }

            for (int c = 0; c < ValueDepth; c++)
            {
                Span<float> plane = Output.Plane(image, head * ValueDepth + c);
                for (int i = 0; i < queries; i++)
                {
                    plane[i] = result[i * ValueDepth + c];
                }
            }
        });
    }

    public override void Backward(TrainingPass pass)
    {
        int queries = Queries.Pixels, tokens = Keys.Pixels, parts = Queries.Images * node.Heads;
        int[] distances = Distances;
        bool[] accumulate = [.. Inputs.Select(pass.BeginGradient)];
        double[] temperature = new double[parts], slope = new double[parts];
        pass.For(parts, part =>
        {
            (int image, int head) = (part / node.Heads, part % node.Heads);
            float[] q = Transposed(Queries, image, head * KeyDepth, KeyDepth), k = Transposed(Keys, image, head * KeyDepth, KeyDepth);
            float[] v = Transposed(Values, image, head * ValueDepth, ValueDepth);
            float[] dq = new float[q.Length], dk = new float[k.Length], dv = new float[v.Length];
            float[] g = new float[ValueDepth], dp = new float[tokens];
            for (int i = 0; i < queries; i++)
            {
                for (int c = 0; c < ValueDepth; c++)
                {
                    g[c] = Output.GradientPlane(image, head * ValueDepth + c)[i];
                }

                ReadOnlySpan<float> weights = Weights(part, i);
                for (int t = 0; t < tokens; t++)
                {
                    dp[t] = TensorPrimitives.Dot<float>(g, v.AsSpan(t * ValueDepth, ValueDepth));
                    Span<float> dvt = dv.AsSpan(t * ValueDepth, ValueDepth);
                    TensorPrimitives.MultiplyAdd(g, weights[t], dvt, dvt);
                }

                float mean = TensorPrimitives.Dot(weights, dp);
                Span<float> qi = q.AsSpan(i * KeyDepth, KeyDepth), dqi = dq.AsSpan(i * KeyDepth, KeyDepth);
                for (int t = 0; t < tokens; t++)
                {
                    float dLogit = weights[t] * (dp[t] - mean);
                    Span<float> kt = k.AsSpan(t * KeyDepth, KeyDepth), dkt = dk.AsSpan(t * KeyDepth, KeyDepth);
                    temperature[part] += dLogit * TensorPrimitives.Dot<float>(qi, kt);
                    slope[part] += dLogit * distances[i * tokens + t];
                    float scaled = dLogit * node.Temperature.Values[head];
                    TensorPrimitives.MultiplyAdd(kt, scaled, dqi, dqi);
                    TensorPrimitives.MultiplyAdd(qi, scaled, dkt, dkt);
                }
            }

            Scatter(dq, Queries, image, head * KeyDepth, KeyDepth, accumulate[0]);
            Scatter(dk, Keys, image, head * KeyDepth, KeyDepth, accumulate[1]);
            Scatter(dv, Values, image, head * ValueDepth, ValueDepth, accumulate[2]);
        });

        for (int part = 0; part < parts; part++)
        {
            pass.GradientOf(node.Temperature)[part % node.Heads] += (float)temperature[part];
            pass.GradientOf(node.Slope)[part % node.Heads] += (float)slope[part];
        }
    }

    private Span<float> Weights(int part, int query) => _weights.AsSpan((part * Queries.Pixels + query) * Keys.Pixels, Keys.Pixels);

    private int[] MeasureDistances()
    {
        int[] distances = new int[Queries.Pixels * Keys.Pixels];
        for (int i = 0; i < distances.Length; i++)
        {
            (int q, int t) = (i / Keys.Pixels, i % Keys.Pixels);
            int row = TokenSample.SourceIndex(t / Keys.Width, Keys.Height, Queries.Height);
            int column = TokenSample.SourceIndex(t % Keys.Width, Keys.Width, Queries.Width);
            distances[i] = Math.Abs(q / Queries.Width - row) + Math.Abs(q % Queries.Width - column);
        }

        return distances;
    }

    /// <summary>Some channels of one image as [pixel, channel].</summary>
    private static float[] Transposed(TrainingValue value, int image, int first, int depth)
    {
        float[] result = new float[value.Pixels * depth];
        for (int c = 0; c < depth; c++)
        {
            ReadOnlySpan<float> plane = value.Plane(image, first + c);
            for (int i = 0; i < plane.Length; i++)
            {
                result[i * depth + c] = plane[i];
            }
        }

        return result;
    }

    private static void Scatter(float[] gradient, TrainingValue value, int image, int first, int depth, bool accumulate)
    {
        for (int c = 0; c < depth; c++)
        {
            Span<float> plane = value.GradientPlane(image, first + c);
            for (int i = 0; i < plane.Length; i++)
            {
                plane[i] = accumulate ? plane[i] + gradient[i * depth + c] : gradient[i * depth + c];
            }
        }
    }
}
