namespace Microsoft.ML.Binary.Files;

/// <summary>Opens files to read.</summary>
/// <example>
/// <code>
/// using FileStream stream = FileReading.Open("road.zip", () => File.OpenRead("road.zip"));                     // an IOException also where permission is missing
/// </code>
/// </example>
public static class FileReading
{
    /// <summary>Opens a file. One that may not be read is an <see cref="IOException"/>, as all are that cannot be.</summary>
    /// <param name="name">What messages call the file.</param>
    /// <param name="open">Opens it.</param>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static T Open<T>(string name, Func<T> open)
    {
        ArgumentNullException.ThrowIfNull(open);
        try
        {
            return open();
        }
        catch (UnauthorizedAccessException e)
        {
            throw new IOException(Directory.Exists(name) ? $"{name}: this is a folder, not a file." : $"{name}: the file cannot be read. Change its permissions.", e);
        }
    }
}
