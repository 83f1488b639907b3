using System.Collections.Immutable;
using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Kernels;

namespace Microsoft.ML.Binary.Inference.Compilation;

/// <summary>What operations write and others read, before the size of the image is known. Two are the same only if they are one object.</summary>
internal abstract class Value
{
    /// <summary>The values whose memory it consists of: itself, or the maps that it is joined from.</summary>
    public virtual IEnumerable<Value> Owners => [this];
}

/// <summary>
/// A feature map: a plane of floats for each channel, or, of signs, a plane of bytes for each group of channels. A map of parts has no memory of
/// its own, but is made of planes of others: joining channels copies nothing.
/// </summary>
/// <param name="type">Channels, grid, and whether it is of signs.</param>
/// <param name="phases">1, or 4 where each plane is stored as the four phases that a strided window reads: the grid is that of the phases.</param>
internal sealed class Map(FeatureType type, int phases = 1) : Value
{
    /// <summary>Some planes of a map that has memory.</summary>
    internal readonly record struct Part(Map Owner, int First, int Count);

    public FeatureType Type => type;

    public int Planes => phases * SignPacking.Planes(type.Channels, ChannelsPerPlane);

    /// <summary>1 for real values; for signs 4, unless <see cref="KernelChoice"/> takes more.</summary>
    public int ChannelsPerPlane { get; set; } = type.IsSign ? 4 : 1;

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
