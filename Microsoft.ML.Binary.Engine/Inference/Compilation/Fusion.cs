using System.Collections.Immutable;
using Microsoft.ML.Binary.Graph;

namespace Microsoft.ML.Binary.Inference.Compilation;

/// <summary>
/// The passes that make few operations of many. Each takes a list and gives a list that computes the same; an operation may take another's place at
/// its root only if nobody else reads what that makes.
/// </summary>
internal static class Fusion
{
    private static readonly ConvolutionGeometry s_window = new(Kernel: 3), s_stridedWindow = new(Kernel: 3, Stride: 2);

    /// <summary>All passes.</summary>
    public static FusedOperation[] Run(FusedGraph graph)
    {
        Map[] results = [.. graph.Outputs.Select(output => output.Logits)];
        List<FusedOperation> operations = RemoveUnread(graph.Operations, results);
        operations = FuseElementwise(operations, new(operations, results));
        operations = PrepareLate(operations);
        Dataflow flow = new(operations, results);
        ReadSmallMaps(operations, flow);
        ReadImageInPhases(operations, flow);
        FuseStem(operations, flow);
        AverageWhileEnlarging(operations, flow);
        return [.. RemoveUnread(operations, results)];
    }

    /// <summary>Makes addends of sums and fuses nothing.</summary>
    public static FusedOperation[] SplitSums(IEnumerable<FusedOperation> operations) =>
        [.. operations.SelectMany(operation => operation.Root is SumOf sum ? Split(operation, sum.Terms, new FusedOperation?[sum.Terms.Length]) : [operation])];

    /// <summary>Drops what nobody reads: outputs, and operations that have none left.</summary>
    private static List<FusedOperation> RemoveUnread(IReadOnlyList<FusedOperation> operations, Map[] results)
    {
        HashSet<Value> read = [.. results.SelectMany(map => map.Owners)];
        List<FusedOperation> kept = [];
        for (int i = operations.Count - 1; i >= 0; i--)
        {
            FusedOperation operation = operations[i];
            bool keepsReal = operation.Real is { } map && read.Contains(map), keepsSigns = operation.Signs.All(sign => read.Contains(sign.Map));
            if (!keepsSigns || (operation.Real is not null && !keepsReal))
            {
                operation = operation with { Real = keepsReal ? operation.Real : null, Signs = operation.Signs.RemoveAll(sign => !read.Contains(sign.Map)) };
            }

            if (keepsReal || !operation.Signs.IsEmpty || operation.Root.Writes.Any(read.Contains))
            {
                kept.Add(operation);
                read.UnionWith(operation.OwnersRead());
            }
        }

        kept.Reverse();
        return kept;
    }

    /// <summary>An affine map, a product, sums and RPReLU become part of the operation whose map they read, in this order.</summary>
    private static List<FusedOperation> FuseElementwise(List<FusedOperation> operations, Dataflow flow)
    {
        List<FusedOperation> fused = [];
        foreach (FusedOperation operation in operations)
        {
            if (operation.Root is SumOf { Terms: var terms })
            {
                foreach (FusedOperation part in Split(operation, terms, TermsToTake(flow, terms)))
                {
                    fused.Add(flow.Replace(part));
                }
            }
            else if (operation.Root is Copy { Source: var source } && flow.Sole(source) is { } root && Follows(root, operation))
            {
                flow.Take(root);
                fused.Add(flow.Replace(operation with
                {
                    Root = root.Root,
                    Affine = operation.Affine ?? root.Affine,
                    Factor = operation.Factor ?? root.Factor,
                    Addends = root.Addends,
                    Activation = operation.Activation,
                }));
            }
            else
            {
                fused.Add(operation);
            }
        }

        fused.RemoveAll(flow.IsTaken);
        return fused;

        static bool Follows(FusedOperation root, FusedOperation part) =>
            root.Activation is null
            && (part.Affine is null || root.IsPlain)
            && (part.Factor is null || (root.Factor is null && root.Addends.IsEmpty));
    }

