using System.Collections.Immutable;
using System.Text;
using Microsoft.ML.Binary.Files;

namespace Microsoft.ML.Binary.Graph;

/// <summary>
/// A graph together with what its logits mean and where it comes from: what a network file holds. Immutable, except that a trainer
/// writes into the parameters of a trainable graph.
/// </summary>
public sealed class DenseNetwork
{
    /// <summary>Classes a mask of one byte a pixel can hold beside the ignore index 255.</summary>
    public const int MaxClasses = 255;

    private const int MaxProvenanceEntries = 256, MaxNameLength = 256, MaxProvenanceValueLength = 4096;

    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Puts a network together and checks that the parts fit.</summary>
    /// <param name="graph">A graph with an output <see cref="DenseGraph.LogitsOutput"/> at stride 1.</param>
    /// <param name="task">What its logits mean.</param>
    /// <param name="classNames">Segmentation: one distinct name for each logit channel, 2..255 of them. Saliency: none.</param>
    /// <param name="palette">Colours as <c>#RRGGBB</c>, one a class, or none.</param>
    /// <param name="provenance">Free-form facts: product version, seed, steps, data and so on.</param>
    /// <param name="workingSize">The size that the network sees images at; by default their own.</param>
    /// <exception cref="ArgumentException">A part does not fit the graph or the task; the message names it.</exception>
    public DenseNetwork(
        DenseGraph graph,
        DenseTask task,
        ImmutableArray<string> classNames = default,
        ImmutableArray<string> palette = default,
        ImmutableSortedDictionary<string, string>? provenance = null,
        WorkingSize workingSize = default)
    {
        Graph = graph;
        WorkingSize = workingSize;
        Task = task;
        ClassNames = classNames.IsDefault ? [] : classNames;
        Palette = palette.IsDefault ? [] : palette;
        Provenance = (provenance ?? ImmutableSortedDictionary<string, string>.Empty).WithComparers(StringComparer.Ordinal);
        CheckGraph();
        CheckClasses();
        CheckPalette();
        CheckProvenance();
    }

    /// <summary>The nodes and their parameters.</summary>
    public DenseGraph Graph { get; }

    /// <summary>What the logits mean.</summary>
    public DenseTask Task { get; }

    /// <summary>The class names, one a logit channel; none for saliency.</summary>
    public ImmutableArray<string> ClassNames { get; }

    /// <summary>Colours as <c>#RRGGBB</c>, one a class; may be empty.</summary>
    public ImmutableArray<string> Palette { get; }

    /// <summary>Free-form facts about where the network comes from, in ordinal order of their names.</summary>
    public ImmutableSortedDictionary<string, string> Provenance { get; }

    /// <summary>The size that the network was trained at, and that images are brought to before it sees them unless something else is asked for.</summary>
    public WorkingSize WorkingSize { get; }

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

        using FileStream stream = new(path, FileMode.Open, FileAccess.Read, FileShare.Read);
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
    public DenseNetwork Freeze() => Graph.IsFrozen ? this : WithGraph(Freezing.Freeze(Graph));

    /// <summary>The same network with a graph that can be trained (<see cref="Unfreezing"/>); itself if it can.</summary>
    public DenseNetwork Unfreeze() => Graph.IsFrozen ? WithGraph(Unfreezing.Unfreeze(Graph)) : this;

    /// <summary>The same network around another graph, for example one from <see cref="AttentionReduction.WithAttentionReduction"/>.</summary>
    /// <exception cref="ArgumentException">The graph does not fit the task or the class names.</exception>
    public DenseNetwork WithGraph(DenseGraph graph) => new(graph, Task, ClassNames, Palette, Provenance, WorkingSize);

    /// <summary>The same network with other facts about where it comes from.</summary>
    /// <exception cref="ArgumentException">A fact is too long or there are too many.</exception>
    public DenseNetwork WithProvenance(ImmutableSortedDictionary<string, string> provenance) =>
        new(Graph, Task, ClassNames, Palette, provenance, WorkingSize);

    /// <summary>The same network, seeing images at another size.</summary>
    public DenseNetwork WithWorkingSize(WorkingSize workingSize) => new(Graph, Task, ClassNames, Palette, Provenance, workingSize);

    private void CheckGraph()
    {
        int logits = Graph.Logits;
        FeatureType type = Graph.Types[logits];
        Check(
            type is { Stride: 1, Reduction: 1 },
            $"The logits (node '{Graph.Nodes[logits].Name}') have {type}; a network puts them out at stride 1.");
    }

    private void CheckClasses()
    {
        if (Task == DenseTask.Saliency)
        {
            Check(Graph.LogitChannels == 1, $"A saliency network has one logit channel, and the graph has {Graph.LogitChannels}.");
            Check(ClassNames.IsEmpty, $"A saliency network has no classes, and {ClassNames.Length} class names were given.");
            return;
        }

        Check(Task == DenseTask.Segmentation, $"There is no task {Task}.");
        Check(
            ClassNames.Length is >= 2 and <= MaxClasses,
            $"{ClassNames.Length} class names were given; a segmentation network has from 2 to {MaxClasses} classes.");
        Check(
            ClassNames.Length == Graph.LogitChannels,
            $"{ClassNames.Length} class names were given, and the graph has {Graph.LogitChannels} logit channels; there must be one name a channel.");
        HashSet<string> seen = new(StringComparer.Ordinal);
        for (int i = 0; i < ClassNames.Length; i++)
        {
            CheckText($"The name of class {i}", ClassNames[i], MaxNameLength);
            Check(seen.Add(ClassNames[i]), $"The class name '{ClassNames[i]}' occurs twice; names must differ.");
        }
    }

    private void CheckPalette()
    {
        Check(
            Palette.IsEmpty || Palette.Length == ClassNames.Length,
            $"The palette has {Palette.Length} colours for {ClassNames.Length} classes; there must be one a class, or none.");
        for (int i = 0; i < Palette.Length; i++)
        {
            string colour = Palette[i];
            Check(
                colour is { Length: 7 } && colour[0] == '#' && colour.AsSpan(1).IndexOfAnyExcept("0123456789abcdefABCDEF") < 0,
                $"Colour {i} of the palette is '{colour}'; colours are written as #RRGGBB, for example #804080.");
        }
    }

    private void CheckProvenance()
    {
        Check(Provenance.Count <= MaxProvenanceEntries, $"The provenance has {Provenance.Count} entries; at most {MaxProvenanceEntries} are kept.");
        foreach ((string key, string value) in Provenance)
        {
            CheckText("A name in the provenance", key, MaxNameLength);
            Check(
                value is not null && value.Length <= MaxProvenanceValueLength && IsWellFormed(value),
                $"The provenance '{key}' must be well-formed text of at most {MaxProvenanceValueLength} characters.");
        }
    }

    private static void CheckText(string what, string? text, int longest) => Check(
        text is { Length: > 0 } && text.Length <= longest && !text.Any(char.IsControl) && IsWellFormed(text),
        $"{what} must be 1 to {longest} characters of well-formed text without control characters, and is '{text}'.");

    // A lone surrogate has no UTF-8 form, so it would not survive the file.
    private static bool IsWellFormed(string text)
    {
        try
        {
            Utf8.GetByteCount(text);
            return true;
        }
        catch (EncoderFallbackException)
        {
            return false;
        }
    }

    private static void Check(bool condition, string problem)
    {
        if (!condition)
        {
            throw new ArgumentException(problem);
        }
    }
}
