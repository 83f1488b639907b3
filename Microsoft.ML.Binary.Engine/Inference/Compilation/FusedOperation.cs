using System.Collections.Immutable;
using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Kernels;

namespace Microsoft.ML.Binary.Inference.Compilation;

/// <summary>
/// One pass over a map, for images of any size: its <see cref="Root"/> makes values, and what follows is done to each while it is in the nearest
/// cache, in the order of the properties; every part may be missing. The compiler is a sequence of passes over a list of these, and a plan has one
/// step for each.
/// </summary>
/// <param name="Name">The node that it computes; of fused nodes the last.</param>
/// <param name="Type">Channels and grid of the map that it makes.</param>
/// <param name="Root">The operation that makes the values.</param>
internal sealed record FusedOperation(string Name, FeatureType Type, OperationRoot Root)
{
    /// <summary>Maps that an operation can add.</summary>
    public const int MaxAddends = 3;

    public Affine? Affine { get; init; }

    /// <summary>One channel that every channel is multiplied by.</summary>
    public Map? Factor { get; init; }

    /// <summary>Maps that are added, in this order.</summary>
    public ImmutableArray<Map> Addends { get; init; } = [];

    public RPReLU? Activation { get; init; }

    /// <summary>Where the real values go.</summary>
    public Map? Real { get; init; }

    /// <summary>Where signs of them go.</summary>
    public ImmutableArray<SignOutput> Signs { get; init; } = [];

    /// <summary>
    /// An operation with a binary convolution at its root, as this one has, whose result is the first thing that is added; it is made in the same
    /// pass and stored nowhere.
    /// </summary>
    public FusedOperation? Before { get; init; }

    /// <summary>Whether nothing happens to the values that the root makes.</summary>
    public bool IsPlain => Affine is null && Factor is null && Addends.IsEmpty && Activation is null && Before is null;

    /// <summary>Values of which other places may be read than the one that is being made.</summary>
    public IEnumerable<Value> Reads => [.. Before?.Reads ?? [], .. Root.Reads, .. Factor is null ? (ReadOnlySpan<Value>)[] : [Factor]];

    /// <summary>Maps of which only the pixel is read that is being made.</summary>
    public IEnumerable<Map> PixelReads => [.. Before?.PixelReads ?? [], .. Addends, .. Root.PixelReads];

    /// <summary>The values that it reads in either way; one that it reads twice is there twice.</summary>
    public List<Value> OwnersRead()
    {
        List<Value> owners = [];
        foreach (Value value in Reads.Concat(PixelReads))
        {
            owners.AddRange(value.Owners);
        }

        return owners;
    }

    /// <summary>Everything that it fills.</summary>
    public IEnumerable<Value> Writes => [.. Root.Writes, .. Signs.Select(sign => sign.Map), .. Real is null ? (ReadOnlySpan<Value>)[] : [Real]];
}

/// <summary>Signs of the values of an operation, or levels.</summary>
/// <param name="Map">Where they go.</param>
/// <param name="Thresholds">For each channel: the sign is +1 where the value is at least this. Of levels three for each channel.</param>
internal sealed record SignOutput(Map Map, float[] Thresholds);

/// <summary>What a network puts out, by the name that the graph gives to it: logits, enlarged row by row while results are made of them.</summary>
/// <param name="Name">For example <c>logits</c>.</param>
/// <param name="Logits">The map.</param>
/// <param name="Factor">1, or the factor of a bilinear enlargement.</param>
internal sealed record NetworkOutput(string Name, Map Logits, int Factor);

