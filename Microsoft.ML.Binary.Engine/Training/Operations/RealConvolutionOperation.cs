using System.Numerics.Tensors;
using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Kernels;

namespace Microsoft.ML.Binary.Training.Operations;

/// <summary>A real-valued convolution with zero padding, on padded copies of its maps.</summary>
internal sealed unsafe class RealConvolutionOperation(Convolution node) : TrainingOperation
{
    private ConvolutionLayout? _layout;
    private float[] _packed = [];

    private ConvolutionLayout Layout => _layout ??= new(node.Geometry, Output.Height, Output.Width);

    /// <summary>Products of one output value.</summary>
    private int Terms => Input.Channels * node.Geometry.Kernel * node.Geometry.Kernel;

    public override void Forward(TrainingPass pass)
    {
        ConvolutionLayout layout = Layout;
        float[] packed = Pack(pass, node.Weight.Values, Output.Channels, Terms);
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
                float offset = node.Bias?.Values[c] ?? 0;
                for (int row = 0; row < layout.Plane.Height; row++)
                {
                    ReadOnlySpan<float> source = result.AsSpan(image * yLength + c * layout.Plane.Length + row * layout.Plane.Pitch, layout.Plane.Width);
                    TensorPrimitives.Add(source, offset, target.Slice(row * layout.Plane.Width, layout.Plane.Width));
                }
            }
        });
    }

    public override void Backward(TrainingPass pass)
    {
        ConvolutionLayout layout = Layout;
        int imageLength = Output.Channels * layout.Plane.Length;
        float[] dy = pass.Scratch.Rent("output gradient", Output.Images * imageLength + SlackPlanes * layout.Plane.Length);
        pass.For(Output.Images, image =>
        {
            for (int c = 0; c < Output.Channels; c++)
            {
                layout.PadOutput(Output.GradientPlane(image, c), dy.AsSpan(image * imageLength + c * layout.Plane.Length));
            }
        });

        AddWeightGradient(pass, layout, dy, imageLength);
        if (Input.NeedsGradient)
        {
            AddInputGradient(pass, layout, dy, imageLength);
        }

        if (node.Bias is not null)
        {
            Span<float> gradient = pass.GradientOf(node.Bias);
            for (int c = 0; c < gradient.Length; c++)
            {
                for (int image = 0; image < Output.Images; image++)
                {
                    gradient[c] += TensorPrimitives.Sum<float>(Output.GradientPlane(image, c));
                }
            }
        }
    }

    // A tile of the weight gradient may read dy planes after the last channel; their sums are thrown away.
    private static int SlackPlanes => WeightGradient.TileOutputs;

    private void AddWeightGradient(TrainingPass pass, ConvolutionLayout layout, float[] dy, int dyImage)
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
                Span<float> gradient = pass.GradientOf(node.Weight).Slice(first, Terms);
                TensorPrimitives.Add(gradient, sums.AsSpan(output * terms, Terms), gradient);
            }
        });
    }

    /// <summary>For each phase: dx[i][v] = sum over outputs and the phase's taps of weight * dy at the mirrored tap.</summary>
    private void AddInputGradient(TrainingPass pass, ConvolutionLayout layout, float[] dy, int dyImage)
    {
        bool accumulate = pass.BeginGradient(Input);
        int taps = node.Geometry.Kernel * node.Geometry.Kernel;
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

            pass.For(Input.Channels, input =>
            {
                float[] values = node.Weight.Values;
                for (int t = 0; t < terms; t++)
                {
                    transposed[input * terms + t] = values[(t / members.Length * Input.Channels + input) * taps + members[t % members.Length]];
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
        int taps = node.Geometry.Kernel * node.Geometry.Kernel;
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
        pass.For(Input.Images, image =>
        {
            for (int c = 0; c < Input.Channels; c++)
            {
                layout.Pad(Input.Plane(image, c), padded.AsSpan((image * Input.Channels + c) * channelLength, channelLength));
            }
        });
        return padded;
    }
}
