using System.Collections.Immutable;
using System.Numerics.Tensors;
using Microsoft.ML.Binary.Graph;

namespace Microsoft.ML.Binary.Training.Operations;

/// <summary>
/// A convolution of signs or levels whose channels have given widths. The forward pass is exact: whole numbers below 2^24 in floats. Going backward, the level of a
/// weight passes the gradient on as it is; of one-bit channels where the latent weight lies in [-1, 1], as a binary convolution does.
/// </summary>
internal sealed class MixedConvolutionOperation(LowBitConvolution node, Parameter weight) : TrainingOperation
{
    private readonly float[] _levels = new float[weight.Values.Length], _gradient = new float[weight.Values.Length];
    private readonly ImmutableArray<byte> _bits = node.Widths;
    private DenseProducts? _products;

    private DenseProducts Dense => _products ??= new(node.Geometry, Input, Output, node.Padding);

    private int Products => _levels.Length / Output.Channels;

    public override void Forward(TrainingPass pass)
    {
        pass.For(Output.Channels, c =>
        {
            sbyte[] levels = new sbyte[Products];
            ChannelQuantizer.Quantize(weight.Values.AsSpan(c * Products, Products), _bits[c], levels);
            for (int i = 0; i < levels.Length; i++)
            {
                _levels[c * Products + i] = levels[i];
            }
        });
        Dense.Forward(pass, _levels, bias: null);
    }

    public override void Backward(TrainingPass pass)
    {
        Array.Clear(_gradient);
        Dense.Backward(pass, _levels, _gradient);
        if (pass.GradientArrayOf(weight) is not { } gradient)
        {
            return;
        }

        pass.For(Output.Channels, c =>
        {
            Span<float> target = gradient.AsSpan(c * Products, Products), source = _gradient.AsSpan(c * Products, Products);
            ReadOnlySpan<float> latent = weight.Values.AsSpan(c * Products, Products);
            switch (_bits[c])
            {
                case 0:
                    break;
                case 1:
                    for (int i = 0; i < target.Length; i++)
                    {
                        target[i] += Math.Abs(latent[i]) <= 1 ? source[i] : 0;
                    }

                    break;
                default:
                    TensorPrimitives.Add(target, source, target);
                    break;
            }
        });
    }
}
