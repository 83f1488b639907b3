using System.Collections.Immutable;
using System.Text;

namespace Microsoft.ML.Binary.Graph;

/// <summary>A result of a <see cref="DenseNetwork"/>: its name, and what its logits mean. Immutable.</summary>
/// <example>
/// <code>
/// TaskHead parsing = new("parsing", DenseTask.Segmentation, ["background", "face", "arms"]), edges = new("edges", DenseTask.Edges);
/// </code>
/// </example>
public sealed class TaskHead
{
    private const int MaxNameLength = 64, MaxClassNameLength = 256;

    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Puts a head together.</summary>
    /// <param name="name">Its name, for columns, folders and messages: 1 to 64 letters and digits of ASCII, <c>-</c> and <c>_</c>.</param>
    /// <param name="task">What its logits mean.</param>
    /// <param name="classNames">Segmentation: one distinct name for each logit channel, 2..255 of them. Other tasks: none.</param>
    /// <param name="palette">Colours as <c>#RRGGBB</c>, one per class, or none.</param>
    /// <exception cref="ArgumentException">A part is out of range or does not fit the task; the message names it.</exception>
    public TaskHead(string name, DenseTask task, ImmutableArray<string> classNames = default, ImmutableArray<string> palette = default)
    {
        (Name, Task) = (name, task);
        ClassNames = classNames.IsDefault ? [] : classNames;
        Palette = palette.IsDefault ? [] : palette;
        Check(
            name is { Length: >= 1 and <= MaxNameLength } && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_'),
            $"The head's name is '{name}'; it must be 1 to {MaxNameLength} letters and digits of ASCII, '-' and '_'.");
        CheckClasses();
        CheckPalette();
    }

    /// <summary>The name, different from those of other heads of the network. A network of one head calls it by its task unless told otherwise.</summary>
    public string Name { get; }

    /// <summary>What the logits mean.</summary>
    public DenseTask Task { get; }

    /// <summary>The class names, one per logit channel; none where the task has no classes.</summary>
    public ImmutableArray<string> ClassNames { get; }

    /// <summary>Colours as <c>#RRGGBB</c>, one per class; may be empty.</summary>
    public ImmutableArray<string> Palette { get; }

    /// <summary>Channels of the logits: one per class, or one.</summary>
    public int Channels => Task.HasClasses ? ClassNames.Length : 1;

    /// <summary>Whether it is what a file means that says a task and classes, and no name.</summary>
    internal bool HasUsualName => Name == Task.Name;

    /// <summary>Checks that an output of a graph has the logits.</summary>
    internal void CheckLogits(DenseGraph graph, int node)
    {
        FeatureType type = graph.Types[node];
        Check(type is { Stride: 1, Reduction: 1 }, $"The logits (node '{graph.Nodes[node].Name}') have {type}; a network puts them out at stride 1.");
        Check(
            type.Channels == Channels,
            Task.HasClasses
                ? $"{ClassNames.Length} class names were given, and the graph has {type.Channels} logit channels; there must be one name per channel."
                : $"A {Task.Name} network has one logit channel, and the graph has {type.Channels}.");
    }

    private void CheckClasses()
    {
        if (!Task.HasClasses)
        {
            Check(ClassNames.IsEmpty, $"A {Task.Name} network has no classes, and {ClassNames.Length} class names were given.");
            return;
        }

        Check(
            ClassNames.Length is >= 2 and <= DenseNetwork.MaxClasses,
            $"{ClassNames.Length} class names were given; a {Task.Name} network has from 2 to {DenseNetwork.MaxClasses} classes.");
        HashSet<string> seen = new(StringComparer.Ordinal);
        for (int i = 0; i < ClassNames.Length; i++)
        {
            CheckText($"The name of class {i}", ClassNames[i], MaxClassNameLength);
            Check(seen.Add(ClassNames[i]), $"The class name '{ClassNames[i]}' occurs twice; names must differ.");
        }
    }

    private void CheckPalette()
    {
        Check(
            Palette.IsEmpty || Palette.Length == ClassNames.Length,
            $"The palette has {Palette.Length} colours for {ClassNames.Length} classes; there must be one per class, or none.");
        for (int i = 0; i < Palette.Length; i++)
        {
            string colour = Palette[i];
            Check(
                colour is { Length: 7 } && colour[0] == '#' && colour.AsSpan(1).IndexOfAnyExcept("0123456789abcdefABCDEF") < 0,
                $"Colour {i} of the palette is '{colour}'; colours are written as #RRGGBB, for example #804080.");
        }
    }

    internal static void CheckText(string what, string? text, int longest) => Check(
        text is { Length: > 0 } && text.Length <= longest && !text.Any(char.IsControl) && IsWellFormed(text),
        $"{what} must be 1 to {longest} characters of well-formed text without control characters, and is '{text}'.");

    /// <summary>A lone surrogate has no UTF-8 form, so it would not survive the file.</summary>
    internal static bool IsWellFormed(string text)
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

    internal static void Check(bool condition, string problem)
    {
        if (!condition)
        {
            throw new ArgumentException(problem);
        }
    }
}
