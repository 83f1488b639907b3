using Microsoft.ML.Binary.Files;

namespace Microsoft.ML.Binary.Imaging;

/// <summary>
/// Brings two lists of files together by name: exactly where that is possible, and what is left by how names look, first with and then
/// without regard to case, as long as one file looks like one other only.
/// </summary>
internal static class NameMatch
{
    /// <summary>For each file of the first list, in its order, that of the second; null where there is none.</summary>
    /// <param name="first">Files of different names.</param>
    /// <param name="second">Files, among which names may be equal if nothing matches them.</param>
    /// <param name="firstName">The part of a first file's name that counts.</param>
    /// <param name="secondName">Likewise for a second file.</param>
    /// <param name="what">What messages call one of the second.</param>
    /// <exception cref="InvalidDataException">Two files of the second list have the name that one of the first asks for.</exception>
    public static NamedFile?[] Find(
        IReadOnlyList<NamedFile> first, IEnumerable<NamedFile> second, Func<NamedFile, string> firstName, Func<NamedFile, string> secondName, string what)
    {
        NamedFile?[] found = new NamedFile?[first.Count];
        List<NamedFile> free = [.. second];
        Match(name => name, refusesTwo: true);
        Match(name => LookalikeName.Fold(name, ignoreCase: false), refusesTwo: false);
        Match(name => LookalikeName.Fold(name, ignoreCase: true), refusesTwo: false);
        return found;

        void Match(Func<string, string> key, bool refusesTwo)
        {
            int[] open = [.. Enumerable.Range(0, found.Length).Where(i => found[i] is null)];
            if (open.Length == 0 || free.Count == 0)
            {
                return;
            }

            ILookup<string, NamedFile> candidates = free.ToLookup(file => key(secondName(file)), StringComparer.Ordinal);
            foreach (IGrouping<string, int> group in open.GroupBy(i => key(firstName(first[i])), StringComparer.Ordinal))
            {
                NamedFile[] matches = [.. candidates[group.Key]];
                if (matches.Length > 1 && refusesTwo)
                {
                    throw Second(matches[1], matches[0], what);
                }

                if (matches.Length == 1 && group.Count() == 1)
                {
                    found[group.Single()] = matches[0];
                }
            }

            free.RemoveAll(new HashSet<NamedFile>(found.OfType<NamedFile>()).Contains);
        }
    }

    /// <summary>Refuses two files of one name.</summary>
    /// <param name="files">Files in the order of their names.</param>
    /// <param name="what">What messages call one of them.</param>
    /// <param name="hint">What is said of two beside it; null for nothing.</param>
    /// <exception cref="InvalidDataException">Two have one name; the message names both.</exception>
    public static void CheckUnique(IReadOnlyList<NamedFile> files, string what, Func<NamedFile, NamedFile, string>? hint = null)
    {
        for (int i = 1; i < files.Count; i++)
        {
            if (files[i].Name == files[i - 1].Name)
            {
                throw Second(files[i], files[i - 1], what, hint?.Invoke(files[i], files[i - 1]));
            }
        }
    }

    private static InvalidDataException Second(NamedFile second, NamedFile first, string what, string? hint = null) =>
        new($"{second.Path}: a second {what} named '{second.Name}' beside {Path.GetFileName(first.Path)}; base names must be unique.{hint}");
}
