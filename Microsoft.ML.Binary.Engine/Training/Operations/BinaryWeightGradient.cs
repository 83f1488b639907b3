using System.Buffers;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Kernels;

namespace Microsoft.ML.Binary.Training.Operations;

/// <summary>The gradient of a binary convolution's weights: <see cref="SignCorrelation"/> over the images of a batch.</summary>
internal sealed unsafe class BinaryWeightGradient
{
    private const int Group = SignedSums.Terms;

    private readonly ConvolutionLayout _layout;
    private readonly TrainingValue _input, _output;
    private readonly KernelSet _kernels;
    private readonly int[] _groupOffsets, _termOffsets;

    public BinaryWeightGradient(ConvolutionGeometry geometry, TrainingValue input, TrainingValue output, KernelSet kernels)
    {
        (_input, _output, _kernels) = (input, output, kernels);
        _layout = new(geometry, output.Height, output.Width);
        int across = (output.Width + Group - 1) / Group;
        _groupOffsets = [.. Enumerable.Range(0, output.Height * across).Select(g => g / across * _layout.Plane.Pitch + g % across * Group)];
        _termOffsets = new int[(Terms + SignCorrelation.TileTerms - 1) / SignCorrelation.TileTerms * SignCorrelation.TileTerms];
        for (int t = 0; t < Terms; t++)
        {
            Tap tap = _layout.Taps[t % _layout.Taps.Length];
            _termOffsets[t] = t / _layout.Taps.Length * _layout.Phases * _layout.Plane.Length + _layout.ForwardOffset(tap);
        }
    }

    private int Terms => _input.Channels * _layout.Taps.Length;

    /// <summary>Output channels of a tile.</summary>
    private int TileChannels => SignCorrelation.Vectors * _kernels.Lanes;

    private int Tiles => (_output.Channels + TileChannels - 1) / TileChannels;

    private int EntriesOfImage => _input.Channels * _layout.Phases * _layout.Plane.Length;

    /// <summary>Floats of an image's gradient as [pixel, channel].</summary>
    private int PixelsLength => _groupOffsets.Length * Group * Tiles * TileChannels;

    /// <summary>
    /// Adds to the gradient of the latent weights, [outputs, inputs, kernel, kernel], where they lie in [-1, 1] (the clipped identity as the
    /// straight-through estimator of their signs).
    /// </summary>
    public void Run(TrainingPass pass, Parameter weight)
    {
        if (pass.GradientOf(weight).IsEmpty)
        {
            return;
        }

        float[] dy = pass.Scratch.Rent("output gradient", _output.Images * PixelsLength);
        ushort[] entries = pass.Scratch.Entries(_output.Images * EntriesOfImage);
        pass.For(_output.Images * _output.Height, part => Transpose(part / _output.Height, part % _output.Height, dy));
        pass.For(_output.Images * _input.Channels, part => FindEntries(part / _input.Channels, part % _input.Channels, entries));

        // The terms are cut so that there is work for every thread; each sum is added up by one of them, whatever the cut.
        int triples = _termOffsets.Length / SignCorrelation.TileTerms;
        int cuts = pass.Threads == 1 ? 1 : Math.Min(triples, (4 * pass.Threads + Tiles - 1) / Tiles);
        pass.For(Tiles * cuts, part =>
        {
            (int tile, int cut) = (part / cuts, part % cuts);
            int first = triples * cut / cuts * SignCorrelation.TileTerms, last = triples * (cut + 1) / cuts * SignCorrelation.TileTerms;
            Add(dy, entries, tile, first, last, weight.Values, pass.GradientOf(weight));
        });
    }

    /// <summary>One row of an image as [pixel, channel], zeros where there is no pixel or no channel.</summary>
    private void Transpose(int image, int row, float[] dy)
    {
        int channels = Tiles * TileChannels, width = (_output.Width + Group - 1) / Group * Group;
        Span<float> target = dy.AsSpan(image * PixelsLength + row * width * channels, width * channels);
        if (channels > _output.Channels || width > _output.Width)
        {
            target.Clear();
        }

        const int side = Transposition.Side;
        int wholeChannels = _output.Channels / side * side, wholeWidth = _output.Width / side * side;
        fixed (float* source = &_output.Gradient![_output.PlaneStart(image, 0) + row * _output.Width], pixels = target)
        {
            for (int c = 0; c < wholeChannels; c += side)
            {
                for (int x = 0; x < wholeWidth; x += side)
                {
                    float* to = pixels + (nint)x * channels + c;
                    (Vector128<float> p0, Vector128<float> p1, Vector128<float> p2, Vector128<float> p3) =
                        Transposition.Columns(source + (nint)c * _output.Pixels + x, _output.Pixels);
                    p0.Store(to);
                    p1.Store(to + channels);
                    p2.Store(to + 2 * channels);
                    p3.Store(to + 3 * channels);
                }
            }

            for (int c = 0; c < _output.Channels; c++)
            {
                for (int x = c < wholeChannels ? wholeWidth : 0; x < _output.Width; x++)
                {
                    pixels[(nint)x * channels + c] = source[(nint)c * _output.Pixels + x];
                }
            }
        }
    }

