using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Networks;
using Microsoft.ML.Binary.Training;

namespace Ablation;

/// <summary>What rows are trained and measured on.</summary>
internal abstract class Dataset
{
    /// <summary>What journals call it.</summary>
    public abstract string Name { get; }

    /// <summary>What is learned.</summary>
    public abstract DenseTask Task { get; }

    /// <summary>The training part, in memory.</summary>
    public abstract TrainingSample[] Train { get; }

    /// <summary>The network that rows differ from.</summary>
    public abstract NetworkConfiguration Reference(long seed);

    /// <summary>The recipe that rows differ from, without budget and seed.</summary>
    public abstract TrainingOptions Recipe { get; }

    /// <summary>What the figures are called.</summary>
    public abstract Headings Headings { get; }

    /// <summary>Figures of a trained network.</summary>
    public abstract Figures Measure(DenseGraph graph);

    /// <summary>A network that can be saved; its classes go by their numbers.</summary>
    public DenseNetwork Named(DenseGraph graph) => new(
        graph, Task, !Task.HasClasses ? [] : [.. Enumerable.Range(0, graph.LogitChannels).Select(c => $"{c}")]);
}

/// <summary>Figures of a trained network: the one that rows are compared by, and a second one, if there is one.</summary>
internal readonly record struct Figures(double First, double? Second);

/// <summary>What <see cref="Figures"/> are.</summary>
internal readonly record struct Headings(string First, string Second);
