namespace Microsoft.ML.Binary.Tests;

/// <summary>The sources that the tests were compiled from.</summary>
internal static class Sources
{
    /// <summary>Their root; ends the test as inconclusive where they are not above the compiled tests.</summary>
    public static string Folder
    {
        get
        {
            for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            {
                if (File.Exists(Path.Combine(folder.FullName, "MlBinary.sln")))
                {
                    return folder.FullName;
                }
            }

            throw new AssertInconclusiveException("There are no sources here.");
        }
    }
}
