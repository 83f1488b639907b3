using System.Collections.Immutable;
using System.Globalization;
using System.Text;

namespace Microsoft.ML.Binary.Mapping;

/// <summary>A loop of a mapping.</summary>
/// <param name="Dimension">What it runs over.</param>
/// <param name="Bound">How often, at least 1.</param>
/// <example>
/// <code>
/// Accelerator accelerator = Accelerator.Preset("eyeriss-16bit");
/// LoopNest nest = LoopNest.Parse("DRAM.t:M8 C2", accelerator);
/// Loop innermost = nest.Levels[^1].Temporal[0];
/// Console.WriteLine($"{innermost.Dimension} runs {innermost.Bound} times");                                    // M runs 8 times
/// </code>
/// </example>
public readonly record struct Loop(Dimension Dimension, int Bound)
{
    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Dimension}{Bound}");
}

/// <summary>The loops of one level.</summary>
/// <param name="Spatial">Side by side, over the instances of the level below; innermost first.</param>
/// <param name="Temporal">One after the other, around the spatial ones; innermost first.</param>
/// <example>
/// <code>
/// LevelLoops outermost = new(Spatial: [], Temporal: [new Loop(Dimension.Q, 8), new Loop(Dimension.M, 2)]);     // M around Q
/// </code>
/// </example>
public readonly record struct LevelLoops(ImmutableArray<Loop> Spatial, ImmutableArray<Loop> Temporal);

/// <summary>
/// A mapping: how the loops of a layer are split over the levels of an accelerator. The nest runs from the first level's spatial loops
/// inside to the last level's temporal ones outside; the bounds of a dimension multiply to its bound in the layer. Loops that run
/// once are left out.
/// </summary>
/// <example>
/// <code>
/// Accelerator accelerator = Accelerator.Preset("eyeriss-16bit");
/// LoopNest nest = new Mapper(accelerator).Best(new Workload { Name = "conv", C = 8, M = 8, R = 3, S = 3, P = 14, Q = 14 }).Nest;
/// string line = nest.ToString(accelerator);
/// Console.WriteLine(LoopNest.Parse(line, accelerator).ToText(accelerator));
/// </code>
/// </example>
public sealed record LoopNest
{
    /// <summary>Puts a nest together; loops that run once are dropped.</summary>
    /// <param name="levels">The loops of each level of the accelerator, from the innermost level out.</param>
    public LoopNest(ImmutableArray<LevelLoops> levels) =>
        Levels = [.. levels.Select(level => new LevelLoops([.. level.Spatial.Where(loop => loop.Bound != 1)], [.. level.Temporal.Where(loop => loop.Bound != 1)]))];

    /// <summary>The loops of each level, from the innermost level out.</summary>
    public ImmutableArray<LevelLoops> Levels { get; }

    /// <summary>
    /// Reads a mapping as <see cref="ToString(Accelerator)"/> writes it: <c>psum_spad.t:M8; DummyBuffer.s:S3 M4; DRAM.t:Q8</c>.
    /// </summary>
    /// <exception cref="FormatException">It is not one, or names a level that the accelerator does not have, or the loops of one twice.</exception>
    public static LoopNest Parse(string text, Accelerator accelerator)
    {
        ArgumentNullException.ThrowIfNull(text);
        ArgumentNullException.ThrowIfNull(accelerator);
        LevelLoops[] levels = [.. accelerator.Levels.Select(_ => new LevelLoops([], []))];
        HashSet<(int Level, string Kind)> named = [];
        foreach (string part in text.Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            int colon = part.IndexOf(':'), dot = colon < 0 ? -1 : part.LastIndexOf('.', colon);
            string kind = dot < 0 ? "" : part[(dot + 1)..colon];
            if (kind is not ("s" or "t"))
            {
                throw new FormatException($"'{part}' is not part of a mapping; write for example 'DRAM.t:C2 Q8', with s for spatial and t for temporal loops.");
            }

            int level = accelerator.LevelIndex(part[..dot]);
            if (!named.Add((level, kind)))
            {
                throw new FormatException($"'{part}': the loops of '{part[..colon]}' are there twice; write all of them in one part.");
            }

            ImmutableArray<Loop> loops = [.. part[(colon + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(ParseLoop)];
            levels[level] = kind == "s" ? levels[level] with { Spatial = loops } : levels[level] with { Temporal = loops };
        }

        return new LoopNest([.. levels]);
    }

    /// <summary>The mapping in one line.</summary>
    /// <param name="accelerator">Names the levels.</param>
    public string ToString(Accelerator accelerator)
    {
        ArgumentNullException.ThrowIfNull(accelerator);
        return string.Join("; ", Levels.SelectMany((level, i) => (string[])
        [
            .. level.Spatial.IsEmpty ? [] : (string[])[$"{accelerator.Levels[i].Name}.s:{string.Join(' ', level.Spatial)}"],
            .. level.Temporal.IsEmpty ? [] : (string[])[$"{accelerator.Levels[i].Name}.t:{string.Join(' ', level.Temporal)}"],
        ]));
    }

    /// <summary>The mapping as nested loops, outermost first, a line each.</summary>
    /// <param name="accelerator">Names the levels.</param>
    public string ToText(Accelerator accelerator)
    {
        ArgumentNullException.ThrowIfNull(accelerator);
        StringBuilder text = new();
        int depth = 0;
        for (int i = Levels.Length - 1; i >= 0; i--)
        {
            AcceleratorLevel level = accelerator.Levels[i];
            string keeps = level.Keeps.IsEmpty ? "" : $" ({string.Join(", ", level.Keeps.Select(operand => operand.ToString().ToLowerInvariant()))})";
            Line($"{level.Name}{keeps}");
            depth++;
            WriteLoops(Levels[i].Temporal, "for");
            WriteLoops(Levels[i].Spatial, "parallel-for");
        }

        Line("outputs[n, m, q, p] += weights[c, m, r, s] * inputs[n, c, x, y]");
        return text.ToString();

        void WriteLoops(ImmutableArray<Loop> loops, string keyword)
        {
            for (int j = loops.Length - 1; j >= 0; j--)
            {
                string name = loops[j].Dimension.ToString().ToLowerInvariant();
                Line(string.Create(CultureInfo.InvariantCulture, $"{keyword} {name} in 0..{loops[j].Bound - 1}"));
                depth++;
            }
        }

        void Line(string line) => text.Append(' ', 2 * depth).Append(line).Append('\n');
    }

    /// <inheritdoc/>
    public bool Equals(LoopNest? other) => other is not null && Levels.Length == other.Levels.Length
        && Levels.Zip(other.Levels).All(pair =>
            pair.First.Spatial.SequenceEqual(pair.Second.Spatial) && pair.First.Temporal.SequenceEqual(pair.Second.Temporal));

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        HashCode hash = default;
        foreach (Loop loop in Levels.SelectMany(level => level.Spatial.Concat(level.Temporal)))
        {
            hash.Add(loop);
        }

        return hash.ToHashCode();
    }

    private static Loop ParseLoop(string text) =>
        char.IsAsciiLetter(text[0]) && Enum.TryParse(text[..1], out Dimension dimension) && int.TryParse(text[1..], NumberStyles.None, CultureInfo.InvariantCulture, out int bound) && bound > 0
            ? new Loop(dimension, bound)
            : throw new FormatException($"'{text}' is not a loop; write one of C, M, R, S, N, P, Q and how often it runs, for example C4.");
}
