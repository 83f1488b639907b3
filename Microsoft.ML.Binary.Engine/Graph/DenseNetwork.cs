using System.Collections.Immutable;
using Microsoft.ML.Binary.Files;
using Microsoft.ML.Binary.Notebooks;

namespace Microsoft.ML.Binary.Graph;

/// <summary>
/// A graph together with what its logits mean and where it comes from: what a network file holds. Immutable, except that a trainer
/// writes into the parameters of a trainable graph.
/// </summary>
/// <example>
/// <code>
/// DenseNetwork network = DenseNetwork.Load("road.mlbn");
/// Console.WriteLine($"{network.Task}: {string.Join(", ", network.ClassNames)}");
/// network.WithWorkingSize(WorkingSize.Of(960)).Save("road-960.mlbn");                      // the same weights; sees images at 960 pixels
/// </code>
/// </example>
[TypeFormatterSource]
public sealed class DenseNetwork
{
    /// <summary>Classes a mask of one byte per pixel can hold beside the ignore index 255.</summary>
    public const int MaxClasses = 255;

    internal const int MaxHeads = 16;

    private const int MaxProvenanceEntries = 256, MaxNameLength = 256, MaxProvenanceValueLength = 4096;

    /// <summary>Puts a network together and checks that the parts fit.</summary>
    /// <param name="graph">A graph with an output <see cref="DenseGraph.LogitsOutput"/> at stride 1.</param>
    /// <param name="task">What its logits mean.</param>
    /// <param name="classNames">Segmentation: one distinct name for each logit channel, 2..255 of them. Saliency: none.</param>
    /// <param name="palette">Colours as <c>#RRGGBB</c>, one per class, or none.</param>
    /// <param name="provenance">Free-form facts: product version, seed, steps, data and so on.</param>
    /// <param name="workingSize">The size that the network sees images at; by default their own.</param>
    /// <param name="exposure">How bright the network sees images; by default as they are.</param>
    /// <exception cref="ArgumentException">A part does not fit the graph or the task; the message names it.</exception>
    public DenseNetwork(
        DenseGraph graph,
        DenseTask task,
        ImmutableArray<string> classNames = default,
        ImmutableArray<string> palette = default,
        ImmutableSortedDictionary<string, string>? provenance = null,
        WorkingSize workingSize = default,
        ImageExposure exposure = default)
        : this(graph, [new TaskHead(task.Name, task, classNames, palette)], provenance, workingSize, exposure)
    {
    }

    /// <summary>Puts a network of one or several results together and checks that the parts fit.</summary>
    /// <param name="graph">A graph with an output for each head (<see cref="OutputOf"/>), at stride 1.</param>
    /// <param name="heads">What the outputs mean, 1 to 16 of different names; the first one is what callers get that ask for one result.</param>
    /// <param name="provenance">Free-form facts: product version, seed, steps, data and so on.</param>
    /// <param name="workingSize">The size that the network sees images at; by default their own.</param>
    /// <param name="exposure">How bright the network sees images; by default as they are.</param>
    /// <exception cref="ArgumentException">A part does not fit the graph; the message names it.</exception>
    public DenseNetwork(
        DenseGraph graph,
        ImmutableArray<TaskHead> heads,
        ImmutableSortedDictionary<string, string>? provenance = null,
        WorkingSize workingSize = default,
        ImageExposure exposure = default)
    {
        ArgumentNullException.ThrowIfNull(graph);
        Graph = graph;
        (WorkingSize, Exposure) = (workingSize, exposure);
        Heads = heads.IsDefault ? [] : heads;
        Provenance = (provenance ?? ImmutableSortedDictionary<string, string>.Empty).WithComparers(StringComparer.Ordinal);
        CheckHeads(Heads);
        foreach (TaskHead head in Heads)
        {
            head.CheckLogits(graph, graph.Output(OutputOf(head)));
        }

        CheckProvenance();
    }

    /// <summary>The nodes and their parameters.</summary>
    public DenseGraph Graph { get; }

    /// <summary>The results, at least one.</summary>
    public ImmutableArray<TaskHead> Heads { get; }

    /// <summary>What the logits of the first head mean.</summary>
    public DenseTask Task => Heads[0].Task;

    /// <summary>The class names of the first head, one per logit channel; none for saliency.</summary>
    public ImmutableArray<string> ClassNames => Heads[0].ClassNames;

