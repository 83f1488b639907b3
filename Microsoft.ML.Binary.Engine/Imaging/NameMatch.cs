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
                    throw new InvalidDataException(
                        $"{matches[1].Path}: a second {what} named '{matches[1].Name}' beside {Path.GetFileName(matches[0].Path)}; base names must be unique.");
                }

                if (matches.Length == 1 && group.Count() == 1)
                {
                    found[group.Single()] = matches[0];
                }
            }

            free.RemoveAll(new HashSet<NamedFile>(found.OfType<NamedFile>()).Contains);
        }
    }
}
