using System.Collections.Immutable;
using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Inference.Steps;

namespace Microsoft.ML.Binary.Inference.Compilation;

/// <summary>The operation that makes the values of a <see cref="FusedOperation"/>.</summary>
internal abstract record OperationRoot
{
    /// <summary>See <see cref="FusedOperation.Reads"/>.</summary>
    public virtual IEnumerable<Value> Reads => [];

    /// <summary>See <see cref="FusedOperation.PixelReads"/>.</summary>
    public virtual IEnumerable<Map> PixelReads => [];

    /// <summary>What it fills besides the map that the operation makes; roots after which nothing can follow fill only these.</summary>
    public virtual IEnumerable<Value> Writes => [];

    /// <summary>Whether it only prepares what one other operation reads, and so belongs right in front of it.</summary>
    public virtual bool IsPreparation => false;

    /// <summary>Bytes of the packed weights.</summary>
    public virtual long WeightBytes => 0;
}

/// <summary>The image, or its phases (see <see cref="SplitPhases"/>).</summary>
internal sealed record ReadImage(bool InPhases) : OperationRoot;

/// <summary>A map as it is; signs become +1 and -1, levels 0 to 3.</summary>
internal sealed record Copy(Map Source) : OperationRoot
{
    public override IEnumerable<Value> Reads => Source.Type.IsReal ? [] : [Source];

    public override IEnumerable<Map> PixelReads => Source.Type.IsReal ? [Source] : [];
}

/// <summary>The sum of maps; <see cref="Fusion"/> makes addends of it, so that no plan sees one.</summary>
internal sealed record SumOf(ImmutableArray<Map> Terms) : OperationRoot
{
    public override IEnumerable<Map> PixelReads => Terms;
}

/// <summary>A map made row by row from one other, as a node says: resampled, rearranged, averaged over channels, or its gates.</summary>
internal sealed record MakeRows(Node Node, Map Source) : OperationRoot
{
    public override IEnumerable<Value> Reads => [Source];
}

/// <summary>A map that is enlarged twice bilinearly, of which only signs are kept, and its mean over channel groups, which is the map that the operation makes.</summary>
/// <param name="Source">The small map.</param>
/// <param name="EnlargedSigns">Where the signs of the enlarged map go, if anyone reads them.</param>
internal sealed record AverageEnlarged(Map Source, SignOutput? EnlargedSigns) : OperationRoot
{
    public override IEnumerable<Value> Reads => [Source];

    public override IEnumerable<Value> Writes => EnlargedSigns is null ? [] : [EnlargedSigns.Map];
}

/// <summary>A map times a scale for each channel.</summary>
internal sealed record ScaleChannels(Map Source, ChannelVector Scales) : OperationRoot
{
    public override IEnumerable<Value> Reads => [Scales];

    public override IEnumerable<Map> PixelReads => [Source];
}

/// <summary>A map plus a shift for each channel.</summary>
internal sealed record ShiftChannels(Map Source, ChannelVector Shifts) : OperationRoot
{
    public override IEnumerable<Value> Reads => [Shifts];

    public override IEnumerable<Map> PixelReads => [Source];
}

/// <summary>A root that moves a window over a map.</summary>
/// <param name="Source">The map, for stride 2 its phases.</param>
internal abstract record Convolve(Map Source) : OperationRoot
{
    /// <summary>The border of zeros that the window needs around the map.</summary>
    public abstract int Border { get; }

    public override IEnumerable<Value> Reads => [Source];
}

/// <summary>A convolution of signs or levels: a <see cref="PackedBinaryConvolution"/> or a <see cref="PackedMixedConvolution"/>.</summary>
internal sealed record ConvolveSigns(LowBitConvolution Node, Map Source) : Convolve(Source)
{
    /// <summary>Whether the map that it reads is half as large as the one that it is defined for: nearest-neighbour enlargement is left out.</summary>
    public bool ReadsSmallMap { get; init; }