    /// <summary>Colours of the first head as <c>#RRGGBB</c>, one per class; may be empty.</summary>
    public ImmutableArray<string> Palette => Heads[0].Palette;

    /// <summary>Free-form facts about where the network comes from, in ordinal order of their names.</summary>
    public ImmutableSortedDictionary<string, string> Provenance { get; }

    /// <summary>The size that the network was trained at, and that images are brought to before it sees them unless something else is asked for.</summary>
    public WorkingSize WorkingSize { get; }

    /// <summary>How bright images are made before the network sees them, in training as ever after.</summary>
    public ImageExposure Exposure { get; }

    /// <summary>The head of a name; case makes no difference.</summary>
    /// <exception cref="ArgumentException">There is none of that name; the message lists those that there are.</exception>
    public TaskHead Head(string name) =>
        Heads.FirstOrDefault(head => head.Name.Equals(name, StringComparison.OrdinalIgnoreCase)) ?? throw NoHead(name);

    /// <summary>The graph's output with the logits of a head: <see cref="DenseGraph.LogitsOutput"/> for the first, and <c>logits:NAME</c> for the others.</summary>
    /// <exception cref="ArgumentException">It is no head of this network.</exception>
    public string OutputOf(TaskHead head) => Heads.IndexOf(head) switch
    {
        >= 0 and int index => OutputName(head, index),
        _ => throw NoHead(head?.Name),
    };

    /// <summary>What a head alone costs: the nodes that no other head reads.</summary>
    /// <param name="head">The head.</param>
    /// <param name="cost">The cost of the network's graph, frozen or not as it was measured.</param>
    /// <exception cref="ArgumentException">It is no head of this network, or the cost is of another graph.</exception>
    public GraphCost CostOf(TaskHead head, GraphCost cost)
    {
        ArgumentNullException.ThrowIfNull(cost);
        string own = OutputOf(head);
        TaskHead.Check(
            cost.Nodes.Select(node => node.Name).SequenceEqual(Graph.Nodes.Select(node => node.Name)), "The cost is that of another graph; measure that of this network.");
        HashSet<string> others = [.. Graph.NodesOf([.. Graph.Outputs.Where(output => output.Name != own).Select(output => output.Node)]).Select(node => Graph.Nodes[node].Name)];
        HashSet<string> all = [.. Graph.NodesOf(Graph.Output(own)).Select(node => Graph.Nodes[node].Name)];
        return cost with
        {
            Nodes = [.. cost.Nodes.Where(node => all.Contains(node.Name) && !others.Contains(node.Name))],
            Attentions = [.. cost.Attentions.Where(attention => all.Contains(attention.Name) && !others.Contains(attention.Name))],
        };
    }

    /// <summary>The network of one head alone, without the nodes that only others read; it shares the parameters.</summary>
    /// <param name="head">The head.</param>
    /// <exception cref="ArgumentException">It is no head of this network.</exception>
    public DenseNetwork Alone(TaskHead head) => new(Graph.WithOutputs([new(DenseGraph.LogitsOutput, Graph.Output(OutputOf(head)))]), [head], Provenance, WorkingSize, Exposure);

    /// <summary>The output of a graph that has the logits of the head of an index.</summary>
    internal static string OutputName(TaskHead head, int index) => index == 0 ? DenseGraph.LogitsOutput : $"{DenseGraph.LogitsOutput}:{head.Name}";

    /// <summary>Checks that there are heads, and that their names differ.</summary>
    internal static void CheckHeads(ImmutableArray<TaskHead> heads)
    {
        TaskHead.Check(heads.Length is >= 1 and <= MaxHeads, $"The network has {heads.Length} heads; it must have from 1 to {MaxHeads}.");
        HashSet<string> names = new(StringComparer.OrdinalIgnoreCase);
        foreach (TaskHead head in heads)
        {
            TaskHead.Check(names.Add(head.Name), $"Two heads are named '{head.Name}' (case makes no difference); names must differ.");
        }
    }

