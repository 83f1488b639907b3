namespace Microsoft.ML.Binary.Tests.Onnx;

/// <summary>
/// Evaluates the operators that exported networks use, in double, by their definitions in the ONNX operator reference (opset 13), and as
/// plainly as possible. Throws at any other operator or attribute value.
/// </summary>
internal static class OnnxEvaluator
{
    /// <summary>Runs a graph.</summary>
    /// <param name="file">The graph.</param>
    /// <param name="image">The value of its only input.</param>
    /// <param name="replace">Sees every value when it has been made and returns what later operators read in its place.</param>
    /// <returns>All values by name.</returns>
    public static Dictionary<string, OnnxArray> Run(OnnxFile file, OnnxArray image, Func<string, OnnxArray, OnnxArray> replace)
    {
        Dictionary<string, OnnxArray> values = new(file.Constants) { [file.Inputs.Single().Name] = image };
        foreach (OnnxOperator node in file.Operators)
        {
            OnnxArray?[] inputs = [.. node.Inputs.Select(name => name.Length == 0 ? null : values[name])];
            OnnxArray[] outputs = node.Type == "Split" ? Split(node, inputs[0]!) : [Evaluate(node, inputs!)];
            for (int i = 0; i < outputs.Length; i++)
            {
                values[node.Outputs[i]] = replace(node.Outputs[i], outputs[i]);
            }
        }

        return values;
    }

    private static OnnxArray Evaluate(OnnxOperator node, OnnxArray[] x) => node.Type switch
    {
        "Identity" => x[0],
        "Add" => Zip(x[0], x[1], (a, b) => a + b),
        "Sub" => Zip(x[0], x[1], (a, b) => a - b),
        "Mul" => Zip(x[0], x[1], (a, b) => a * b),
        "Div" => Zip(x[0], x[1], x[0].IsFloat ? (a, b) => a / b : (a, b) => Math.Truncate(a / b)),
        "Max" => Zip(x[0], x[1], Math.Max),
        "Sum" => x.Aggregate((a, b) => Zip(a, b, (u, v) => u + v)),
        "GreaterOrEqual" => Zip(x[0], x[1], (a, b) => a >= b ? 1 : 0),
        "Where" => Zip(x[0], Zip(x[1], x[2], (yes, no) => yes == 1 && no == -1 ? 1 : throw new InvalidDataException("signs are 1 and -1")), (c, _) => c != 0 ? 1 : -1),
        "PRelu" => Zip(x[0], x[1], (a, slope) => a < 0 ? a * slope : a),
        "Relu" => x[0] with { Values = [.. x[0].Values.Select(v => Math.Max(v, 0))] },
        "Sigmoid" => x[0] with { Values = [.. x[0].Values.Select(v => 1 / (1 + Math.Exp(-v)))] },
        "GlobalAveragePool" => Make(true, [1, x[0].Sides[1], 1, 1], p => x[0].Values.Skip(p[1] * x[0].Sides[2] * x[0].Sides[3]).Take(x[0].Sides[2] * x[0].Sides[3]).Average()),
        "Abs" => x[0] with { Values = [.. x[0].Values.Select(Math.Abs)] },
        "Cast" => x[0] with { IsFloat = node.Number("to") == 1 ? true : throw new InvalidDataException("cast to float") },
        "Shape" => Whole([.. x[0].Sides.Select(s => (double)s)]),
        "Range" => Whole([.. Enumerable.Range(0, (int)((x[1].Values[0] - x[0].Values[0]) / x[2].Values[0])).Select(i => x[0].Values[0] + i * x[2].Values[0])]),
        "Concat" => Concat(x, node.Number("axis")),
        "Gather" => Gather(x[0], x[1], node.Number("axis", 0)),
        "Slice" => Slice(x[0], x[1], x[2], x[3]),
        "Unsqueeze" => Unsqueeze(x[0], x[1]),
        "Flatten" => Reshape(x[0], Product(x[0].Sides[..node.Number("axis")]), Product(x[0].Sides[node.Number("axis")..])),
        "Reshape" => Reshape(x[0], [.. x[1].Values.Select(v => (int)v)]),
        "Transpose" => Transpose(x[0], node.Numbers("perm")),
        "MatMul" => MatMul(x[0], x[1]),
        "Softmax" => Softmax(x[0], node.Number("axis")),
        "Pad" => Pad(x[0], x[1], x.Length > 2 ? x[2].Values[0] : 0, (string)node.Attributes["mode"]),
        "Conv" => Conv(node, x[0], x[1], x.Length > 2 ? x[2] : null),
        "AveragePool" => AveragePool(node, x[0]),
        "DepthToSpace" => DepthToSpace(node, x[0]),
        "Resize" => Resize(node, x[0], x[2]),
        _ => throw new InvalidDataException($"There is no operator {node.Type}."),
    };

