using System.Globalization;

namespace Microsoft.ML.Binary.Fuzz.Parsers;

/// <summary>Files for what reads from disk: one for each thread, in a folder that is deleted when the process ends.</summary>
internal static class ScratchFile
{
    private static readonly string s_folder = NewFolder();

    [ThreadStatic]
    private static string? s_path;

    /// <summary>The path of this thread's file.</summary>
    public static string Path => s_path ??= System.IO.Path.Combine(s_folder, Environment.CurrentManagedThreadId.ToString(CultureInfo.InvariantCulture));

    /// <summary>The same, with these bytes in it.</summary>
    public static string Of(byte[] bytes)
    {
        File.WriteAllBytes(Path, bytes);
        return Path;
    }

    private static string NewFolder()
    {
        string folder = Directory.CreateTempSubdirectory("mlbinary-fuzz-").FullName;
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Directory.Delete(folder, recursive: true);
        return folder;
    }
}
