using System.Numerics.Tensors;
using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Kernels;

namespace Microsoft.ML.Binary.Training.Operations;

/// <summary>The products of a dense convolution with real-valued weights, forward and backward, on padded copies of its maps.</summary>
/// <param name="geometry">Kernel, stride, dilation.</param>
/// <param name="input">The map that is read; of one that is the signs of another, these.</param>
/// <param name="output">The map that is made.</param>
/// <param name="padding">What is put around the map.</param>
internal sealed unsafe class DenseProducts(ConvolutionGeometry geometry, TrainingValue input, TrainingValue output, float padding = 0)
{
    private readonly ConvolutionLayout _layout = new(geometry, output.Height, output.Width);
    private float[] _packed = [];

    private int Taps => geometry.Kernel * geometry.Kernel;

    /// <summary>Products of one output value.</summary>
    private int Terms => input.Channels * Taps;

    /// <summary>Computes the output from weights [outputs, inputs, kernel, kernel] and a bias, which may be missing.</summary>
    public void Forward(TrainingPass pass, float[] weights, float[]? bias)
    {
        float[] packed = Pack(pass, weights, output.Channels, Terms);
        int[] offsets = ForwardOffsets(Terms);
        float[] padded = PadInputs(pass);
        int imageLength = input.Channels * _layout.Phases * _layout.Plane.Length;
        int yLength = TapProduct.PaddedOutputs(output.Channels) * _layout.Plane.Length;
        float[] result = pass.Scratch.Rent("result", output.Images * yLength);
        pass.For(output.Images, image =>
        {
            fixed (float* w = packed, x = padded, y = result)
            {
                fixed (int* o = offsets)
                {
                    pass.Kernels.TapProduct(
                        output.Channels, Terms, w, o, x + image * (long)imageLength, y + image * (long)yLength, _layout.Plane.Length, _layout.Pixels);
                }
            }

            for (int c = 0; c < output.Channels; c++)
            {
                Span<float> target = output.Plane(image, c);
                float offset = bias?[c] ?? 0;
                for (int row = 0; row < _layout.Plane.Height; row++)
                {
                    ReadOnlySpan<float> source = result.AsSpan(image * yLength + c * _layout.Plane.Length + row * _layout.Plane.Pitch, _layout.Plane.Width);
                    TensorPrimitives.Add(source, offset, target.Slice(row * _layout.Plane.Width, _layout.Plane.Width));
                }
            }
        });
    }

    /// <summary>Adds to the gradient of the weights (unless that is missing), and of the input if it needs one, from that of the output.</summary>
    public void Backward(TrainingPass pass, float[] weights, float[]? weightGradient)
    {
        int imageLength = output.Channels * _layout.Plane.Length;
        float[] dy = pass.Scratch.Rent("output gradient", output.Images * imageLength + SlackPlanes * _layout.Plane.Length);
        pass.For(output.Images, image =>
        {
            for (int c = 0; c < output.Channels; c++)
            {
                _layout.PadOutput(output.GradientPlane(image, c), dy.AsSpan(image * imageLength + c * _layout.Plane.Length));
            }
        });

        if (weightGradient is not null)
        {
            AddWeightGradient(pass, dy, imageLength, weightGradient);
        }

        if (input.NeedsGradient)
        {
            AddInputGradient(pass, dy, imageLength, weights);
        }
    }

    // A tile of the weight gradient may read dy planes after the last channel; their sums are thrown away.
    private static int SlackPlanes => WeightGradient.TileOutputs;

    private void AddWeightGradient(TrainingPass pass, float[] dy, int dyImage, float[] weightGradient)
    {
        float[] padded = PadInputs(pass);
        int terms = (Terms + WeightGradient.TileTerms - 1) / WeightGradient.TileTerms * WeightGradient.TileTerms;
        int[] offsets = ForwardOffsets(terms);
        int xImage = input.Channels * _layout.Phases * _layout.Plane.Length;
        int tile = WeightGradient.TileOutputs;
        int blocks = (output.Channels + tile - 1) / tile;
        float[] sums = pass.Scratch.Rent("weight gradient", blocks * tile * terms);
        sums.AsSpan(0, blocks * tile * terms).Clear();
        pass.For(blocks, block =>
        {
            fixed (float* d = dy, x = padded, g = sums)
            {
                fixed (int* o = offsets)
                {
                    pass.Kernels.WeightGradient(
                        d + _layout.Plane.Origin + (long)block * tile * _layout.Plane.Length, _layout.Plane.Length, dyImage, x, xImage, o,
                        g + (long)block * tile * terms, terms, _layout.Pixels, output.Images);
                }
            }

            for (int c = block * tile; c < Math.Min((block + 1) * tile, output.Channels); c++)
            {
                Span<float> gradient = weightGradient.AsSpan(c * Terms, Terms);
                TensorPrimitives.Add(gradient, sums.AsSpan(c * terms, Terms), gradient);
            }
        });
    }