    private static int Number(this OnnxOperator node, string attribute, int otherwise) =>
        node.Attributes.ContainsKey(attribute) ? node.Number(attribute) : otherwise;

    private static OnnxArray Whole(double[] values) => new(false, [values.Length], values);

    private static int Product(ReadOnlySpan<int> sides)
    {
        int product = 1;
        foreach (int side in sides)
        {
            product *= side;
        }

        return product;
    }

    /// <summary>An array whose element at each index is given by a function.</summary>
    private static OnnxArray Make(bool isFloat, int[] sides, Func<int[], double> value)
    {
        double[] values = new double[Product(sides)];
        int[] index = new int[sides.Length];
        for (int i = 0; i < values.Length; i++)
        {
            for (int axis = sides.Length - 1, rest = i; axis >= 0; rest /= sides[axis--])
            {
                index[axis] = rest % sides[axis];
            }

            values[i] = value(index);
        }

        return new OnnxArray(isFloat, sides, values);
    }

    // Missing leading axes and axes of length 1 repeat.
    private static double At(OnnxArray x, params ReadOnlySpan<int> index)
    {
        int at = 0, skipped = index.Length - x.Sides.Length;
        for (int axis = 0; axis < x.Sides.Length; axis++)
        {
            at = at * x.Sides[axis] + (x.Sides[axis] == 1 ? 0 : index[axis + skipped]);
        }

        return x.Values[at];
    }

    private static OnnxArray Zip(OnnxArray a, OnnxArray b, Func<double, double, double> function)
    {
        int rank = Math.Max(a.Sides.Length, b.Sides.Length);
        int[] sides = [.. Enumerable.Range(0, rank).Select(axis => Math.Max(Side(a, axis), Side(b, axis)))];
        return Make(a.IsFloat, sides, index => function(At(a, index), At(b, index)));

        int Side(OnnxArray x, int axis) => axis + x.Sides.Length < rank ? 1 : x.Sides[axis + x.Sides.Length - rank];
    }

    private static OnnxArray[] Split(OnnxOperator node, OnnxArray x)
    {
        Assert.AreEqual(1, node.Number("axis"));
        int part = x.Sides[1] / node.Outputs.Length;
        return [.. node.Outputs.Select((_, i) => Make(x.IsFloat, [x.Sides[0], part, .. x.Sides[2..]], p => At(x, [p[0], p[1] + i * part, .. p[2..]])))];
    }

    private static OnnxArray Concat(OnnxArray[] parts, int axis)
    {
        int[] sides = [.. parts[0].Sides];
        sides[axis] = parts.Sum(part => part.Sides[axis]);
        return Make(parts[0].IsFloat, sides, p =>
        {
            int[] index = [.. p];
            foreach (OnnxArray part in parts)
            {
                if (index[axis] < part.Sides[axis])
                {
                    int at = 0;
                    for (int i = 0; i < index.Length; i++)
                    {
                        at = at * part.Sides[i] + index[i];
                    }

                    return part.Values[at];
                }

                index[axis] -= part.Sides[axis];
            }

            throw new InvalidDataException("beyond the last part");
        });
    }

