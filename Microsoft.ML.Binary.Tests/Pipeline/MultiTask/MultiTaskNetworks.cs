using System.Collections.Immutable;
using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Networks;

namespace Microsoft.ML.Binary.Tests.Pipeline.MultiTask;

/// <summary>Small networks of three heads, and the tasks that they learn.</summary>
internal static class MultiTaskNetworks
{
    public static readonly DenseTaskOptions[] Tasks =
    [
        new("classes", new Binary.Training.SegmentationTask()) { ClassNames = ["class 0", "class 1", "class 2"] },
        new("object", new Binary.Training.SaliencyTask()),
        new("edges", new Binary.Training.EdgesTask()) { From = "classes" },
    ];

    public static readonly ImmutableArray<TaskHead> Heads =
    [
        new("classes", DenseTask.Segmentation, ["class 0", "class 1", "class 2"], ["#000000", "#0000FF", "#00FF00"]),
        new("object", DenseTask.Saliency),
        new("edges", DenseTask.Edges),
    ];

    public static readonly NetworkConfiguration Configuration = new()
    {
        Outputs = 1,
        Width = 8,
        Stride4Depth = 1,
        Stride8Depth = 1,
        Stride16Depth = 1,
    };

    /// <summary>A network whose maps differ from pixel to pixel.</summary>
    public static DenseNetwork Network(params ImmutableArray<TaskHead> heads)
    {
        DenseNetwork network = MultiTaskNetwork.Build(Configuration, heads.IsDefaultOrEmpty ? Heads : heads);
        PipelineNetworks.Modulate(network.Graph, seed: 1);
        return network;
    }

    public static IReadOnlyList<TaskMasks> Masks(TestImages images) =>
        [new("classes", images.Masks) { NumberOfClasses = 3 }, new("object", images.Objects, MaskKind.Saliency)];
}
