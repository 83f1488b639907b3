using System.Collections.Immutable;
using System.Numerics.Tensors;
using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Training.MixedPrecision;

namespace Microsoft.ML.Binary.Training.Operations;

/// <summary>
/// A convolution of signs or levels whose widths are searched for, on real-valued kernels. Going backward, quantising passes the gradient on as it is, that to no
/// bits too: each weight gets the gradient of the mixture, and each share theta the sum of gradient times quantised weight. What the share of no bits
/// takes away, the batch norm would give back; so it counts there (<see cref="Kept"/>).
/// </summary>
internal sealed class SearchConvolutionOperation(SearchConvolution node) : TrainingOperation
{
    private readonly float[] _mixture = new float[node.Weight.Values.Length], _gradient = new float[node.Weight.Values.Length];
    private readonly byte[] _widths = [.. node.Precisions];
    private DenseProducts? _products;

    public SearchConvolution Node => node;

    /// <summary>The shares of the last mixture. Who adds to their gradient does so between the way forward and the way back.</summary>
    public WidthGates Gates { get; } = new(node.Precisions.Length, node.Weight.Shape[0]);

    /// <summary>What the share of no bits leaves of a channel behind its batch norm, 0..1.</summary>
    public float Kept(TrainingPass pass, int channel) => Prunes(pass) ? 1 - Gates.Theta[channel] : 1;

    /// <summary>Adds the gradient of <see cref="Kept"/>.</summary>
    public void AddKeptGradient(TrainingPass pass, int channel, float gradient)
    {
        if (Prunes(pass))
        {
            Gates.ThetaGradient[channel] -= gradient;
        }
    }

    private DenseProducts Dense => _products ??= new(node.Geometry, Input, Output, node.Padding);

    private int Products => _mixture.Length / Output.Channels;

    public override void Forward(TrainingPass pass)
    {
        WidthMixing mixing = pass.Widths;
        switch (mixing.Phase)
        {
            case SearchPhase.WarmUp:
                node.Weight.Values.CopyTo(_mixture, 0);
                break;
            case SearchPhase.Search:
                Gates.Update(node.GateLogits.Values, mixing.Temperature, mixing.Sampling, new RandomStream(mixing.Seed, RandomStream.KeyOf(node.TiedTo ?? node.Name), mixing.Batch));
                pass.For(Output.Channels, c => Gates.Mix(Weights(c), _widths, c, new float[Products], _mixture.AsSpan(c * Products, Products)));
                break;
            default:
                ImmutableArray<byte> bits = node.Bits;
                pass.For(Output.Channels, c => ChannelQuantizer.QuantizeToFloats(Weights(c), bits[c], _mixture.AsSpan(c * Products, Products)));
                break;
        }

        Dense.Forward(pass, _mixture, bias: null);
    }

    public override void Backward(TrainingPass pass)
    {
        WidthMixing mixing = pass.Widths;
        Array.Clear(_gradient);
        Dense.Backward(pass, _mixture, _gradient);
        float[]? gradient = pass.GradientArrayOf(node.Weight);
        byte[] bits = mixing.Phase == SearchPhase.FineTuning ? [.. node.Bits] : [];
        pass.For(Output.Channels, c =>
        {
            ReadOnlySpan<float> source = _gradient.AsSpan(c * Products, Products);
            if (mixing.Phase == SearchPhase.Search)
            {
                Gates.AddThetaGradient(Weights(c), _widths, c, new float[Products], source);
            }

            if (gradient is null || (bits.Length > 0 && bits[c] == 0))
            {
                return;
            }

            float share = mixing is { Phase: SearchPhase.Search, StopsAtZero: true } && _widths[0] == 0 ? 1 - Gates.Theta[c] : 1;
            Span<float> target = gradient.AsSpan(c * Products, Products);
            TensorPrimitives.MultiplyAdd(source, share, target, target);
        });
        if (mixing.Phase == SearchPhase.Search && pass.GradientArrayOf(node.GateLogits) is { } logits)
        {
            Gates.Backward(logits);
        }
    }

    private bool Prunes(TrainingPass pass) => pass.Widths.Phase == SearchPhase.Search && _widths[0] == 0;

    private ReadOnlySpan<float> Weights(int channel) => node.Weight.Values.AsSpan(channel * Products, Products);
}
