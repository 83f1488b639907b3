using System.Buffers;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
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
    private readonly KernelPath _path;
    private readonly int[] _groupOffsets, _termOffsets;

    public BinaryWeightGradient(ConvolutionGeometry geometry, TrainingValue input, TrainingValue output, KernelPath path)
    {
        (_input, _output, _path) = (input, output, path);
        _layout = new(geometry, output.Height, output.Width);
        int across = (output.Width + Group - 1) / Group;
        _groupOffsets = [.. Enumerable.Range(0, output.Height * across).Select(g => g / across * _layout.Pitch + g % across * Group)];
        _termOffsets = new int[(Terms + SignCorrelation.TileTerms - 1) / SignCorrelation.TileTerms * SignCorrelation.TileTerms];
        for (int t = 0; t < Terms; t++)
        {
            Tap tap = _layout.Taps[t % _layout.Taps.Length];
            _termOffsets[t] = (t / _layout.Taps.Length * _layout.Phases + tap.Phase) * _layout.PlaneLength + _layout.ForwardOffset(tap);
        }
    }

    private int Terms => _input.Channels * _layout.Taps.Length;

    /// <summary>Output channels of a tile.</summary>
    private int TileChannels => SignCorrelation.Vectors * _path switch
    {
        KernelPath.Avx512 => FloatLanes512.Count,
        KernelPath.Avx2 => FloatLanes256.Count,
        KernelPath.Portable => FloatLanes128.Count,
        _ => FloatLanes1.Count,
    };

    private int Tiles => (_output.Channels + TileChannels - 1) / TileChannels;

    private int EntriesOfImage => _input.Channels * _layout.Phases * _layout.PlaneLength;

    /// <summary>Floats of an image's gradient as [pixel, channel].</summary>
    private int PixelsLength => _groupOffsets.Length * Group * Tiles * TileChannels;

    /// <summary>
    /// Adds to the gradient of the latent weights, [outputs, inputs, kernel, kernel], where they lie in [-1, 1] (the clipped identity as the
    /// straight-through estimator of their signs).
    /// </summary>
    public void Run(TrainingPass pass, Parameter weight)
    {
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
            switch (_path)
            {
                case KernelPath.Avx512:
                    Add<FloatLanes512>(dy, entries, tile, first, last, weight.Values, pass.GradientOf(weight));
                    break;
                case KernelPath.Avx2:
                    Add<FloatLanes256>(dy, entries, tile, first, last, weight.Values, pass.GradientOf(weight));
                    break;
                case KernelPath.Portable:
                    Add<FloatLanes128>(dy, entries, tile, first, last, weight.Values, pass.GradientOf(weight));
                    break;
                default:
                    Add<FloatLanes1>(dy, entries, tile, first, last, weight.Values, pass.GradientOf(weight));
                    break;
            }
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

        int c = 0, whole = _output.Width / 4 * 4, start = _output.PlaneStart(image, 0) + row * _output.Width;
        ReadOnlySpan<float> source = _output.Gradient.AsSpan(start, (_output.Channels - 1) * _output.Pixels + _output.Width);
        for (; c <= _output.Channels - 4; c += 4)
        {
            for (int x = 0; x < whole; x += 4)
            {
                ref readonly float from = ref source[c * _output.Pixels + x];
                Vector128<float> r0 = Vector128.LoadUnsafe(in from), r1 = Vector128.LoadUnsafe(in from, (nuint)_output.Pixels);
                Vector128<float> r2 = Vector128.LoadUnsafe(in from, 2 * (nuint)_output.Pixels), r3 = Vector128.LoadUnsafe(in from, 3 * (nuint)_output.Pixels);
                (r0, r1, r2, r3) = Transposed(r0, r1, r2, r3);
                r0.CopyTo(target.Slice(x * channels + c, 4));
                r1.CopyTo(target.Slice((x + 1) * channels + c, 4));
                r2.CopyTo(target.Slice((x + 2) * channels + c, 4));
                r3.CopyTo(target.Slice((x + 3) * channels + c, 4));
            }

            for (int i = 0; i < 4 * (_output.Width - whole); i++)
            {
                target[(whole + i / 4) * channels + c + i % 4] = source[(c + i % 4) * _output.Pixels + whole + i / 4];
            }
        }

        for (; c < _output.Channels; c++)
        {
            for (int x = 0; x < _output.Width; x++)
            {
                target[x * channels + c] = source[c * _output.Pixels + x];
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static (Vector128<float> A, Vector128<float> B, Vector128<float> C, Vector128<float> D) Transposed(
        Vector128<float> a, Vector128<float> b, Vector128<float> c, Vector128<float> d)
    {
        Vector128<float> ab = Zip(a, b, upper: false), cd = Zip(c, d, upper: false);
        Vector128<float> ab2 = Zip(a, b, upper: true), cd2 = Zip(c, d, upper: true);
        return (
            Vector128.Create(ab.GetLower(), cd.GetLower()), Vector128.Create(ab.GetUpper(), cd.GetUpper()),
            Vector128.Create(ab2.GetLower(), cd2.GetLower()), Vector128.Create(ab2.GetUpper(), cd2.GetUpper()));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<float> Zip(Vector128<float> even, Vector128<float> odd, bool upper)
    {
        Vector128<int> order = upper ? Vector128.Create(2, 2, 3, 3) : Vector128.Create(0, 0, 1, 1);
        return Vector128.ConditionalSelect(
            Vector128.Create(-1, 0, -1, 0).AsSingle(), Vector128.Shuffle(even, order), Vector128.Shuffle(odd, order));
    }

    /// <summary>
    /// For each pixel of an input channel's padded planes the table entry that its sign and those of the next three select; the border is +1.
    /// </summary>
    private void FindEntries(int image, int channel, ushort[] entries)
    {
        int stride = _layout.Geometry.Stride, length = _layout.PlaneLength;
        ushort plus = (ushort)TileChannels;
        ReadOnlySpan<float> plane = _input.Plane(image, channel);
        ushort[] rented = ArrayPool<ushort>.Shared.Rent(length + Vector<ushort>.Count + Group);
        Span<ushort> signs = rented.AsSpan(0, length + Vector<ushort>.Count + Group);
        for (int phase = 0; phase < _layout.Phases; phase++)
        {
            signs.Fill(plus);
            for (int row = 0; row < _layout.Height; row++)
            {
                ReadOnlySpan<float> source = plane[((row * stride + phase / stride) * _input.Width)..];
                Span<ushort> target = signs.Slice(_layout.Origin + row * _layout.Pitch, _layout.Width);
                for (int x = 0; x < target.Length; x++)
                {
                    target[x] = source[x * stride + phase % stride] >= 0 ? plus : (ushort)0;
                }
            }

            Slide(signs, entries.AsSpan(image * EntriesOfImage + (channel * _layout.Phases + phase) * length, length));
        }

        ArrayPool<ushort>.Shared.Return(rented);
    }

    private static void Slide(ReadOnlySpan<ushort> signs, Span<ushort> entries)
    {
        ref ushort source = ref MemoryMarshal.GetReference(signs);
        int i = 0;
        for (; i <= entries.Length - Vector<ushort>.Count; i += Vector<ushort>.Count)
        {
            Vector<ushort> entry = Vector.LoadUnsafe(ref source, (nuint)i)
                + (Vector.LoadUnsafe(ref source, (nuint)i + 1) << 1)
                + (Vector.LoadUnsafe(ref source, (nuint)i + 2) << 2)
                + (Vector.LoadUnsafe(ref source, (nuint)i + 3) << 3);
            entry.CopyTo(entries[i..]);
        }

        for (; i < entries.Length; i++)
        {
            entries[i] = (ushort)(signs[i] + 2 * signs[i + 1] + 4 * signs[i + 2] + 8 * signs[i + 3]);
        }
    }

    private void Add<T>(float[] dy, ushort[] entries, int tile, int first, int last, ReadOnlySpan<float> latent, Span<float> gradient)
        where T : struct, IFloatLanes<T>
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
                            SignCorrelation.Add<T>(
                                d + (nint)image * PixelsLength + (nint)g * Group * stride + tile * channels, stride,
                                Math.Min(SignCorrelation.ChunkGroups, _groupOffsets.Length - g), e + (nint)image * EntriesOfImage, groups + g,
                                terms + first, last - first, sums, table);
                        }
                    }

                    for (int o = tile * channels; o < Math.Min((tile + 1) * channels, _output.Channels); o++)
                    {
                        float* sum = sums + o - tile * channels;
                        for (int t = first; t < Math.Min(last, Terms); t++)
                        {
                            int at = o * Terms + t;
                            gradient[at] += Math.Abs(latent[at]) <= 1 ? sum[(nint)(t - first) * channels] : 0;
                        }
                    }
                }
            }
        }

        ArrayPool<float>.Shared.Return(rented);
    }
}
