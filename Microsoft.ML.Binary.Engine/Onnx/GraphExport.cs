using Microsoft.ML.Binary.Graph;

namespace Microsoft.ML.Binary.Onnx;

/// <summary>One export: the operators around the network (padding, cropping, outputs), and one case for each kind of node.</summary>
internal sealed class GraphExport
{
    public const string ImageName = "image";

    private const string ImageDescription = "Red, green and blue planes, 0..255.";

    private readonly DenseGraph _graph;
    private readonly OnnxExportOptions _options;
    private readonly OnnxGraph _onnx = new();
    private readonly string[] _results;
    private readonly GridArithmetic _grid;
    private readonly string? _imageSides;

    public GraphExport(DenseGraph frozen, OnnxExportOptions options)
    {
        (_graph, _options) = (frozen, options);
        if (options.Size is { } s && !(s.Width is >= 1 and <= OnnxExportOptions.MaxSide && s.Height is >= 1 and <= OnnxExportOptions.MaxSide))
        {
            throw new ArgumentException($"The size is {s.Width}x{s.Height}; each side must be from 1 to {OnnxExportOptions.MaxSide}.", nameof(options));
        }

        // The names that users write come first, so that those made up along the way cannot take them.
        _onnx.Reserve(ImageName);
        foreach (GraphOutput output in frozen.Outputs)
        {
            _onnx.Reserve(output.Name);
        }

        _results = [.. frozen.Nodes.Select(node => _onnx.Reserve(node.Name))];
        (_grid, _imageSides) = PadImage();
    }

    private bool IsCropped => _options.Size is not { } size || _graph.PaddedSize(size.Height, size.Width) != (size.Height, size.Width);

    public OnnxGraph Run()
    {
        for (int i = 0; i < _graph.Nodes.Length; i++)
        {
            Export(_graph.Nodes[i], i, _results[i], [.. _graph.Nodes[i].Inputs.Select(input => _results[input])]);
        }

        foreach (GraphOutput output in _graph.Outputs)
        {
            string result = _results[output.Node];
            bool crops = IsCropped && _graph.Types[output.Node] is { Stride: 1, Reduction: 1 };
            if (crops)
            {
                _onnx.AddAs(output.Name, "Slice", [result, _onnx.Indices(0, 0), _imageSides!, _onnx.Indices(2, 3)]);
            }
            else
            {
                _onnx.AddAs(output.Name, "Identity", [result]);
            }

            AddOutput(output.Name, output.Node, crops);
        }

        foreach (string name in _options.IntermediateOutputs)
        {
            int node = _graph.Nodes.Select(n => n.Name).ToList().IndexOf(name);
            if (node < 0)
            {
                throw new ArgumentException($"The frozen network has no node '{name}'; the inspect command lists its nodes.", nameof(_options));
            }

            AddOutput(_results[node], node, cropped: false);
        }

        return _onnx;
    }

    private (GridArithmetic Grid, string? ImageSides) PadImage()
    {
        OnnxSide[] sides = _options.Size is { } size
            ? [1, 3, size.Height, size.Width]
            : [1, 3, new(null, "height"), new(null, "width")];
        _onnx.Inputs.Add(new OnnxValue(ImageName, OnnxType.Float, sides, ImageDescription));
        string pads, imageSides;
        GridArithmetic grid;
        if (_options.Size is { } image)
        {
            (int height, int width) = _graph.PaddedSize(image.Height, image.Width);
            grid = new GridArithmetic(_onnx, height, width);
            if (!IsCropped)
            {
                SetImage(ImageName);
                return (grid, null);
            }

            imageSides = _onnx.Indices(image.Height, image.Width);
            pads = _onnx.Indices(0, 0, 0, 0, 0, 0, height - image.Height, width - image.Width);
        }
        else
        {
            string alignment = _onnx.Index(_graph.Alignment), shape = _onnx.Add("image/shape", "Shape", [ImageName]);
            imageSides = _onnx.Add("image/sides", "Gather", [shape, _onnx.Indices(2, 3)]);
            string raised = _onnx.Add("image/raised", "Add", [imageSides, _onnx.Index(_graph.Alignment - 1)]);
            string blocks = _onnx.Add("image/blocks", "Div", [raised, alignment]);
            string padded = _onnx.Add("image/padded_sides", "Mul", [blocks, alignment]);
            string missing = _onnx.Add("image/missing", "Sub", [padded, imageSides]);
            pads = _onnx.Add("image/pads", "Concat", [_onnx.Indices(0, 0, 0, 0, 0, 0), missing], new OnnxAttribute("axis", 0));
            grid = new GridArithmetic(_onnx, padded);
        }

        SetImage(_onnx.Add("image/padded", "Pad", [ImageName, pads], new OnnxAttribute("mode", "edge")));
        return (grid, imageSides);
    }

