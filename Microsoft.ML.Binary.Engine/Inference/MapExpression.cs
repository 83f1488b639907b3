using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Inference.Steps;
using Microsoft.ML.Binary.Kernels;

namespace Microsoft.ML.Binary.Inference;

/// <summary>A map that a step will make: the operation at its root, and what follows it in the same pass.</summary>
/// <param name="layout">Layout of the map.</param>
/// <param name="channels">Channels of the map.</param>
/// <param name="step">Makes the step of that name when all memory has its place; none for a binary convolution.</param>
internal sealed class MapExpression(PlaneLayout layout, int channels, Func<string, Epilogue, PlanStep>? step)
{
    public PlaneLayout Layout => layout;

    public int Channels => channels;

    /// <summary>Maps of which the root reads other pixels than the one that it makes.</summary>
    public List<MapView> Reads { get; init; } = [];

    /// <summary>Maps of which only the pixel is read that is being made.</summary>
    public List<MapView> PixelReads { get; init; } = [];

    /// <summary>What the root fills besides the map.</summary>
    public List<PlanBuffer> Writes { get; init; } = [];

    /// <summary>Makes the counts of a binary convolution, if the root is one.</summary>
    public Func<CountSource>? Counts { get; init; }

    /// <summary>A binary convolution whose result is added to this one's, in the same pass.</summary>
    public MapExpression? Before { get; set; }

    public Affine? Affine { get; set; }

    /// <summary>The plane of gates that every channel is multiplied by behind the affine map.</summary>
    public MapView? Factor { get; set; }

    public List<MapView> Addends { get; } = [];

    public RPReLU? Activation { get; set; }

    /// <summary>Whether more can be added in the same pass.</summary>
    public bool IsFull => Addends.Count + (Before is null ? 0 : 1) == Epilogue.MaxAddends;

    /// <summary>Maps of which other pixels are read than the one that is being made, by this and what goes before it.</summary>
    public IEnumerable<MapView> AllReads => (Before?.AllReads ?? []).Concat(Reads).Concat(Factor is null ? [] : [Factor]);

    /// <summary>Maps of which only the pixel is read that is being made.</summary>
    public IEnumerable<MapView> AllPixelReads => (Before?.AllPixelReads ?? []).Concat(Addends).Concat(PixelReads);

    public PlanStep Make(string name, PlanBuffer? store, Epilogue.Signs[] signs) => Counts is null
        ? step!(name, MakeEpilogue(store, signs))
        : new BinaryConvolutionStep(name, [.. Terms(store, signs)]);

    private IEnumerable<BinaryConvolutionStep.Term> Terms(PlanBuffer? store, Epilogue.Signs[] signs) =>
        (Before?.Terms(null, []) ?? []).Append(new(Counts!(), MakeEpilogue(store, signs)));

    private Epilogue MakeEpilogue(PlanBuffer? store, Epilogue.Signs[] signs) => new(layout, channels, Affine, Factor, [.. Addends], Activation, store, signs);

    /// <summary>A map that exists already.</summary>
    public static MapExpression Load(MapView view) =>
        new(view.Layout, view.Planes.Length, (name, epilogue) => new RowStep(name, epilogue, new CopySource(view))) { PixelReads = [view] };
}
