namespace Microsoft.ML.Binary.Tests.Architecture;

/// <summary>Folders of sources, and which of them may refer to which.</summary>
internal sealed class Layers
{
    private readonly Dictionary<string, string> _folders = [];
    private readonly List<TypeReference> _references = [];
    private readonly Func<string, string?> _folderOf;

    /// <param name="assemblies">The compiled sources.</param>
    /// <param name="folderOf">The folder of a source file; null for files that do not count.</param>
    public Layers(IEnumerable<TypeReferences> assemblies, Func<string, string?> folderOf)
    {
        _folderOf = folderOf;
        foreach (TypeReferences assembly in assemblies)
        {
            _references.AddRange(assembly.References);
            foreach ((string type, string document) in assembly.Documents)
            {
                if (folderOf(document) is { } folder)
                {
                    _folders.Add(type, folder);
                }
            }
        }
    }

    public IEnumerable<string> Folders => _folders.Values.Distinct();

    /// <summary>The references that are not allowed: a folder may refer to itself and to those named beside it.</summary>
    public IEnumerable<string> Violations(IReadOnlyDictionary<string, string[]> allowed) =>
        from reference in _references
        let folder = _folderOf(reference.Document)
        where folder is not null && _folders.TryGetValue(reference.Target, out string? target) && target != folder && !allowed[folder].Contains(target)
        orderby reference.Document
        select $"{reference.Document}: {reference.Type} refers to {reference.Target} of {_folders[reference.Target]}";
}
