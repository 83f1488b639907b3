namespace Microsoft.ML.Binary.Fuzz.Mutants;

/// <summary>A fault to put into the code: another expression in the place of one that occurs once in a file.</summary>
/// <param name="Number">Counted from 1 in the list.</param>
/// <param name="Area">Which tests must find it.</param>
/// <param name="File">Name of the file, wherever it lies.</param>
/// <param name="Original">The expression.</param>
/// <param name="Changed">What takes its place, of the same type.</param>
/// <param name="Why">Why no test can find it, where none can.</param>
internal sealed record Mutant(int Number, string Area, string File, string Original, string Changed, string? Why)
{
    public string Name => $"{Number} [{Area}] {File}: {Original}  ->  {Changed}";

    /// <summary>
    /// Reads the list: <c>[area]</c>, and <c>file :: original ==> changed</c>, followed by <c>## why</c> if the change changes nothing.
    /// </summary>
    public static IReadOnlyList<Mutant> Read(string path)
    {
        List<Mutant> mutants = [];
        string area = "";
        foreach (string line in System.IO.File.ReadLines(path).Where(line => line.Length > 0 && line[0] != '#'))
        {
            if (line[0] == '[')
            {
                area = line.Trim('[', ']');
                continue;
            }

            string[] why = line.Split(" ## "), sides = why[0].Split(" ==> "), place = sides[0].Split(" :: ");
            mutants.Add(new(mutants.Count + 1, area, place[0].Trim(), place[1].Trim(), sides[1].Trim(), why.Length > 1 ? why[1].Trim() : null));
        }

        return mutants;
    }

    /// <summary>Puts the mutant into a source, switched by the environment.</summary>
    /// <exception cref="InvalidDataException">The expression is not there, or not once.</exception>
    public string Into(string source)
    {
        int at = source.IndexOf(Original, StringComparison.Ordinal);
        if (at < 0 || source.IndexOf(Original, at + 1, StringComparison.Ordinal) >= 0)
        {
            throw new InvalidDataException($"Mutant {Name}: the expression must occur once in the file.");
        }

        return source[..at] + $"(global::MutantSwitch.Is({Number}) ? ({Changed}) : ({Original}))" + source[(at + Original.Length)..];
    }
}
