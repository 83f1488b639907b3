using Microsoft.ML.Binary.Imaging;

namespace Microsoft.ML.Binary.Tests.Compat;

/// <summary>
/// Keeps two committed lists true of the ML.NET that these tests run on. <c>eng/mlnet-api.txt</c> names every ML.NET type and member that the
/// library refers to, and must equal what its compiled assembly says. <c>eng/mlnet-compat-api.txt</c> is all that compat/ offers, so that the
/// tests on the packages see where it promises something that ML.NET has not. After a change, rewrite them with
/// <c>MLNET_API_UPDATE=1 dotnet test --filter ApiListTests -p:MlNet=compat</c> and commit them.
/// </summary>
[TestClass]
public class ApiListTests
{
    private const string UpdateVariable = "MLNET_API_UPDATE";
    private const string UsedList = "mlnet-api.txt";
    private const string CompatList = "mlnet-compat-api.txt";

    private static bool IsUpdate => Environment.GetEnvironmentVariable(UpdateVariable) == "1";

    [TestMethod]
    public void TheListIsWhatTheLibraryRefersTo()
    {
        CheckOrRewrite(UsedList, MlNetReferences.Of(typeof(Palette).Assembly.Location));
    }

    [TestMethod]
    public void TheCompatListIsWhatCompatOffers()
    {
        if (!Sample.IsCompat)
        {
            Assert.Inconclusive("These tests run on the ML.NET packages; with -p:MlNet=compat the list is compared.");
        }

        CheckOrRewrite(CompatList, MlNetMembers.All());
    }

    [TestMethod]
    [DataRow(UsedList)]
    [DataRow(CompatList)]
    public void EveryLineOfAListIsPublicInThisMlNet(string list)
    {
        HashSet<string> there = MlNetMembers.All();
        string[] listed = File.ReadAllLines(PathOf(list));
        Assert.AreNotEqual(0, listed.Length);
        Assert.AreEqual("", string.Join('\n', listed.Where(line => !there.Contains(line))));
    }

    private static void CheckOrRewrite(string list, IReadOnlyCollection<string> actual)
    {
        if (IsUpdate)
        {
            File.WriteAllLines(PathOf(list), actual.Order(StringComparer.Ordinal));
        }

        string[] listed = File.ReadAllLines(PathOf(list));
        Assert.AreEqual("", string.Join('\n', actual.Except(listed)), $"missing in {list}; rewrite the lists with {UpdateVariable}=1");
        Assert.AreEqual("", string.Join('\n', listed.Except(actual)), $"superfluous in {list}; rewrite the lists with {UpdateVariable}=1");
    }

    private static string PathOf(string list)
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder != null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "MlBinary.sln")))
            {
                return Path.Combine(folder.FullName, "eng", list);
            }
        }

        throw new DirectoryNotFoundException($"No folder above {AppContext.BaseDirectory} holds MlBinary.sln.");
    }
}