    /// <summary>Chosen by <see cref="KernelChoice"/>.</summary>
    public BinaryKernel? Kernel { get; init; }

    public ConvolutionGeometry Geometry => Node.Geometry;

    public override int Border => ReadsSmallMap ? 1 : Geometry.Padding;

    public override long WeightBytes => Kernel?.WeightBytes ?? 0;
}

/// <summary>A real-valued convolution.</summary>
internal sealed record ConvolveReals(Convolution Node, Map Source) : Convolve(Source)
{
    /// <summary>Chosen by <see cref="KernelChoice"/>.</summary>
    public RealKernel? Kernel { get; init; }

    public override int Border => Node.Geometry.Padding;

    public override long WeightBytes => Kernel?.WeightBytes ?? 0;
}

/// <summary>
/// The convolutions at the start of a network, done together a band of rows at a time: a strided 3x3 one of the image, a strided depthwise 3x3 one,
/// and a pointwise one, which makes the map.
/// </summary>
/// <param name="Normalize">What is done to the image first, for each of its phases.</param>
/// <param name="First">The dense convolution.</param>
/// <param name="Depthwise">The depthwise one.</param>
/// <param name="Pointwise">The pointwise one.</param>
internal sealed record Stem(Affine Normalize, Stem.Stage First, Stem.Stage Depthwise, ConvolveReals Pointwise) : OperationRoot
{
    /// <summary>A convolution and what follows it.</summary>
    internal sealed record Stage(ConvolveReals Convolution, RPReLU? Activation);

    public override long WeightBytes => First.Convolution.WeightBytes + Depthwise.Convolution.WeightBytes + Pointwise.WeightBytes;
}

/// <summary>The four phases of a map, of which a window of stride 2 reads one pixel after the other.</summary>
internal sealed record SplitPhases(Map Source, Map Phases) : OperationRoot
{
    public override IEnumerable<Value> Reads => [Source];

    public override IEnumerable<Value> Writes => [Phases];

    public override bool IsPreparation => true;
}

/// <summary>Signs or levels enlarged or sampled, packed as they are.</summary>
internal sealed record ResampleSigns(Node Node, Map Source, Map Target) : OperationRoot
{
    public override IEnumerable<Value> Reads => [Source];

    public override IEnumerable<Value> Writes => [Target];
}

/// <summary>The mean of each channel.</summary>
internal sealed record AverageChannels(Map Source, ChannelVector Means) : OperationRoot
{
    public override IEnumerable<Value> Reads => [Source];

    public override IEnumerable<Value> Writes => [Means];

    public override bool IsPreparation => true;
}

/// <summary>The scale of each channel from the means of all.</summary>
internal sealed record Excite(SqueezeExcitation Node, ChannelVector Means, ChannelVector Scales) : OperationRoot
{
    public override IEnumerable<Value> Reads => [Means];

    public override IEnumerable<Value> Writes => [Scales];

    public override bool IsPreparation => true;
}

/// <summary>The shift of each channel from its mean.</summary>
internal sealed record WeighMeans(AdaptiveShift Node, ChannelVector Means, ChannelVector Shifts) : OperationRoot
{
    public override IEnumerable<Value> Reads => [Means];

    public override IEnumerable<Value> Writes => [Shifts];

    public override bool IsPreparation => true;
}

/// <summary>Keys and values of attention laid out as weights.</summary>
internal sealed record PackAttention(AttentionInputs Inputs, AttentionWeights Keys, AttentionWeights Values) : OperationRoot
{
    public override IEnumerable<Value> Reads => [Inputs.Keys, Inputs.Values];

    public override IEnumerable<Value> Writes => [Keys, Values];
}

/// <summary>Attention, from queries and packed keys and values.</summary>
internal sealed record Attend(AttentionInputs Inputs, AttentionWeights Keys, AttentionWeights Values, Map Target) : OperationRoot
{
    public override IEnumerable<Value> Reads => [Inputs.Queries, Keys, Values];

    public override IEnumerable<Value> Writes => [Target];
}