    /// <summary>For each phase: dx[i][v] = sum over outputs and the phase's taps of weight * dy at the mirrored tap.</summary>
    private void AddInputGradient(TrainingPass pass, float[] dy, int dyImage, float[] weights)
    {
        bool accumulate = pass.BeginGradient(input);
        int taps = Taps;
        int yLength = TapProduct.PaddedOutputs(input.Channels) * _layout.Plane.Length;
        float[] result = pass.Scratch.Rent("result", input.Images * yLength);
        for (int phase = 0; phase < _layout.Phases; phase++)
        {
            int[] members = [.. Enumerable.Range(0, taps).Where(tap => _layout.Taps[tap].Phase == phase)];
            int terms = output.Channels * members.Length;
            float[] transposed = pass.Scratch.Rent("transposed", input.Channels * terms);
            int[] offsets = new int[terms];
            for (int t = 0; t < terms; t++)
            {
                Tap tap = _layout.Taps[members[t % members.Length]];
                offsets[t] = t / members.Length * _layout.Plane.Length + _layout.BackwardOffset(tap);
            }

            pass.For(input.Channels, channel =>
            {
                for (int t = 0; t < terms; t++)
                {
                    transposed[channel * terms + t] = weights[(t / members.Length * input.Channels + channel) * taps + members[t % members.Length]];
                }
            });
            float[] packed = Pack(pass, transposed, input.Channels, terms);
            int current = phase;
            pass.For(input.Images, image =>
            {
                fixed (float* w = packed, d = dy, y = result)
                {
                    fixed (int* o = offsets)
                    {
                        pass.Kernels.TapProduct(
                            input.Channels, terms, w, o, d + image * (long)dyImage, y + image * (long)yLength, _layout.Plane.Length, _layout.Pixels);
                    }
                }

                for (int c = 0; c < input.Channels; c++)
                {
                    ReadOnlySpan<float> source = result.AsSpan(image * yLength + c * _layout.Plane.Length, _layout.Plane.Length);
                    _layout.Unpad(source, current, input.GradientPlane(image, c), accumulate);
                }
            });
        }
    }

    /// <summary>Weights [outputs, terms] as <see cref="TapProduct"/> reads them; good until the next call.</summary>
    private float[] Pack(TrainingPass pass, float[] values, int outputs, int terms)
    {
        int length = TapProduct.PackedLength(outputs, terms);
        if (_packed.Length < length)
        {
            _packed = new float[length];
        }

        pass.For(TapProduct.Blocks(outputs), block => TapProduct.Pack(values, outputs, terms, block, _packed));
        return _packed;
    }

    private int[] ForwardOffsets(int terms)
    {
        int taps = Taps;
        int[] offsets = new int[terms];
        for (int t = 0; t < Terms; t++)
        {
            Tap tap = _layout.Taps[t % taps];
            offsets[t] = t / taps * _layout.Phases * _layout.Plane.Length + _layout.ForwardOffset(tap);
        }

        return offsets;
    }

    private float[] PadInputs(TrainingPass pass)
    {
        int channelLength = _layout.Phases * _layout.Plane.Length;
        float[] padded = pass.Scratch.Rent("input", input.Images * input.Channels * channelLength + _layout.Plane.Length);
        bool signs = input.Signed != input;
        float[] plane = signs ? pass.Scratch.Rent("signs", input.Images * input.Pixels) : [];
        pass.For(input.Images, image =>
        {
            for (int c = 0; c < input.Channels; c++)
            {
                Span<float> values = signs ? plane.AsSpan(image * input.Pixels, input.Pixels) : input.Plane(image, c);
                if (signs)
                {
                    pass.Kernels.Sign(input.Signed.Data.AsSpan(input.PlaneStart(image, c), input.Pixels), input.Shift[c], values);
                }

                _layout.Pad(values, padded.AsSpan((image * input.Channels + c) * channelLength, channelLength), padding);
            }
        });
        return padded;
    }
}
