namespace Microsoft.ML.Binary.Files;

/// <summary>What lies at a path, links followed.</summary>
internal enum PathKind
{
    /// <summary>Nothing, or nothing that can be looked at.</summary>
    None,

    /// <summary>A file whose bytes are kept.</summary>
    Regular,

    /// <summary>A folder.</summary>
    Folder,

    /// <summary>A terminal, a pipe, a socket, <c>/dev/null</c>: what is written goes somewhere at once.</summary>
    Stream,

    /// <summary>A disk.</summary>
    BlockDevice,
}