    private static OnnxArray Gather(OnnxArray x, OnnxArray indices, int axis)
    {
        int rank = indices.Sides.Length;
        return Make(x.IsFloat, [.. x.Sides[..axis], .. indices.Sides, .. x.Sides[(axis + 1)..]], p =>
            At(x, [.. p[..axis], (int)At(indices, p[axis..(axis + rank)]), .. p[(axis + rank)..]]));
    }

    private static OnnxArray Slice(OnnxArray x, OnnxArray starts, OnnxArray ends, OnnxArray axes)
    {
        int[] sides = [.. x.Sides];
        for (int i = 0; i < axes.Values.Length; i++)
        {
            Assert.AreEqual(0.0, starts.Values[i]);
            sides[(int)axes.Values[i]] = (int)ends.Values[i];
        }

        return Make(x.IsFloat, sides, p => At(x, p));
    }

    private static OnnxArray Unsqueeze(OnnxArray x, OnnxArray axes)
    {
        List<int> sides = [.. x.Sides];
        foreach (int axis in axes.Values.Order().Select(v => (int)v))
        {
            sides.Insert(axis, 1);
        }

        return x with { Sides = [.. sides] };
    }

    private static OnnxArray Reshape(OnnxArray x, params int[] sides)
    {
        int known = Product([.. sides.Where(side => side >= 0)]);
        return x with { Sides = [.. sides.Select(side => side < 0 ? x.Values.Length / known : side)] };
    }

    private static OnnxArray Transpose(OnnxArray x, int[] permutation) =>
        Make(x.IsFloat, [.. permutation.Select(axis => x.Sides[axis])], p => At(x, [.. permutation.Select((_, axis) => p[Array.IndexOf(permutation, axis)])]));

    private static OnnxArray MatMul(OnnxArray a, OnnxArray b) =>
        Make(true, [a.Sides[0], a.Sides[1], a.Sides[2], b.Sides[3]], p =>
            Enumerable.Range(0, a.Sides[3]).Sum(k => At(a, p[0], p[1], p[2], k) * At(b, p[0], p[1], k, p[3])));

    private static OnnxArray Softmax(OnnxArray x, int axis)
    {
        Assert.AreEqual(-1, axis);
        int length = x.Sides[^1];
        return x with
        {
            Values = [.. x.Values.Chunk(length).SelectMany(row =>
            {
                double highest = row.Max(), sum = row.Sum(v => Math.Exp(v - highest));
                return row.Select(v => Math.Exp(v - highest) / sum);
            })],
        };
    }

    private static OnnxArray Pad(OnnxArray x, OnnxArray pads, double constant, string mode)
    {
        Assert.IsTrue(mode is "constant" or "edge");
        int rank = x.Sides.Length;
        return Make(x.IsFloat, [.. x.Sides.Select((side, axis) => side + (int)pads.Values[axis] + (int)pads.Values[axis + rank])], p =>
        {
            int[] source = [.. p.Select((at, axis) => at - (int)pads.Values[axis])];
            int[] nearest = [.. source.Select((at, axis) => Math.Clamp(at, 0, x.Sides[axis] - 1))];
            return mode == "edge" || source.SequenceEqual(nearest) ? At(x, nearest) : constant;
        });
    }