    private void SetImage(string name)
    {
        for (int i = 0; i < _results.Length; i++)
        {
            _results[i] = _graph.Nodes[i] is ImageInput ? name : _results[i];
        }
    }

    private void AddOutput(string name, int node, bool cropped)
    {
        if (_onnx.Outputs.Any(output => output.Name == name))
        {
            return;
        }

        FeatureType type = _graph.Types[node];
        OnnxSide[] sides = [1, type.Channels, new(null), new(null)];
        if (_options.Size is { } size)
        {
            (int height, int width) = _graph.PaddedSize(size.Height, size.Width);
            (sides[2], sides[3]) = cropped ? (size.Height, size.Width) : ((long)type.SizeAt(height, width).Height, (long)type.SizeAt(height, width).Width);
        }
        else if (cropped)
        {
            (sides[2], sides[3]) = (new(null, "height"), new(null, "width"));
        }

        _onnx.Outputs.Add(new OnnxValue(name, OnnxType.Float, sides, $"{type} of node '{_graph.Nodes[node].Name}'."));
    }

    private void Export(Node node, int index, string result, string[] inputs)
    {
        string x = inputs.Length > 0 ? inputs[0] : "";
        switch (node)
        {
            case ImageInput:
                break;
            case Convolution n:
                Convolve(n, result, x);
                break;
            case PackedBinaryConvolution or PackedMixedConvolution:
                ConvolveBits((LowBitConvolution)node, result, x);
                break;
            case Affine n:
                string scaled = _onnx.Add(n.Name + "/scaled", "Mul", [x, PerChannel(n.Scale)]);
                _onnx.AddAs(result, "Add", [scaled, PerChannel(n.Offset)]);
                break;
            case Sign n:
                // Since a sum of floats is zero only if it is exactly zero, x + shift >= 0 is x >= -shift.
                string threshold = _onnx.Constant(n.Name + ".threshold", [.. n.Shift.Values.Select(shift => -shift)], n.Shift.Values.Length, 1, 1);
                string positive = _onnx.Add(n.Name + "/positive", "GreaterOrEqual", [x, threshold]);
                _onnx.AddAs(result, "Where", [positive, _onnx.Scalar(1), _onnx.Scalar(-1)]);
                break;
            case ActivationLevels n:
                Quantize(n, result, x);
                break;
            case RPReLU n:
                string shifted = _onnx.Add(n.Name + "/shifted", "Add", [x, PerChannel(n.Shift)]);
                string bent = _onnx.Add(n.Name + "/bent", "PRelu", [shifted, PerChannel(n.Slope)]);
                _onnx.AddAs(result, "Add", [bent, PerChannel(n.Offset)]);
                break;
            case Add:
                _onnx.AddAs(result, inputs.Length == 2 ? "Add" : "Sum", inputs);
                break;
            case Concat:
                _onnx.AddAs(result, "Concat", inputs, new OnnxAttribute("axis", 1));
                break;
            case ChannelMean n:
                string sum = _onnx.Add(n.Name + "/sum", "Sum", _onnx.AddSplit(n.Name + "/group", n.Groups, x, new OnnxAttribute("axis", 1)));
                _onnx.AddAs(result, "Mul", [sum, _onnx.Scalar(1f / n.Groups)]);
                break;
            case Upsample n:
                string scales = _onnx.Constant(n.Name + ".scales", [1, 1, n.Factor, n.Factor], 4);
                _onnx.AddAs(result, "Resize", [x, "", scales], n.Mode == UpsampleMode.Nearest
                    ? [new("mode", "nearest"), new("coordinate_transformation_mode", "asymmetric"), new("nearest_mode", "floor")]
                    : [new("mode", "linear"), new("coordinate_transformation_mode", "half_pixel")]);
                break;
            case PixelShuffle n:
                _onnx.AddAs(result, "DepthToSpace", [x], new("blocksize", n.Factor), new("mode", "CRD"));
                break;
            case AveragePool:
                _onnx.AddAs(result, "AveragePool", [x], new("kernel_shape", [2, 2]), new("strides", [2, 2]));
                break;
            case TokenSample n:
                string rows = _onnx.Add(n.Name + "/rows", "Gather", [x, _grid.Positions(0, _graph.Types[index])], new OnnxAttribute("axis", 2));
                _onnx.AddAs(result, "Gather", [rows, _grid.Positions(1, _graph.Types[index])], new OnnxAttribute("axis", 3));
                break;
            case ReducedAttention n:
                AttentionExport.Add(_onnx, _grid, n, [.. n.Inputs.Select(input => _graph.Types[input])], result, inputs);
                break;
            case SqueezeExcitation n:
                string means = _onnx.Add(n.Name + "/means", "GlobalAveragePool", [x]);
                string hidden = _onnx.Add(n.Name + "/hidden", "Relu", [Pointwise(n.Name + "/squeezed", means, n.Squeeze, n.SqueezeBias)]);
                string excited = _onnx.Add(n.Name + "/gates", "Sigmoid", [Pointwise(n.Name + "/excited", hidden, n.Excite, n.ExciteBias)]);
                _onnx.AddAs(result, "Mul", [x, _onnx.Add(n.Name + "/scales", "Mul", [excited, _onnx.Scalar(2)])]);
                break;
            case AdaptiveShift n:
                string share = _onnx.Add(n.Name + "/share", "Mul", [_onnx.Add(n.Name + "/means", "GlobalAveragePool", [x]), PerChannel(n.Weight)]);
                _onnx.AddAs(result, "Sub", [x, share]);
                break;
            case GateMap n:
                _onnx.AddAs(result, "Mul", [_onnx.Add(n.Name + "/sigmoid", "Sigmoid", [x]), _onnx.Scalar(2)]);
                break;
            case PixelGate n:
                string gate = _onnx.Add(n.Name + "/gate", "Gather", [inputs[1], _onnx.Indices(n.Channel)], new OnnxAttribute("axis", 1));
                _onnx.AddAs(result, "Mul", [x, gate]);
                break;
            default:
                throw new GraphException(node.Name, $"the ONNX export has no case for {node.GetType().Name}");
        }
    }

