namespace Microsoft.ML.Binary.Tests;

/// <summary>Finds research data that lies beside the repository on some machines and is never part of it.</summary>
internal static class SharedData
{
    /// <summary>Path of a file or folder under <c>../shared/data</c>; ends the test as inconclusive where there is no such data at all.</summary>
    public static string PathOf(params string[] parts) => Find("data", parts);

    /// <summary>As <see cref="PathOf"/> for <c>../shared/cases</c>: files that once broke something.</summary>
    public static string Case(params string[] parts) => Find("cases", parts);

    private static string Find(string kind, string[] parts)
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder != null; folder = folder.Parent)
        {
            string data = Path.Combine(folder.FullName, "shared", kind);
            if (Directory.Exists(data))
            {
                string path = Path.Combine([data, .. parts]);
                return Path.Exists(path) ? path : throw new AssertFailedException($"{data} is there, but {path} is not: where there is data, no test of it may skip.");
            }
        }

        throw new AssertInconclusiveException(
            $"The folder shared/{kind} is absent beside the repository: this test needs {Path.Combine(parts)} from it.");
    }
}