    /// <summary>Of the terms of a sum the operations at whose end the rest can be added: all convolutions, and if there are none, the first.</summary>
    private static FusedOperation?[] TermsToTake(Dataflow flow, ImmutableArray<Map> terms)
    {
        FusedOperation?[] taken = [.. terms.Select(term => flow.Sole(term) is { Addends.IsEmpty: true, Activation: null } root ? root : null)];
        bool convolves = taken.Any(root => root?.Root is Convolve);
        for (int i = 0, count = 0; i < taken.Length; i++)
        {
            if (taken[i] is { } root && (convolves ? root.Root is Convolve : count == 0))
            {
                flow.Take(root);
                count++;
            }
            else
            {
                taken[i] = null;
            }
        }

        return taken;
    }

    /// <summary>
    /// A sum from first to last. Each operation that was taken adds what comes before it to its own result (a sum of two is the same either way round)
    /// and then what follows, up to the next of them.
    /// </summary>
    private static IEnumerable<FusedOperation> Split(FusedOperation sum, ImmutableArray<Map> terms, FusedOperation?[] taken)
    {
        FusedOperation? current = null;
        Map? before = null;
        for (int i = 0; i < terms.Length; i++)
        {
            FusedOperation? next = taken[i];
            if (current is not null && (next is not null || current.Addends.Length == FusedOperation.MaxAddends))
            {
                before = new(sum.Type);
                yield return current with { Name = sum.Name, Real = before };
                current = null;
            }

            if (current is not null)
            {
                current = current with { Addends = [.. current.Addends, terms[i]] };
            }
            else if (next is not null || before is not null)
            {
                current = (next ?? new FusedOperation(sum.Name, sum.Type, new Copy(terms[i]))) with { Addends = before is null ? [] : [before] };
            }
            else
            {
                before = terms[i];
            }
        }

        yield return current! with { Name = sum.Name, Real = sum.Real, Signs = sum.Signs };
    }

    /// <summary>Moves what only prepares an operation right in front of it, so that its memory is taken no longer than need be.</summary>
    private static List<FusedOperation> PrepareLate(List<FusedOperation> operations)
    {
        Dictionary<Value, FusedOperation> waiting = [];
        List<FusedOperation> ordered = [];
        foreach (FusedOperation operation in operations)
        {
            if (operation.Root.IsPreparation)
            {
                waiting.Add(operation.Writes.Single(), operation);
            }
            else
            {
                AddAfterPreparations(operation);
            }
        }

        return ordered;

        void AddAfterPreparations(FusedOperation operation)
        {
            foreach (Value value in operation.Reads)
            {
                if (waiting.Remove(value, out FusedOperation? preparation))
                {
                    AddAfterPreparations(preparation);
                }
            }

            ordered.Add(operation);
        }
    }

    /// <summary>A binary convolution of signs that nearest-neighbour enlargement has doubled reads the small map.</summary>
    private static void ReadSmallMaps(List<FusedOperation> operations, Dataflow flow)
    {
        for (int i = 0; i < operations.Count; i++)
        {
            if (operations[i].Root is ConvolveSigns root && root.Geometry == s_window
                && flow.Producer(root.Source)?.Root is ResampleSigns { Node: Upsample { Factor: 2 }, Source: var small })
            {
                operations[i] = operations[i] with { Root = root with { Source = small, ReadsSmallMap = true } };
            }
        }
    }

    /// <summary>The phases of the normalised image are made from its bytes.</summary>
    private static void ReadImageInPhases(List<FusedOperation> operations, Dataflow flow)
    {
        for (int i = 0; i < operations.Count; i++)
        {
            if (operations[i].Root is SplitPhases { Source: var source, Phases: var phases }
                && flow.Sole(source) is { Root: ReadImage, Affine: { } affine, Factor: null, Addends.IsEmpty: true, Activation: null } image)
            {
                operations[i] = flow.Replace(new(image.Name, operations[i].Type with { Channels = phases.Planes }, new ReadImage(InPhases: true))
                {
                    Affine = affine with { Scale = OfPhases(affine.Scale), Offset = OfPhases(affine.Offset) },
                    Real = phases,
                });
            }
        }
    }

    private static Parameter OfPhases(Parameter parameter)
    {
        float[] values = new float[4 * parameter.Values.Length];
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = parameter.Values[i / 4];
        }