    /// <summary>
    /// For each pixel of an input channel's padded planes the table entry that its sign and those of the next three select; the border is +1.
    /// </summary>
    private void FindEntries(int image, int channel, ushort[] entries)
    {
        int stride = _layout.Geometry.Stride, length = _layout.Plane.Length;
        ushort plus = (ushort)TileChannels;
        ReadOnlySpan<float> plane = _input.Signed.Plane(image, channel);
        float threshold = _input.Shift.IsEmpty ? 0 : -_input.Shift[channel];
        ushort[] rented = ArrayPool<ushort>.Shared.Rent(length + Group);
        Span<ushort> signs = rented.AsSpan(0, length + Group);
        for (int phase = 0; phase < _layout.Phases; phase++)
        {
            signs.Fill(plus);
            for (int row = 0; row < _layout.Plane.Height; row++)
            {
                ReadOnlySpan<float> source = plane[((row * stride + phase / stride) * _input.Width)..];
                Span<ushort> target = signs.Slice(_layout.Plane.Offset(row, 0), _layout.Plane.Width);
                if (stride == 1)
                {
                    _kernels.FindSigns(source[..target.Length], threshold, plus, target);
                    continue;
                }

                for (int x = 0; x < target.Length; x++)
                {
                    target[x] = source[x * stride + phase % stride] >= threshold ? plus : (ushort)0;
                }
            }

            _kernels.FindEntries(signs, entries.AsSpan(image * EntriesOfImage + (channel * _layout.Phases + phase) * length, length));
        }

        ArrayPool<ushort>.Shared.Return(rented);
    }

    private void Add(float[] dy, ushort[] entries, int tile, int first, int last, ReadOnlySpan<float> latent, Span<float> gradient)
    {
        int channels = TileChannels, stride = Tiles * channels, length = (last - first) * channels;
        float[] rented = ArrayPool<float>.Shared.Rent(SignCorrelation.TableLength + length + SignProduct.Lanes);
        fixed (float* d = dy, r = rented)
        {
            fixed (ushort* e = entries)
            {
                fixed (int* groups = _groupOffsets, terms = _termOffsets)
                {
                    float* table = (float*)(((nint)r + 63) & -64), sums = table + SignCorrelation.TableLength;
                    new Span<float>(sums, length).Clear();
                    for (int image = 0; image < _output.Images; image++)
                    {
                        for (int g = 0; g < _groupOffsets.Length; g += SignCorrelation.ChunkGroups)
                        {
                            _kernels.AddSignCorrelation(
                                d + (nint)image * PixelsLength + (nint)g * Group * stride + tile * channels, stride,
                                Math.Min(SignCorrelation.ChunkGroups, _groupOffsets.Length - g), e + (nint)image * EntriesOfImage, groups + g,
                                terms + first, last - first, sums, table);
                        }
                    }

                    Pass(sums, tile, first, Math.Min(last, Terms), latent, gradient);
                }
            }
        }

        ArrayPool<float>.Shared.Return(rented);
    }

    /// <summary>Adds sums [term][channel of the tile] to the gradient of the weights, as far as the estimator passes them.</summary>
    private void Pass(float* sums, int tile, int first, int last, ReadOnlySpan<float> latent, Span<float> gradient)
    {
        const int side = Transposition.Side;
        int channels = TileChannels, firstOutput = tile * channels, count = Math.Min(channels, _output.Channels - firstOutput);
        int wholeChannels = count / side * side, wholeTerms = (last - first) / side * side;
        fixed (float* weights = &latent[firstOutput * Terms + first], target = &gradient[firstOutput * Terms + first])
        {
            for (int o = 0; o < wholeChannels; o += side)
            {
                for (int t = 0; t < wholeTerms; t += side)
                {
                    nint at = (nint)o * Terms + t;
                    (Vector128<float> o0, Vector128<float> o1, Vector128<float> o2, Vector128<float> o3) =
                        Transposition.Columns(sums + (nint)t * channels + o, channels);
                    AddInside(weights + at, o0, target + at);
                    AddInside(weights + at + Terms, o1, target + at + Terms);
                    AddInside(weights + at + 2 * Terms, o2, target + at + 2 * Terms);
                    AddInside(weights + at + 3 * Terms, o3, target + at + 3 * Terms);
                }
            }

            for (int o = 0; o < count; o++)
            {
                for (int t = o < wholeChannels ? wholeTerms : 0; t < last - first; t++)
                {
                    nint at = (nint)o * Terms + t;
                    target[at] += Math.Abs(weights[at]) <= 1 ? sums[(nint)t * channels + o] : 0;
                }
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void AddInside(float* latent, Vector128<float> sums, float* gradient)
    {
        Vector128<float> inside = Vector128.LessThanOrEqual(Vector128.Abs(Vector128.Load(latent)), Vector128<float>.One);
        (Vector128.Load(gradient) + (sums & inside)).Store(gradient);
    }
}
