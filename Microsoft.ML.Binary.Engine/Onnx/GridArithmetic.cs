using Microsoft.ML.Binary.Graph;

namespace Microsoft.ML.Binary.Onnx;

/// <summary>
/// Sizes, sampled positions and distances of feature maps, which depend on the image's size: constants where it is fixed, else computed
/// by the exported graph from the image's shape. An axis is 0 for rows and 1 for columns.
/// </summary>
internal sealed class GridArithmetic
{
    private readonly OnnxGraph _onnx;
    private readonly (int Height, int Width)? _fixed;
    private readonly string _sides = "";
    private readonly Dictionary<(string, int, int, int), string> _made = [];

    /// <summary>For images of one size.</summary>
    /// <param name="onnx">The graph that is being exported.</param>
    /// <param name="height">Rows, padding included.</param>
    /// <param name="width">Columns, padding included.</param>
    public GridArithmetic(OnnxGraph onnx, int height, int width) => (_onnx, _fixed) = (onnx, (height, width));

    /// <summary>For images of every size.</summary>
    /// <param name="onnx">The graph that is being exported.</param>
    /// <param name="sides">The value that holds height and width, padding included.</param>
    public GridArithmetic(OnnxGraph onnx, string sides) => (_onnx, _sides) = (onnx, sides);

    /// <summary>The shape of a map, [1, channels, height, width], as the second input of <c>Reshape</c>.</summary>
    public string Shape(FeatureType map)
    {
        if (_fixed is { } image)
        {
            (int height, int width) = map.SizeAt(image.Height, image.Width);
            return _onnx.Indices(1, map.Channels, height, width);
        }

        string sides = _onnx.Add("grid/sides", "Div", [_sides, _onnx.Index(map.Stride)]);
        return _onnx.Add("grid/shape", "Concat", [_onnx.Indices(1, map.Channels), sides], new OnnxAttribute("axis", 0));
    }

    /// <summary>For each row (or column) of a reduced grid the one of the full grid that it is sampled from; see <see cref="TokenSample"/>.</summary>
    public string Positions(int axis, FeatureType reduced) => Once("positions", axis, reduced, () =>
    {
        if (_fixed is not null)
        {
            (int full, int count) = Fixed(axis, reduced);
            return _onnx.Indices([.. Enumerable.Range(0, count).Select(i => (long)TokenSample.SourceIndex(i, count, full))]);
        }

        // floor((2 i + 1) * full / (2 * count)), as in TokenSample.SourceIndex.
        string fullSide = Side(axis, reduced.Stride), countSide = ReducedSide(fullSide, reduced.Reduction);
        string odd = Compute("Add", Compute("Mul", Range(countSide), _onnx.Index(2)), _onnx.Index(1));
        return Compute("Div", Compute("Mul", odd, fullSide), Compute("Mul", countSide, _onnx.Index(2)));
    });

    /// <summary>
    /// Distances between the rows (or columns) of the full grid and those that a reduced one is sampled from: [H, 1, h, 1] or [1, W, 1, w].
    /// </summary>
    public string Distances(int axis, FeatureType reduced) => Once("distances", axis, reduced, () =>
    {
        if (_fixed is not null)
        {
            (int full, int count) = Fixed(axis, reduced);
            float[] distances = [.. Enumerable.Range(0, full * count).Select(i => (float)Math.Abs(i / count - TokenSample.SourceIndex(i % count, count, full)))];
            return _onnx.Constant("grid/distances", distances, axis == 0 ? [full, 1, count, 1] : [1, full, 1, count]);
        }

        string every = Compute("Unsqueeze", Range(Side(axis, reduced.Stride)), axis == 0 ? _onnx.Indices(1, 2, 3) : _onnx.Indices(0, 2, 3));
        string sampled = Compute("Unsqueeze", Positions(axis, reduced), axis == 0 ? _onnx.Indices(0, 1, 3) : _onnx.Indices(0, 1, 2));
        string distance = _onnx.Add("grid/distance", "Abs", [Compute("Sub", every, sampled)]);
        return _onnx.Add("grid/distances", "Cast", [distance], new OnnxAttribute("to", (long)OnnxType.Float));
    });

    private (int Full, int Count) Fixed(int axis, FeatureType reduced)
    {
        (int height, int width) = (reduced with { Reduction = 1 }).SizeAt(_fixed!.Value.Height, _fixed.Value.Width);
        (int rows, int columns) = reduced.SizeAt(_fixed.Value.Height, _fixed.Value.Width);
        return axis == 0 ? (height, rows) : (width, columns);
    }

    private string Side(int axis, int stride) => Compute("Div", Compute("Gather", _sides, _onnx.Index(axis)), _onnx.Index(stride));

    // Rounded to the nearest integer, at least 1, as in FeatureType.SizeAt.
    private string ReducedSide(string side, int reduction)
    {
        string rounded = Compute("Add", Compute("Mul", side, _onnx.Index(2)), _onnx.Index(reduction));
        return Compute("Max", Compute("Div", rounded, _onnx.Index(2 * reduction)), _onnx.Index(1));
    }

    private string Range(string count) => _onnx.Add("grid/range", "Range", [_onnx.Index(0), count, _onnx.Index(1)]);

    private string Compute(string operation, string a, string b) => _onnx.Add($"grid/{operation.ToLowerInvariant()}", operation, [a, b]);

    private string Once(string what, int axis, FeatureType reduced, Func<string> make)
    {
        var key = (what, axis, reduced.Stride, reduced.Reduction);
        if (!_made.TryGetValue(key, out string? name))
        {
            _made[key] = name = make();
        }

        return name;
    }
}