/// <summary>A network as the compiler hands it to <see cref="PlanBuilder"/>; every plan shares it.</summary>
/// <param name="Operations">In an order in which each comes after those that it reads from.</param>
/// <param name="Outputs">What the network puts out.</param>
/// <param name="NodeMaps">The real values of each node of the graph, if all are kept.</param>
/// <param name="IsExact">Whether products and sums are rounded separately; otherwise they may be fused.</param>
internal sealed record FusedGraph(
    ImmutableArray<FusedOperation> Operations, ImmutableArray<NetworkOutput> Outputs, ImmutableArray<Map> NodeMaps, bool IsExact)
{
    /// <summary>Bytes of all weights as they are packed.</summary>
    public long WeightBytes => Operations.Sum(operation => operation.Root.WeightBytes);

    /// <summary>From a frozen graph to operations with their kernels and weights.</summary>
    /// <exception cref="GraphException">There is no compiled form of a node.</exception>
    public static FusedGraph Compile(DenseGraph graph, IEnumerable<string> outputs, InferenceOptions options)
    {
        FusedGraph lowered = Lowering.Lower(graph, outputs, fuses: !options.KeepsNodeOutputs);
        FusedOperation[] operations = options.KeepsNodeOutputs ? Fusion.SplitSums(lowered.Operations) : Fusion.Run(lowered);
        return lowered with { Operations = [.. KernelChoice.Choose(operations, options.Kernels)] };
    }
}

/// <summary>What operations write and others read, before the size of the image is known. Two are the same only if they are one object.</summary>
internal abstract class Value
{
    /// <summary>The values whose memory it consists of: itself, or the maps that it is joined from.</summary>
    public virtual IEnumerable<Value> Owners => [this];
}

/// <summary>
/// A feature map: a plane of floats for each channel, or, of signs, a plane of bytes for each group of channels; of levels such planes for the lower bits
/// and then those for the upper ones. A map of parts has no memory of
/// its own, but is made of planes of others: joining channels copies nothing.
/// </summary>
/// <param name="type">Channels, grid, and whether it is of signs or levels.</param>
/// <param name="phases">1, or 4 where each plane is stored as the four phases that a strided window reads: the grid is that of the phases.</param>
internal sealed class Map(FeatureType type, int phases = 1) : Value
{
    /// <summary>Some planes of a map that has memory.</summary>
    internal sealed record Part(Map Owner, int First, int Count);

    public FeatureType Type => type;

    public int Planes => phases * (type.IsReal ? 1 : type.Bits) * SignPacking.Planes(type.Channels, ChannelsPerPlane);

    /// <summary>1 for real values; for signs and levels 4, unless <see cref="KernelChoice"/> takes more.</summary>
    public int ChannelsPerPlane { get; set; } = type.IsReal ? 1 : 4;

    /// <summary>What it is made of, in the order of its channels; empty if it has memory of its own.</summary>
    public ImmutableArray<Part> Parts { get; private init; } = [];

    public override IEnumerable<Value> Owners => Parts.IsEmpty ? [this] : Parts.Select(part => part.Owner);

    /// <summary>The channels of all maps, one map after the other.</summary>
    public static Map Join(FeatureType type, IEnumerable<Map> maps) => new(type)
    {
        Parts = [.. maps.SelectMany(map => map.Parts.IsEmpty ? [new(map, 0, map.Planes)] : map.Parts)],
    };

    /// <summary>One channel of a real map.</summary>
    public Map Channel(int channel)
    {
        int first = 0;
        foreach (Part part in Parts.IsEmpty ? [new(this, 0, Planes)] : Parts)
        {
            if (channel - first < part.Count)
            {
                return new(type with { Channels = 1 }) { Parts = [new(part.Owner, part.First + channel - first, 1)] };
            }

            first += part.Count;
        }

        throw new ArgumentOutOfRangeException(nameof(channel), channel, $"The map has {Planes} channels.");
    }
}

/// <summary>A float for each channel.</summary>
internal sealed class ChannelVector(int channels) : Value
{
    public int Channels => channels;
}

/// <summary>Keys or values of attention, as the weights that its kernels read.</summary>
internal sealed class AttentionWeights(AttentionInputs inputs, bool areKeys) : Value
{
    public AttentionInputs Inputs => inputs;

    public bool AreKeys => areKeys;
}

/// <summary>What attention reads: queries and keys are both signs or both real.</summary>
internal sealed record AttentionInputs(ReducedAttention Node, Map Queries, Map Keys, Map Values);
