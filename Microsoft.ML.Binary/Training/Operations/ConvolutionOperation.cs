using System.Numerics.Tensors;
using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Kernels;

namespace Microsoft.ML.Binary.Training.Operations;

/// <summary>
/// Real-valued and binary convolutions. A binary one multiplies with the signs of its latent weights and pads with +1; going backward the
/// sign is a straight-through estimator: the gradient passes where the latent weight lies in [-1, 1] (clipped identity).
/// </summary>
internal sealed unsafe class ConvolutionOperation(Parameter weight, Parameter? bias, ConvolutionGeometry geometry, bool isBinary) : TrainingOperation
{
    private readonly float _border = isBinary ? 1 : 0;
    private ConvolutionLayout? _layout;
    private float[] _weight = [];
    private float[] _packed = [];

    private ConvolutionLayout Layout => _layout ??= new(geometry, Output.Height, Output.Width);

    private int Terms => Input.Channels * geometry.Kernel * geometry.Kernel;

    public override void Forward(TrainingPass pass)
    {
        ConvolutionLayout layout = Layout;
        ReadOnlySpan<float> values = EffectiveWeight();
        Pack(values, Output.Channels, Terms);
        int[] offsets = ForwardOffsets(layout, Terms);
        float[] padded = PadInputs(pass, layout);
        int imageLength = Input.Channels * layout.Phases * layout.PlaneLength;
        int yLength = TapProduct.PaddedOutputs(Output.Channels) * layout.PlaneLength;
        float[] result = pass.Scratch.Rent("result", Output.Images * yLength);
        pass.For(Output.Images, image =>
        {
            fixed (float* w = _packed, x = padded, y = result)
            {
                fixed (int* o = offsets)
                {
                    TapProduct.Run(
                        Output.Channels, Terms, w, o, x + image * (long)imageLength, y + image * (long)yLength, layout.PlaneLength, layout.Pixels);
                }
            }

            for (int c = 0; c < Output.Channels; c++)
            {
                Span<float> target = Output.Plane(image, c);
                float offset = bias?.Values[c] ?? 0;
                for (int row = 0; row < layout.Height; row++)
                {
                    ReadOnlySpan<float> source = result.AsSpan(image * yLength + c * layout.PlaneLength + row * layout.Pitch, layout.Width);
                    TensorPrimitives.Add(source, offset, target.Slice(row * layout.Width, layout.Width));
                }
            }
        });
    }

    public override void Backward(TrainingPass pass)
    {
        ConvolutionLayout layout = Layout;
        int imageLength = Output.Channels * layout.PlaneLength;
        float[] dy = pass.Scratch.Rent("output gradient", Output.Images * imageLength + SlackPlanes * layout.PlaneLength);
        pass.For(Output.Images, image =>
        {
            for (int c = 0; c < Output.Channels; c++)
            {
                layout.PadOutput(Output.GradientPlane(image, c), dy.AsSpan(image * imageLength + c * layout.PlaneLength));
            }
        });

        AddWeightGradient(pass, layout, dy, imageLength);
        if (bias is not null)
        {
            Span<float> gradient = pass.GradientOf(bias);
            for (int c = 0; c < gradient.Length; c++)
            {
                for (int image = 0; image < Output.Images; image++)
                {
                    gradient[c] += TensorPrimitives.Sum<float>(Output.GradientPlane(image, c));
                }
            }
        }

        if (Input.NeedsGradient)
        {
            AddInputGradient(pass, layout, dy, imageLength);
        }
    }

    // A tile of the weight gradient may read dy planes behind the last channel; their sums are thrown away.
    private static int SlackPlanes => TapCorrelation.TileOutputs;

    private void AddWeightGradient(TrainingPass pass, ConvolutionLayout layout, float[] dy, int dyImage)
    {
        float[] padded = PadInputs(pass, layout);
        int terms = (Terms + TapCorrelation.TileTerms - 1) / TapCorrelation.TileTerms * TapCorrelation.TileTerms;
        int[] offsets = ForwardOffsets(layout, terms);
        int xImage = Input.Channels * layout.Phases * layout.PlaneLength;
        int tile = TapCorrelation.TileOutputs;
        int blocks = (Output.Channels + tile - 1) / tile;
        float[] sums = pass.Scratch.Rent("weight gradient", blocks * tile * terms);
        sums.AsSpan(0, blocks * tile * terms).Clear();
        pass.For(blocks, block =>
        {
            fixed (float* d = dy, x = padded, g = sums)
            {
                fixed (int* o = offsets)
                {
                    TapCorrelation.Run(
                        d + layout.Origin + (long)block * tile * layout.PlaneLength, layout.PlaneLength, dyImage, x, xImage, o,
                        g + (long)block * tile * terms, terms, layout.Pixels, Output.Images);
                }
            }

            Span<float> gradient = pass.GradientOf(weight);
            ReadOnlySpan<float> latent = weight.Values;
            for (int output = block * tile; output < Math.Min((block + 1) * tile, Output.Channels); output++)
            {
                for (int t = 0; t < Terms; t++)
                {
                    int at = output * Terms + t;
                    if (!isBinary || Math.Abs(latent[at]) <= 1)
                    {
                        gradient[at] += sums[output * terms + t];
                    }
                }
            }
        });
    }

