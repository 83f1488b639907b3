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

    private TrainingValue Input => input;

    private TrainingValue Output => output;

    private int Taps => geometry.Kernel * geometry.Kernel;

    /// <summary>Products of one output value.</summary>
    private int Terms => Input.Channels * Taps;

    /// <summary>Computes the output from weights [outputs, inputs, kernel, kernel] and a bias, which may be missing.</summary>
    public void Forward(TrainingPass pass, float[] weights, float[]? bias)
    {
        ConvolutionLayout layout = _layout;
        float[] packed = Pack(pass, weights, Output.Channels, Terms);
        int[] offsets = ForwardOffsets(layout, Terms);
        float[] padded = PadInputs(pass, layout);
        int imageLength = Input.Channels * layout.Phases * layout.Plane.Length;
        int yLength = TapProduct.PaddedOutputs(Output.Channels) * layout.Plane.Length;
        float[] result = pass.Scratch.Rent("result", Output.Images * yLength);
        pass.For(Output.Images, image =>
        {
            fixed (float* w = packed, x = padded, y = result)
            {
                fixed (int* o = offsets)
                {
                    pass.Kernels.TapProduct(
                        Output.Channels, Terms, w, o, x + image * (long)imageLength, y + image * (long)yLength, layout.Plane.Length, layout.Pixels);
                }
            }

            for (int c = 0; c < Output.Channels; c++)
            {
                Span<float> target = Output.Plane(image, c);
                float offset = bias?[c] ?? 0;
                for (int row = 0; row < layout.Plane.Height; row++)
                {
                    ReadOnlySpan<float> source = result.AsSpan(image * yLength + c * layout.Plane.Length + row * layout.Plane.Pitch, layout.Plane.Width);
                    TensorPrimitives.Add(source, offset, target.Slice(row * layout.Plane.Width, layout.Plane.Width));
                }
            }
        });
    }

    /// <summary>Adds to the gradient of the weights (unless that is missing), and of the input if it needs one, from that of the output.</summary>
    public void Backward(TrainingPass pass, float[] weights, float[]? weightGradient)
    {
        ConvolutionLayout layout = _layout;
        int imageLength = Output.Channels * layout.Plane.Length;
        float[] dy = pass.Scratch.Rent("output gradient", Output.Images * imageLength + SlackPlanes * layout.Plane.Length);
        pass.For(Output.Images, image =>
        {
            for (int c = 0; c < Output.Channels; c++)
            {
                layout.PadOutput(Output.GradientPlane(image, c), dy.AsSpan(image * imageLength + c * layout.Plane.Length));
            }
        });

        if (weightGradient is not null)
        {
            AddWeightGradient(pass, layout, dy, imageLength, weightGradient);
        }

        if (Input.NeedsGradient)
        {
            AddInputGradient(pass, layout, dy, imageLength, weights);
        }
    }

    // A tile of the weight gradient may read dy planes after the last channel; their sums are thrown away.
    private static int SlackPlanes => WeightGradient.TileOutputs;

    private void AddWeightGradient(TrainingPass pass, ConvolutionLayout layout, float[] dy, int dyImage, float[] weightGradient)
    {
        float[] padded = PadInputs(pass, layout);
        int terms = (Terms + WeightGradient.TileTerms - 1) / WeightGradient.TileTerms * WeightGradient.TileTerms;
        int[] offsets = ForwardOffsets(layout, terms);
        int xImage = Input.Channels * layout.Phases * layout.Plane.Length;
        int tile = WeightGradient.TileOutputs;
        int blocks = (Output.Channels + tile - 1) / tile;
        float[] sums = pass.Scratch.Rent("weight gradient", blocks * tile * terms);
        sums.AsSpan(0, blocks * tile * terms).Clear();
        pass.For(blocks, block =>
        {
            fixed (float* d = dy, x = padded, g = sums)
            {
                fixed (int* o = offsets)
                {
                    pass.Kernels.WeightGradient(
                        d + layout.Plane.Origin + (long)block * tile * layout.Plane.Length, layout.Plane.Length, dyImage, x, xImage, o,
                        g + (long)block * tile * terms, terms, layout.Pixels, Output.Images);
                }
            }

            for (int output = block * tile; output < Math.Min((block + 1) * tile, Output.Channels); output++)
            {
                int first = output * Terms;
                Span<float> gradient = weightGradient.AsSpan(first, Terms);
                TensorPrimitives.Add(gradient, sums.AsSpan(output * terms, Terms), gradient);
            }
        });
    }

    /// <summary>For each phase: dx[i][v] = sum over outputs and the phase's taps of weight * dy at the mirrored tap.</summary>
    private void AddInputGradient(TrainingPass pass, ConvolutionLayout layout, float[] dy, int dyImage, float[] weights)
    {
        bool accumulate = pass.BeginGradient(Input);
        int taps = Taps;
        int yLength = TapProduct.PaddedOutputs(Input.Channels) * layout.Plane.Length;
        float[] result = pass.Scratch.Rent("result", Input.Images * yLength);
        for (int phase = 0; phase < layout.Phases; phase++)
        {
            int[] members = [.. Enumerable.Range(0, taps).Where(tap => layout.Taps[tap].Phase == phase)];
            int terms = Output.Channels * members.Length;
            float[] transposed = pass.Scratch.Rent("transposed", Input.Channels * terms);
            int[] offsets = new int[terms];
            for (int t = 0; t < terms; t++)
            {
                Tap tap = layout.Taps[members[t % members.Length]];
                offsets[t] = t / members.Length * layout.Plane.Length + layout.BackwardOffset(tap);
            }

            pass.For(Input.Channels, channel =>
            {
                for (int t = 0; t < terms; t++)
                {
                    transposed[channel * terms + t] = weights[(t / members.Length * Input.Channels + channel) * taps + members[t % members.Length]];
                }
            });
            float[] packed = Pack(pass, transposed, Input.Channels, terms);
            int current = phase;
            pass.For(Input.Images, image =>
            {
                fixed (float* w = packed, d = dy, y = result)
                {
                    fixed (int* o = offsets)
                    {
                        pass.Kernels.TapProduct(
                            Input.Channels, terms, w, o, d + image * (long)dyImage, y + image * (long)yLength, layout.Plane.Length, layout.Pixels);
                    }
                }

                for (int c = 0; c < Input.Channels; c++)
                {
                    ReadOnlySpan<float> source = result.AsSpan(image * yLength + c * layout.Plane.Length, layout.Plane.Length);
                    layout.Unpad(source, current, Input.GradientPlane(image, c), accumulate);
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

    private int[] ForwardOffsets(ConvolutionLayout layout, int terms)
    {
        int taps = Taps;
        int[] offsets = new int[terms];
        for (int t = 0; t < Terms; t++)
        {
            Tap tap = layout.Taps[t % taps];
            offsets[t] = t / taps * layout.Phases * layout.Plane.Length + layout.ForwardOffset(tap);
        }

        return offsets;
    }

    private float[] PadInputs(TrainingPass pass, ConvolutionLayout layout)
    {
        int channelLength = layout.Phases * layout.Plane.Length;
        float[] padded = pass.Scratch.Rent("input", Input.Images * Input.Channels * channelLength + layout.Plane.Length);
        bool signs = Input.Signed != Input;
        float[] plane = signs ? pass.Scratch.Rent("signs", Input.Images * Input.Pixels) : [];
        pass.For(Input.Images, image =>
        {
            for (int c = 0; c < Input.Channels; c++)
            {
                Span<float> values = signs ? plane.AsSpan(image * Input.Pixels, Input.Pixels) : Input.Plane(image, c);
                if (signs)
                {
                    pass.Kernels.Sign(Input.Signed.Data.AsSpan(Input.PlaneStart(image, c), Input.Pixels), Input.Shift[c], values);
                }

                layout.Pad(values, padded.AsSpan((image * Input.Channels + c) * channelLength, channelLength), padding);
            }
        });
        return padded;
    }
}