        return new(parameter.Name, parameter.Role, [values.Length], values);
    }

    /// <summary>The convolutions at the start of a network are done in one pass; see <see cref="Stem"/>.</summary>
    private static void FuseStem(List<FusedOperation> operations, Dataflow flow)
    {
        for (int i = 0; i < operations.Count; i++)
        {
            if (StemOf(operations[i]) is { } stem)
            {
                operations[i] = operations[i] with { Root = stem };
            }
        }

        Stem? StemOf(FusedOperation operation) =>
            operation is { Root: ConvolveReals { Node: { Groups: 1, Geometry: { Kernel: 1, Stride: 1 } } } pointwise, Affine: null, Factor: null, Addends.IsEmpty: true }
            && StageOf(pointwise.Source) is { Convolution.Node: var depthwise } second
            && depthwise.Groups > 1 && depthwise.Groups == depthwise.Weight.Shape[0]
            && flow.Producer(second.Convolution.Source)?.Root is SplitPhases { Source: var half }
            && StageOf(half) is { Convolution.Node.Groups: 1 } first
            && flow.Producer(first.Convolution.Source) is { Root: ReadImage, Affine: { } normalize }
                ? new Stem(normalize, first, second, pointwise)
                : null;

        Stem.Stage? StageOf(Map map) =>
            flow.Sole(map) is { Root: ConvolveReals convolution, Affine: null, Factor: null, Addends.IsEmpty: true } stage && convolution.Node.Geometry == s_stridedWindow
                ? new(convolution, stage.Activation)
                : null;
    }

    /// <summary>A map enlarged twice bilinearly that only a sign node and one mean over channel groups read is never stored.</summary>
    private static void AverageWhileEnlarging(List<FusedOperation> operations, Dataflow flow)
    {
        for (int i = 0; i < operations.Count; i++)
        {
            if (operations[i] is { Root: MakeRows { Node: Upsample { Factor: 2, Mode: UpsampleMode.Bilinear }, Source: var small }, IsPlain: true, Real: { } map, Signs: { Length: <= 1 } signs }
                && flow.IsReadOnce(map) && flow.Reader(map) is { Root: MakeRows { Node: ChannelMean }, IsPlain: true, Real: not null, Signs.IsEmpty: true } mean
                && mean.Type.Channels % 4 == 0 && signs.All(sign => sign.Map.Type.IsSign))
            {
                operations.Remove(mean);
                operations[i] = mean with { Root = new AverageEnlarged(small, signs.SingleOrDefault()) };
            }
        }
    }

    /// <summary>Who makes and who reads what in a list of operations.</summary>
    private sealed class Dataflow
    {
        private readonly Dictionary<Value, FusedOperation> _producers = [], _readers = [];
        private readonly Dictionary<Value, int> _reads = [];
        private readonly HashSet<Value> _taken = [];

        public Dataflow(List<FusedOperation> operations, Map[] results)
        {
            foreach (FusedOperation operation in operations)
            {
                foreach (Value value in operation.Writes)
                {
                    _producers.Add(value, operation);
                }

                foreach (Value value in operation.OwnersRead())
                {
                    _readers[value] = operation;
                    _reads[value] = _reads.GetValueOrDefault(value) + 1;
                }
            }

            foreach (Value value in results.SelectMany(map => map.Owners))
            {
                _reads[value] = _reads.GetValueOrDefault(value) + 1;
            }
        }

        public FusedOperation? Producer(Value value) => _producers.GetValueOrDefault(value);

        /// <summary>The last operation that reads a value.</summary>
        public FusedOperation? Reader(Value value) => _readers.GetValueOrDefault(value);

        public bool IsReadOnce(Value value) => _reads.GetValueOrDefault(value) == 1;

        /// <summary>The operation that makes a map by what can follow its root, and nothing else, for one reader only.</summary>
        public FusedOperation? Sole(Map map) =>
            Producer(map) is { Signs.IsEmpty: true } operation && operation.Real == map && IsReadOnce(map) ? operation : null;

        /// <summary>Notes what makes the values of an operation from now on.</summary>
        public FusedOperation Replace(FusedOperation operation)
        {
            if (operation.Real is { } map)
            {
                _producers[map] = operation;
            }

            return operation;
        }

        /// <summary>Notes that an operation has become part of another.</summary>
        public void Take(FusedOperation operation) => _taken.Add(operation.Real!);

        public bool IsTaken(FusedOperation operation) => operation.Real is { } map && _taken.Contains(map);
    }
}
