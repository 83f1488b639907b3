using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Training.Losses;

namespace Microsoft.ML.Binary.Training.Data;

/// <summary>
/// A trained network whose feature maps another one learns from (docs/method.md, after Bi-MTDP, arXiv 2405.14136). It sees the same augmented batch, by its
/// running statistics.
/// </summary>
internal sealed class FeatureTeacher
{
    private readonly TrainingNetwork _network;
    private readonly (int Teacher, int Student)[] _taps;

    /// <summary>Prepares for batches of one size.</summary>
    public FeatureTeacher(DenseGraph teacher, DenseGraph student, IReadOnlyList<string>? taps, int images, int height, int width, int threads)
    {
        _taps = Find(teacher, student, taps);
        _network = new(teacher, images, height, width, threads);
    }

    /// <summary>The loss of the student's maps, which has run forward; adds to their gradients.</summary>
    public double Run(TrainingNetwork student, float weight)
    {
        student.Image.Data.CopyTo(_network.Image.Data, 0);
        _network.Forward(usesBatchStatistics: false);
        double loss = 0;
        foreach ((int teacher, int own) in _taps)
        {
            loss += FeatureDistillation.Run(student.Pass, student.Value(own), _network.Value(teacher).Data, weight);
        }

        return loss;
    }

    /// <summary>
    /// Where the maps are taken that are compared: what the deepest stage of the encoder puts out (in front of a bottleneck), and what each last one puts out.
    /// </summary>
    public static IReadOnlyList<string> UsualTaps(DenseGraph graph)
    {
        int bottleneck = graph.Nodes.ToList().FindIndex(node => node is Bottleneck);
        int end = bottleneck < 0 ? graph.Nodes.Length : bottleneck;
        int encoder = Enumerable.Range(0, end).LastOrDefault(
            i => graph.Types[i] is { IsReal: true, Reduction: 1 } type && type.Stride == graph.Alignment && graph.Nodes[i] is RPReLU, defaultValue: -1);
        return [
            .. encoder < 0 ? [] : new[] { graph.Nodes[encoder].Name },
            .. graph.Nodes.Select(node => node.Name).Where(name => name == "up4/activation" || name.EndsWith("/up4/activation", StringComparison.Ordinal)),
        ];
    }

    /// <summary>The nodes of the taps in both graphs.</summary>
    /// <exception cref="ArgumentException">The teacher has other heads or lacks a tap; the message names it.</exception>
    public static (int Teacher, int Student)[] Find(DenseGraph teacher, DenseGraph student, IReadOnlyList<string>? taps)
    {
        const string Option = nameof(TrainingOptions.FeatureTeacher);
        string[] own = [.. student.Outputs.Select(Describe(student))], others = [.. teacher.Outputs.Select(Describe(teacher))];
        TrainingOptions.Check(
            own.Order().SequenceEqual(others.Order()), Option, $"a network with the heads {string.Join(", ", others)}", $"one with those that are trained: {string.Join(", ", own)}");
        string[] names = [.. taps ?? UsualTaps(student)];
        TrainingOptions.Check(names.Length > 0, nameof(TrainingOptions.FeatureTaps), "empty", "names of nodes to compare");
        return [.. names.Select(name =>
        {
            (int there, int here) = (IndexOf(teacher, name), IndexOf(student, name));
            TrainingOptions.Check(here >= 0, nameof(TrainingOptions.FeatureTaps), $"'{name}'", "the name of a node of the network that is trained");
            TrainingOptions.Check(there >= 0, Option, $"a network without a node '{name}'", "the float twin of the one that is trained");
            TrainingOptions.Check(
                teacher.Types[there] == student.Types[here] && student.Types[here].IsReal, Option,
                $"a network with {teacher.Types[there]} at '{name}'", $"one with real values like those of the network that is trained, which has {student.Types[here]}");
            return (there, here);
        })];

        static Func<GraphOutput, string> Describe(DenseGraph graph) => output => $"'{output.Name}' of {graph.Types[output.Node].Channels}";

        static int IndexOf(DenseGraph graph, string name) => graph.Nodes.ToList().FindIndex(node => node.Name == name);
    }
}