    /// <summary>For each phase: dx[i][v] = sum over outputs and the phase's taps of weight * dy at the mirrored tap.</summary>
    private void AddInputGradient(TrainingPass pass, ConvolutionLayout layout, float[] dy, int dyImage)
    {
        bool accumulate = pass.BeginGradient(Input);
        ReadOnlySpan<float> values = EffectiveWeight();
        int taps = geometry.Kernel * geometry.Kernel;
        int yLength = TapProduct.PaddedOutputs(Input.Channels) * layout.PlaneLength;
        float[] result = pass.Scratch.Rent("result", Input.Images * yLength);
        for (int phase = 0; phase < layout.Phases; phase++)
        {
            int[] members = [.. Enumerable.Range(0, taps).Where(tap => layout.Taps[tap].Phase == phase)];
            int terms = Output.Channels * members.Length;
            float[] transposed = pass.Scratch.Rent("transposed", Input.Channels * terms);
            int[] offsets = new int[terms];
            for (int output = 0; output < Output.Channels; output++)
            {
                for (int m = 0; m < members.Length; m++)
                {
                    offsets[output * members.Length + m] = output * layout.PlaneLength + layout.BackwardOffset(layout.Taps[members[m]]);
                    for (int input = 0; input < Input.Channels; input++)
                    {
                        transposed[input * terms + output * members.Length + m] = values[(output * Input.Channels + input) * taps + members[m]];
                    }
                }
            }

            Pack(transposed, Input.Channels, terms);
            int current = phase;
            pass.For(Input.Images, image =>
            {
                fixed (float* w = _packed, d = dy, y = result)
                {
                    fixed (int* o = offsets)
                    {
                        TapProduct.Run(
                            Input.Channels, terms, w, o, d + image * (long)dyImage, y + image * (long)yLength, layout.PlaneLength, layout.Pixels);
                    }
                }

                for (int c = 0; c < Input.Channels; c++)
                {
                    ReadOnlySpan<float> source = result.AsSpan(image * yLength + c * layout.PlaneLength, layout.PlaneLength);
                    layout.Unpad(source, current, Input.GradientPlane(image, c), accumulate);
                }
            });
        }
    }

    private ReadOnlySpan<float> EffectiveWeight()
    {
        if (!isBinary)
        {
            return weight.Values;
        }

        if (_weight.Length == 0)
        {
            _weight = new float[weight.Values.Length];
        }

        for (int i = 0; i < _weight.Length; i++)
        {
            _weight[i] = weight.Values[i] >= 0 ? 1 : -1;
        }

        return _weight;
    }

    private void Pack(ReadOnlySpan<float> values, int outputs, int terms)
    {
        int length = TapProduct.PackedLength(outputs, terms);
        if (_packed.Length < length)
        {
            _packed = new float[length];
        }

        TapProduct.Pack(values, outputs, terms, _packed);
    }

    private int[] ForwardOffsets(ConvolutionLayout layout, int terms)
    {
        int taps = geometry.Kernel * geometry.Kernel;
        int[] offsets = new int[terms];
        for (int t = 0; t < Terms; t++)
        {
            Tap tap = layout.Taps[t % taps];
            offsets[t] = (t / taps * layout.Phases + tap.Phase) * layout.PlaneLength + layout.ForwardOffset(tap);
        }

        return offsets;
    }

    private float[] PadInputs(TrainingPass pass, ConvolutionLayout layout)
    {
        int channelLength = layout.Phases * layout.PlaneLength;
        float[] padded = pass.Scratch.Rent("input", Input.Images * Input.Channels * channelLength + layout.PlaneLength);
        pass.For(Input.Images, image =>
        {
            for (int c = 0; c < Input.Channels; c++)
            {
                layout.Pad(Input.Plane(image, c), padded.AsSpan((image * Input.Channels + c) * channelLength, channelLength), _border);
            }
        });
        return padded;
    }
}
