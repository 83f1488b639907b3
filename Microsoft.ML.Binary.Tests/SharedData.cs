namespace Microsoft.ML.Binary.Tests;

/// <summary>Finds research data that lies beside the repository on some machines and is never part of it.</summary>
internal static class SharedData
{
    /// <summary>Path of a file or folder under <c>../shared/data</c>; ends the test as inconclusive where it is absent.</summary>
    public static string PathOf(params string[] parts)
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder != null; folder = folder.Parent)
        {
            string data = Path.Combine(folder.FullName, "shared", "data");
            if (Directory.Exists(data))
            {
                string path = Path.Combine([data, .. parts]);
                return Path.Exists(path) ? path : throw new AssertInconclusiveException($"{path} is absent: this test needs it.");
            }
        }

        throw new AssertInconclusiveException(
            $"The folder shared/data is absent beside the repository: this test needs {Path.Combine(parts)} from it.");
    }
}
