using System.Numerics.Tensors;
using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Kernels;

namespace Microsoft.ML.Binary.Training.Operations;

/// <summary>
/// Channel scaling computed from the map. With s = 2 sigmoid(l), ds / dl = s (1 - s / 2); every pixel of a channel takes part in its mean alike.
/// </summary>
internal sealed class SqueezeExcitationOperation(SqueezeExcitation node) : TrainingOperation
{
    private float[] _means = [], _hidden = [], _scales = [];

    private int Channels => Input.Channels;

    public override void Forward(TrainingPass pass)
    {
        if (_means.Length == 0)
        {
            (_means, _scales, _hidden) = (new float[Input.Images * Channels], new float[Input.Images * Channels], new float[Input.Images * node.Hidden]);
        }

        pass.For(Input.Images * Channels, plane => _means[plane] = ChannelAverage.Of(
            Input.Plane(plane / Channels, plane % Channels), Input.Width, Input.Width, Input.Height));
        pass.For(Input.Images, image => ChannelExcitation.Run(
            Of(_means, image, Channels), node.Squeeze.Values, node.SqueezeBias.Values, node.Excite.Values, node.ExciteBias.Values,
            Of(_hidden, image, node.Hidden), Of(_scales, image, Channels)));
        pass.For(Input.Images * Channels, plane => TensorPrimitives.Multiply(
            Input.Plane(plane / Channels, plane % Channels), _scales[plane], Output.Plane(plane / Channels, plane % Channels)));
    }

    public override void Backward(TrainingPass pass)
    {
        int images = Input.Images;
        float[] dMeans = new float[images * Channels], dLogits = new float[images * Channels], dHidden = new float[images * node.Hidden];
        pass.For(images * Channels, plane =>
        {
            float dScale = TensorPrimitives.Dot<float>(
                Output.GradientPlane(plane / Channels, plane % Channels), Input.Plane(plane / Channels, plane % Channels));
            dLogits[plane] = dScale * _scales[plane] * (1 - _scales[plane] / 2);
        });
        pass.For(images, image =>
        {
            ReadOnlySpan<float> hidden = Of(_hidden, image, node.Hidden);
            Span<float> dh = Of(dHidden, image, node.Hidden), dm = Of(dMeans, image, Channels);
            for (int c = 0; c < Channels; c++)
            {
                TensorPrimitives.MultiplyAdd(node.Excite.Values.AsSpan(c * node.Hidden, node.Hidden), dLogits[image * Channels + c], dh, dh);
            }

            for (int h = 0; h < node.Hidden; h++)
            {
                dh[h] = hidden[h] > 0 ? dh[h] : 0;
                TensorPrimitives.MultiplyAdd(node.Squeeze.Values.AsSpan(h * Channels, Channels), dh[h], dm, dm);
            }
        });
        AddParameters(pass, dLogits, dHidden);
        if (Input.NeedsGradient)
        {
            bool accumulate = pass.BeginGradient(Input);
            pass.For(images * Channels, plane =>
            {
                (int image, int c) = (plane / Channels, plane % Channels);
                ReadOnlySpan<float> dy = Output.GradientPlane(image, c);
                pass.Kernels.AddScaled(dy, _scales[plane], dy, 0, dMeans[plane] / Input.Pixels, Input.GradientPlane(image, c), accumulate);
            });
        }
    }

    private void AddParameters(TrainingPass pass, float[] dLogits, float[] dHidden)
    {
        for (int image = 0; image < Input.Images; image++)
        {
            AddOuter(pass.GradientOf(node.Excite), Of(dLogits, image, Channels), Of(_hidden, image, node.Hidden));
            AddOuter(pass.GradientOf(node.Squeeze), Of(dHidden, image, node.Hidden), Of(_means, image, Channels));
            Add(pass.GradientOf(node.ExciteBias), Of(dLogits, image, Channels));
            Add(pass.GradientOf(node.SqueezeBias), Of(dHidden, image, node.Hidden));
        }
    }

    private static void AddOuter(Span<float> gradient, ReadOnlySpan<float> rows, ReadOnlySpan<float> columns)
    {
        for (int row = 0; row < rows.Length; row++)
        {
            Span<float> target = gradient.Slice(row * columns.Length, columns.Length);
            TensorPrimitives.MultiplyAdd(columns, rows[row], target, target);
        }
    }

    private static void Add(Span<float> gradient, ReadOnlySpan<float> values) => TensorPrimitives.Add(gradient, values, gradient);

    private static Span<float> Of(float[] values, int image, int count) => values.AsSpan(image * count, count);
}
