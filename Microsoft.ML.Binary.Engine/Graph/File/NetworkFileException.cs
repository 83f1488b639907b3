namespace Microsoft.ML.Binary.Graph;

/// <summary>A network file that cannot be used: the message names it, says what is wrong with it and what to do.</summary>
/// <example>
/// <code>
/// try
/// {
///     DenseNetwork uploaded = DenseNetwork.Load("upload.mlbn");
/// }
/// catch (NetworkFileException e)
/// {
///     Console.WriteLine(e.Message);                                       // damaged, of a later version, or no network file
/// }
/// </code>
/// </example>
public sealed class NetworkFileException : IOException
{
    /// <summary>Makes the exception for one file.</summary>
    public NetworkFileException(string file, string problem, Exception? innerException = null)
        : base($"'{file}': {problem}", innerException) => File = file;

    /// <summary>The path, or what the reader of a stream called it.</summary>
    public string File { get; }
}
