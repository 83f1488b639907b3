using System.Reflection;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using Microsoft.ML.Binary.Graph;

namespace Microsoft.ML.Binary.Tests.Architecture;

/// <summary>Every public type shows how it is used. That the examples compile is held by eng/snippets.cs.</summary>
[TestClass]
public sealed class ExampleTests
{
    [TestMethod]
    [DataRow(typeof(DenseNetwork))]
    [DataRow(typeof(SegmentationTransformer))]
    [DataRow(typeof(ResearchNetworks))]
    public void EveryPublicType_HasAnExampleThatUsesIt(Type member)
    {
        ILookup<string, string> examples = Examples(member.Assembly);

        // Extension members have types of their own, with names that no source can hold.
        Type[] types = [.. member.Assembly.GetExportedTypes().Where(type => !type.FullName!.Contains('<', StringComparison.Ordinal))];
        Assert.IsNotEmpty(types);
        string[] without = [.. types.Where(type => !examples[IdOf(type)].Any(code => Uses(code, type))).Select(type => type.FullName!).Order(StringComparer.Ordinal)];
        Assert.IsEmpty(without, $"Without an <example> whose code names the type or a member of it: {without.Length} types\n{string.Join('\n', without)}");
    }

    [TestMethod]
    public void AnExampleOfSomethingElse_IsNone()
    {
        Assert.IsTrue(Uses("DenseNetwork network = PretrainedNetworks.Load(model);", typeof(DenseNetwork)));
        Assert.IsTrue(Uses("Use(network.ClassNames);", typeof(DenseNetwork)));
        Assert.IsFalse(Uses("MyDenseNetworks networks = new();", typeof(DenseNetwork)));
        Assert.IsFalse(Uses("Console.WriteLine(network.ToString());", typeof(DenseNetwork)));
    }

    // Code by type: the examples of the type itself, and those of its members.
    private static ILookup<string, string> Examples(Assembly assembly) => XDocument.Load(Path.ChangeExtension(assembly.Location, ".xml")).Descendants("member")
        .SelectMany(member => member.Elements("example").Elements("code").Select(code => (Type: TypeOf((string)member.Attribute("name")!), Code: code.Value)))
        .ToLookup(example => example.Type, example => example.Code, StringComparer.Ordinal);

    private static string IdOf(Type type) => type.FullName!.Replace('+', '.');

    // "T:Space.Type" or "M:Space.Type.Member(Parameter.Types)".
    private static string TypeOf(string id)
    {
        string name = id[2..].Split('(')[0];
        return id.StartsWith("T:", StringComparison.Ordinal) ? name : name[..name.LastIndexOf('.')];
    }

    private static bool Uses(string code, Type type)
    {
        const BindingFlags declared = BindingFlags.Public | BindingFlags.Static | BindingFlags.Instance | BindingFlags.DeclaredOnly;
        IEnumerable<string> members = type.GetMembers(declared).Select(member => Regex.Replace(member.Name, "^get_", "")).Where(member => typeof(object).GetMember(member).Length == 0);
        return Regex.IsMatch(code, $@"\b{Regex.Replace(type.Name, "`.*|Attribute$", "")}\b")
            || members.Any(member => Regex.IsMatch(code, $@"\.{Regex.Escape(member)}\b|\b{Regex.Escape(member)} = "));
    }
}
