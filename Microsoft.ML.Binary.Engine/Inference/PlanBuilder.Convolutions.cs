using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Inference.Steps;
using Microsoft.ML.Binary.Kernels;

namespace Microsoft.ML.Binary.Inference;

internal sealed partial class PlanBuilder
{
    private int SmallMap(PackedBinaryConvolution node) => _graph.Nodes[node.Inputs[0]].Inputs[0];

    private MapExpression BinaryConvolution(PackedBinaryConvolution node, int index)
    {
        if (_fusion.ReadsEnlarged(node))
        {
            MapView small = SignPlanes(SmallMap(node));
            return new(Layout(index), node.Weight.Outputs, step: null)
            {
                Reads = [small],
                Counts = () => new EnlargedCounts(
                    _options.Kernels.CountMismatches, small.Layout, Layout(index), node.Weight.Outputs, EnlargedOffsets(small), _weights.Enlarged(node),
                    node.Weight.Inputs * 9),
            };
        }

        MapView source = Window<byte>(node.Name, SignPlanes(node.Inputs[0]), Layout(index), node.Geometry);
        int products = node.Weight.Inputs * node.Geometry.Kernel * node.Geometry.Kernel;
        bool readsPlanesOfSix = _fusion.ChannelsPerPlane(node.Inputs[0]) == VbmiWeights.Channels;
        return new(Layout(index), node.Weight.Outputs, step: null) { Reads = [source], Counts = Counts };

        CountSource Counts()
        {
            int[] offsets = TapOffsets(source, node.Geometry, elementBytes: 1);
            return readsPlanesOfSix
                ? new WindowCounts<ushort>(_options.Kernels.CountMismatchesOfSix, offsets, _weights.OfSix(node), products)
                : new WindowCounts<byte>(_options.Kernels.CountMismatches, offsets, _weights[node], products);
        }
    }

    private MapExpression RealConvolution(Convolution node, int index)
    {
        if (_fusion.StemOf(node) is { } stem)
        {
            return new(Layout(index), _graph.Types[index].Channels, (name, epilogue) => new StemStep(
                name, epilogue, stem with { Normalize = PerPhase(stem.Normalize) }, _weights[stem.First.Convolution], _weights[stem.Depthwise.Convolution], _weights[node],
                exact: _graph.IsBinary, _options.BandBytes));
        }

        MapView source = _fusion.IsImageInPhases(node.Inputs[0])
            ? ImagePhases((Affine)_graph.Nodes[node.Inputs[0]], Layout(index))
            : Window<float>(node.Name, Real(node.Inputs[0]), Layout(index), node.Geometry);
        int outputs = _graph.Types[index].Channels, taps = node.Geometry.Kernel * node.Geometry.Kernel;
        (float[] weights, float[] bias) = _weights[node];
        return new(Layout(index), outputs, Make) { Reads = [source] };

        PlanStep Make(string name, Epilogue epilogue)
        {
            int[] offsets = TapOffsets(source, node.Geometry, sizeof(float));
            if (!NetworkWeights.IsDepthwise(node))
            {
                return new FloatConvolutionStep(name, epilogue, offsets, weights, bias, exact: _graph.IsBinary);
            }

            int outputsPerInput = outputs / node.Groups;
            int[] perOutput = [.. Enumerable.Range(0, outputs * taps).Select(i => offsets[i / taps / outputsPerInput * taps + i % taps])];
            return new DepthwiseConvolutionStep(name, epilogue, perOutput, weights, bias, taps);
        }
    }

    /// <summary>What a convolution's window moves over: the map itself, or for stride 2 its phases.</summary>
    private unsafe MapView Window<T>(string name, MapView source, PlaneLayout output, ConvolutionGeometry geometry) where T : unmanaged
    {
        if (geometry.Stride == 1)
        {
            foreach ((PlanBuffer buffer, _) in source.Planes)
            {
                buffer.HasBorder |= geometry.Padding > 0;
            }

            return source;
        }

        PlanBuffer phases = new(output, 4 * source.Planes.Length, sizeof(T));
        _draft.Add(() => new PhaseSplitStep<T>(name + "/phases", source, phases), [source], phases);
        return MapView.Of(phases);
    }

    private MapView ImagePhases(Affine normalize, PlaneLayout layout)
    {
        PlanBuffer phases = new(layout, 12, sizeof(float)) { HasBorder = true };
        MapExpression expression = new(layout, phases.Planes, (name, epilogue) => new RowStep(name, epilogue, new ImageSource(phases: true)))
        {
            Affine = PerPhase(normalize),
        };
        _draft.Add(normalize.Name, expression, phases, []);
        return MapView.Of(phases);
    }

    private static Affine PerPhase(Affine map)
    {
        return map with { Scale = Repeat(map.Scale), Offset = Repeat(map.Offset) };

        static Parameter Repeat(Parameter p) => new(p.Name, p.Role, [12], [.. p.Values.SelectMany(value => Enumerable.Repeat(value, 4))]);
    }

    /// <summary>
    /// For each input plane and tap, where output pixel (0, 0) finds it in the arena, in elements.
    /// </summary>
    private static int[] TapOffsets(MapView window, ConvolutionGeometry geometry, int elementBytes)
    {
        Tap[] taps = WindowTaps.Of(geometry.Kernel, geometry.Stride, geometry.Dilation);
        int[] planes = window.Offsets();
        int phases = geometry.Stride * geometry.Stride;
        int[] offsets = new int[planes.Length / phases * taps.Length];
        for (int i = 0; i < offsets.Length; i++)
        {
            Tap tap = taps[i % taps.Length];
            offsets[i] = planes[i / taps.Length * phases + tap.Phase] / elementBytes + window.Layout.Offset(tap.Row, tap.Column);
        }

        return offsets;
    }

    private static int[][] EnlargedOffsets(MapView small)
    {
        int[] planes = small.Offsets();
        return [.. Enumerable.Range(0, 4).Select(phase => Enumerable.Range(0, planes.Length * EnlargedWeights.Places).Select(step =>
        {
            (int row, int column) = EnlargedWeights.Place(phase, step % EnlargedWeights.Places);
            return planes[step / EnlargedWeights.Places] + small.Layout.Offset(row, column);
        }).ToArray())];
    }
}