    private string Pointwise(string name, string x, Parameter weight, Parameter bias) => _onnx.Add(name, "Conv",
        [x, _onnx.Constant(weight.Name, weight.Values, weight.Shape[0], weight.Shape[1], 1, 1), _onnx.Constant(bias.Name, bias.Values, bias.Values.Length)],
        Geometry(new(Kernel: 1), 0));

    private void Convolve(Convolution node, string result, string x)
    {
        string weight = _onnx.Constant(node.Weight.Name, node.Weight.Values, [.. node.Weight.Shape.Select(side => (long)side)]);
        string[] inputs = node.Bias is null ? [x, weight] : [x, weight, _onnx.Constant(node.Bias.Name, node.Bias.Values, node.Bias.Values.Length)];
        _onnx.AddAs(result, "Conv", inputs, [.. Geometry(node.Geometry, node.Geometry.Padding), new("group", node.Groups)]);
    }

    // ONNX pads with zeros, as is right for levels. A sign is never 0: so +1 is put around the map before.
    private void ConvolveBits(LowBitConvolution node, string result, string x)
    {
        QuantizedTensor levels = node.Levels;
        long padding = node.Geometry.Padding;
        if (padding > 0 && node.ActivationBits == 1)
        {
            string pads = _onnx.Indices(0, 0, padding, padding, 0, 0, padding, padding);
            x = _onnx.Add(node.Name + "/padded", "Pad", [x, pads, _onnx.Scalar(1)], new OnnxAttribute("mode", "constant"));
            padding = 0;
        }

        string weight = _onnx.Constant(node.Name + ".weight", levels.ToFloats(), levels.Outputs, levels.Inputs, levels.Kernel, levels.Kernel);
        _onnx.AddAs(result, "Conv", [x, weight], Geometry(node.Geometry, padding));
    }

    // How many of its three thresholds each value is at least.
    private void Quantize(ActivationLevels node, string result, string x)
    {
        float[] thresholds = node.Thresholds();
        int channels = thresholds.Length / ActivationLevels.Highest;
        string[] reached = [.. Enumerable.Range(0, ActivationLevels.Highest).Select(level =>
        {
            float[] own = [.. Enumerable.Range(0, channels).Select(c => thresholds[ActivationLevels.Highest * c + level])];
            string least = _onnx.Constant($"{node.Name}.threshold{level + 1}", own, channels, 1, 1);
            return _onnx.Add($"{node.Name}/is{level + 1}", "Where", [_onnx.Add($"{node.Name}/reaches{level + 1}", "GreaterOrEqual", [x, least]), _onnx.Scalar(1), _onnx.Scalar(0)]);
        })];
        _onnx.AddAs(result, "Sum", reached);
    }

    private static OnnxAttribute[] Geometry(ConvolutionGeometry geometry, long padding) =>
    [
        new("kernel_shape", [geometry.Kernel, geometry.Kernel]),
        new("strides", [geometry.Stride, geometry.Stride]),
        new("dilations", [geometry.Dilation, geometry.Dilation]),
        new("pads", [padding, padding, padding, padding]),
    ];

    private string PerChannel(Parameter parameter) => _onnx.Constant(parameter.Name, parameter.Values, parameter.Values.Length, 1, 1);
}
