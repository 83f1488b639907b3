using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Inference.Steps;
using Microsoft.ML.Binary.Kernels;

namespace Microsoft.ML.Binary.Inference;

/// <summary>A map that a step will make: the operation at its root, and what follows it in the same pass.</summary>
/// <param name="layout">Layout of the map.</param>
/// <param name="channels">Channels of the map.</param>
/// <param name="step">Makes the step of that name when all memory has its place.</param>
internal sealed class MapExpression(PlaneLayout layout, int channels, Func<string, Epilogue, PlanStep> step)
{
    public PlaneLayout Layout => layout;

    public int Channels => channels;

    /// <summary>Maps of which the root reads other pixels than the one that it makes.</summary>
    public List<MapView> Reads { get; init; } = [];

    /// <summary>Maps of which only the pixel is read that is being made.</summary>
    public List<MapView> PixelReads { get; init; } = [];

    /// <summary>What the root fills besides the map.</summary>
    public List<PlanBuffer> Writes { get; init; } = [];

    public Affine? Affine { get; set; }

    public List<MapView> Addends { get; } = [];

    public RPReLU? Activation { get; set; }

    public PlanStep Make(string name, PlanBuffer? store, Epilogue.Signs[] signs) =>
        step(name, new Epilogue(layout, channels, Affine, [.. Addends], Activation, store, signs));

    /// <summary>A map that exists already.</summary>
    public static MapExpression Load(MapView view) =>
        new(view.Layout, view.Planes.Length, (name, epilogue) => new RowStep(name, epilogue, new CopySource(view))) { PixelReads = [view] };
}