    /// <summary>Reads a network file.</summary>
    /// <exception cref="NetworkFileException">It is empty, truncated, corrupt, of a newer version, or no network file; the message says which.</exception>
    /// <exception cref="IOException">It cannot be opened or read.</exception>
    public static DenseNetwork Load(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (Directory.Exists(path))
        {
            throw new NetworkFileException(path, "this is a folder; name the network file in it.");
        }

        using FileStream stream = FileReading.Open(path, () => new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read));
        return Load(stream, path);
    }

    /// <summary>Reads a network from a stream, which ends where the network ends. The stream need not seek and is not closed.</summary>
    /// <param name="stream">The bytes of a network file.</param>
    /// <param name="name">What messages call it, for example the path or the name of a zip entry.</param>
    /// <exception cref="NetworkFileException">As for <see cref="Load(string)"/>.</exception>
    public static DenseNetwork Load(Stream stream, string name) =>
        NetworkFileReader.Parse(NetworkFileEnvelope.Read(stream, name), name);

    /// <summary>Reads a network from the bytes of a network file.</summary>
    /// <param name="bytes">All bytes of the file.</param>
    /// <param name="name">What messages call it.</param>
    /// <exception cref="NetworkFileException">As for <see cref="Load(string)"/>.</exception>
    public static DenseNetwork FromBytes(ReadOnlySpan<byte> bytes, string name = "network") =>
        NetworkFileReader.Parse(NetworkFileEnvelope.Check(bytes, name), name);

    /// <summary>
    /// Writes the network file: to a temporary name in the same folder, which then takes the place of <paramref name="path"/>, so that a
    /// failure leaves what was there before and nothing else.
    /// </summary>
    /// <exception cref="GraphException">A parameter is not finite, or the file would be larger than a network file may be (1 GiB).</exception>
    /// <exception cref="IOException">The folder is missing or cannot be written to, the file is read-only, or the disk is full.</exception>
    public void Save(string path) => AtomicFile.Write(path, ToBytes());

    /// <summary>The bytes of the network file; the same network gives the same bytes.</summary>
    /// <exception cref="GraphException">A parameter is not finite, or the file would be larger than a network file may be (1 GiB).</exception>
    public byte[] ToBytes() => NetworkFileWriter.Write(this, NetworkFileLayout.Writer);

    /// <summary>The same network with its graph frozen (<see cref="Freezing"/>); itself if it is.</summary>
    /// <exception cref="GraphException">A parameter is not finite.</exception>
    public DenseNetwork Freeze()
    {
        DenseGraph frozen = Freezing.Freeze(Graph);
        return frozen == Graph ? this : WithGraph(frozen);
    }

    /// <summary>The same network with a graph that can be trained (<see cref="Unfreezing"/>); itself if it can.</summary>
    public DenseNetwork Unfreeze() => Graph.IsFrozen ? WithGraph(Unfreezing.Unfreeze(Graph)) : this;

    /// <summary>The same network around another graph, for example one from <see cref="DenseGraph.WithAttentionReduction(int)"/>.</summary>
    /// <exception cref="ArgumentException">The graph does not fit the task or the class names.</exception>
    public DenseNetwork WithGraph(DenseGraph graph) => new(graph, Heads, Provenance, WorkingSize, Exposure);

    /// <summary>The same network with other facts about where it comes from.</summary>
    /// <exception cref="ArgumentException">A fact is too long or there are too many.</exception>
    public DenseNetwork WithProvenance(ImmutableSortedDictionary<string, string> provenance) =>
        new(Graph, Heads, provenance, WorkingSize, Exposure);

    /// <summary>The same network, seeing images at another size.</summary>
    public DenseNetwork WithWorkingSize(WorkingSize workingSize) => new(Graph, Heads, Provenance, workingSize, Exposure);

    /// <summary>The same network, seeing images at another exposure.</summary>
    public DenseNetwork WithExposure(ImageExposure exposure) => new(Graph, Heads, Provenance, WorkingSize, exposure);

    private ArgumentException NoHead(string? name) =>
        new($"The network has no head '{name}'; it has {string.Join(", ", Heads.Select(head => $"'{head.Name}'"))}.", nameof(name));

    private void CheckProvenance()
    {
        TaskHead.Check(Provenance.Count <= MaxProvenanceEntries, $"The provenance has {Provenance.Count} entries; at most {MaxProvenanceEntries} are kept.");
        foreach ((string key, string value) in Provenance)
        {
            TaskHead.CheckText("A name in the provenance", key, MaxNameLength);
            TaskHead.Check(
                value is not null && value.Length <= MaxProvenanceValueLength && TaskHead.IsWellFormed(value),
                $"The provenance '{key}' must be well-formed text of at most {MaxProvenanceValueLength} characters.");
        }
    }
}
