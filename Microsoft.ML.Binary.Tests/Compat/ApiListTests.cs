using Microsoft.ML.Binary.Imaging;

namespace Microsoft.ML.Binary.Tests.Compat;

/// <summary>
/// Keeps <c>eng/mlnet-api.txt</c>, the list of every ML.NET type and member that the library refers to, equal to what its compiled assembly
/// says, and each line true of the ML.NET that these tests run on. After a change, rewrite the list with
/// <c>MLNET_API_UPDATE=1 dotnet test --filter ApiListTests</c> and commit it.
/// </summary>
[TestClass]
public class ApiListTests
{
    private const string UpdateVariable = "MLNET_API_UPDATE";

    [TestMethod]
    public void TheListIsWhatTheLibraryRefersTo()
    {
        SortedSet<string> used = MlNetReferences.Of(typeof(Palette).Assembly.Location);
        if (Environment.GetEnvironmentVariable(UpdateVariable) == "1")
        {
            File.WriteAllLines(ListFile(), used);
        }

        HashSet<string> listed = [.. File.ReadAllLines(ListFile())];
        Assert.AreEqual("", string.Join('\n', used.Except(listed)), $"used and not listed; rewrite the list with {UpdateVariable}=1");
        Assert.AreEqual("", string.Join('\n', listed.Except(used)), $"listed and not used; rewrite the list with {UpdateVariable}=1");
    }

    [TestMethod]
    public void EveryLineOfTheListIsPublicInThisMlNet()
    {
        HashSet<string> there = MlNetMembers.All();
        string[] listed = File.ReadAllLines(ListFile());
        Assert.AreNotEqual(0, listed.Length);
        Assert.AreEqual("", string.Join('\n', listed.Where(line => !there.Contains(line))));
    }

    private static string ListFile()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder != null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "MlBinary.sln")))
            {
                return Path.Combine(folder.FullName, "eng", "mlnet-api.txt");
            }
        }

        throw new DirectoryNotFoundException($"No folder above {AppContext.BaseDirectory} holds MlBinary.sln.");
    }
}
