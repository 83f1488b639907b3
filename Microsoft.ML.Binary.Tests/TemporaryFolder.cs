using System.Diagnostics;

namespace Microsoft.ML.Binary.Tests;

/// <summary>A folder of its own for one test, deleted afterwards.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("mlbinary-test-").FullName;

    public string File(string name) => System.IO.Path.Combine(Path, name);

    /// <summary>An empty file, and the folders that it lies in.</summary>
    public string Touch(string name)
    {
        string path = File(name);
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(path)!);
        System.IO.File.WriteAllBytes(path, []);
        return path;
    }

    /// <summary>A named pipe, which Windows does not have.</summary>
    public string Pipe(string name)
    {
        string path = File(name);
        using Process make = Process.Start("mkfifo", [path]);
        make.WaitForExit();
        Assert.AreEqual(0, make.ExitCode);
        return path;
    }

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