    private static OnnxArray Conv(OnnxOperator node, OnnxArray x, OnnxArray weight, OnnxArray? bias)
    {
        (int kernel, int stride, int dilation) = (Same("kernel_shape"), Same("strides"), Same("dilations"));
        int padding = Same("pads"), groups = node.Number("group", 1), perGroup = weight.Sides[1], outputs = weight.Sides[0];
        Assert.AreEqual(x.Sides[1], perGroup * groups);
        int Size(int side) => (side + 2 * padding - dilation * (kernel - 1) - 1) / stride + 1;
        return Make(true, [1, outputs, Size(x.Sides[2]), Size(x.Sides[3])], p =>
        {
            double sum = bias?.Values[p[1]] ?? 0;
            for (int tap = 0; tap < perGroup * kernel * kernel; tap++)
            {
                int row = p[2] * stride + tap / kernel % kernel * dilation - padding, column = p[3] * stride + tap % kernel * dilation - padding;
                if ((uint)row < (uint)x.Sides[2] && (uint)column < (uint)x.Sides[3])
                {
                    int channel = p[1] / (outputs / groups) * perGroup + tap / (kernel * kernel);
                    sum += weight.Values[p[1] * perGroup * kernel * kernel + tap] * x.Values[(channel * x.Sides[2] + row) * x.Sides[3] + column];
                }
            }

            return sum;
        });

        int Same(string attribute) => node.Numbers(attribute).Distinct().Single();
    }

    private static OnnxArray AveragePool(OnnxOperator node, OnnxArray x)
    {
        Assert.IsTrue(node.Numbers("kernel_shape") is [2, 2] && node.Numbers("strides") is [2, 2]);
        return Make(true, [1, x.Sides[1], x.Sides[2] / 2, x.Sides[3] / 2], p =>
            (At(x, 0, p[1], 2 * p[2], 2 * p[3]) + At(x, 0, p[1], 2 * p[2], 2 * p[3] + 1)
            + At(x, 0, p[1], 2 * p[2] + 1, 2 * p[3]) + At(x, 0, p[1], 2 * p[2] + 1, 2 * p[3] + 1)) / 4);
    }

    private static OnnxArray DepthToSpace(OnnxOperator node, OnnxArray x)
    {
        Assert.AreEqual("CRD", node.Attributes["mode"]);
        int b = node.Number("blocksize"), c = x.Sides[1] / (b * b), h = x.Sides[2], w = x.Sides[3];
        OnnxArray blocks = Transpose(Reshape(x, 1, c, b, b, h, w), [0, 1, 4, 2, 5, 3]);
        return Reshape(blocks, 1, c, h * b, w * b);
    }

    private static OnnxArray Resize(OnnxOperator node, OnnxArray x, OnnxArray scales)
    {
        double factor = scales.Values[2];
        CollectionAssert.AreEqual(new double[] { 1, 1, factor, factor }, scales.Values);
        int[] sides = [1, x.Sides[1], (int)(x.Sides[2] * factor), (int)(x.Sides[3] * factor)];
        switch ((node.Attributes["mode"], node.Attributes["coordinate_transformation_mode"]))
        {
            case ("nearest", "asymmetric"):
                Assert.AreEqual("floor", node.Attributes["nearest_mode"]);
                return Make(true, sides, p => At(x, 0, p[1], (int)Math.Floor(p[2] / factor), (int)Math.Floor(p[3] / factor)));
            case ("linear", "half_pixel"):
                return Make(true, sides, p =>
                {
                    (int top, int bottom, double down) = Source(p[2], x.Sides[2]);
                    (int left, int right, double across) = Source(p[3], x.Sides[3]);
                    double upper = (1 - across) * At(x, 0, p[1], top, left) + across * At(x, 0, p[1], top, right);
                    double lower = (1 - across) * At(x, 0, p[1], bottom, left) + across * At(x, 0, p[1], bottom, right);
                    return (1 - down) * upper + down * lower;
                });
            default:
                throw new InvalidDataException("There is no such mode.");
        }

        (int First, int Second, double Weight) Source(int index, int size)
        {
            double position = Math.Clamp((index + 0.5) / factor - 0.5, 0, size - 1);
            int first = (int)position;
            return (first, Math.Min(first + 1, size - 1), position - first);
        }
    }
}
