using System.Text;
using Microsoft.ML.Binary.Cli.Options;

namespace Microsoft.ML.Binary.Tests.Cli;

[TestClass]
public sealed class ClassFileTests
{
    [TestMethod]
    [DataRow("sky\nroad\n")]
    [DataRow("sky\r\nroad\r\n")]
    [DataRow("sky\rroad")]
    [DataRow("  sky  \n\troad\t\n\n  \n\t\n")]
    [DataRow("\uFEFFsky\nroad")]
    [DataRow("sky\t\nroad\t\t")]
    [DataRow("\u00A0sky\u00A0\nroad")]
    public void StrayBlanks_DoNotCount(string text)
    {
        ClassList classes = Read(Encoding.UTF8.GetBytes(text));
        CollectionAssert.AreEqual(new[] { "sky", "road" }, classes.Names.ToArray());
        Assert.IsTrue(classes.Colors.IsEmpty);
        Assert.IsNull(classes.MaskColors);
    }

    [TestMethod]
    [DataRow("sky\t#808080\nroad way\t#804080\n")]
    [DataRow("sky\t\t#808080\t\nroad way \t #804080\n")]
    [DataRow("sky #808080\nroad way   #804080\n")]
    public void Colors_StandAfterNames(string text)
    {
        ClassList classes = Read(Encoding.UTF8.GetBytes(text));
        CollectionAssert.AreEqual(new[] { "sky", "road way" }, classes.Names.ToArray());
        CollectionAssert.AreEqual(new[] { "#808080", "#804080" }, classes.Colors.ToArray());
        Assert.IsNotNull(classes.MaskColors);
    }

    [TestMethod]
    public void OtherEncodings_AreRead()
    {
        const string text = "Stra\u00DFe\nB\u00FCrgersteig\n";
        foreach (Encoding encoding in new[] { Encoding.UTF8, Encoding.Latin1, Encoding.Unicode, Encoding.BigEndianUnicode })
        {
            byte[] preamble = encoding == Encoding.Latin1 ? [] : encoding.GetPreamble();
            CollectionAssert.AreEqual(new[] { "Stra\u00DFe", "B\u00FCrgersteig" }, Read([.. preamble, .. encoding.GetBytes(text)]).Names.ToArray(), encoding.WebName);
        }
    }

    [TestMethod]
    [DataRow("sky\n\u001B[31mroad\n", "line 2")]
    [DataRow("sky\t#112233\nroad\t#112233\n", "#112233 stands for class 0 and for class 1")]
    [DataRow("sky\nsky  \n", "line 2 names the class 'sky' as line 1 does")]
    [DataRow("sky\n255\t#000000\nroad\n", "line 2 gives the colour #000000 to pixels to ignore, but no class has a colour")]
    [DataRow("sky,#808080\nroad,#804080\n", "line 1 is 'sky,#808080'; a colour stands after a tab, as #RRGGBB: 'sky', a tab, '#808080'.")]
    [DataRow("sky\nroad way ; #804080\n", "line 2 is 'road way ; #804080'; a colour stands after a tab, as #RRGGBB: 'road way', a tab, '#804080'.")]
    [DataRow("sky:#808080\nroad\n", "line 1 is")]
    [DataRow("sky,128,128,128\nroad,128,64,128\n", "line 1 is 'sky,128,128,128'; a colour stands after a tab, as #RRGGBB: 'sky', a tab, '#RRGGBB'.")]
    [DataRow("sky:128,128,128::\nroad:128,64,128::\n", "'sky', a tab, '#RRGGBB'")]
    [DataRow("sky:::\nroad:128,64,128:lane,kerb:\n", "'sky', a tab, '#RRGGBB'")]
    [DataRow("# label:color_rgb:parts:actions\nsky:128,128,128::\n", "line 1 is '# label:color_rgb:parts:actions', a comment")]
    [DataRow("__ignore__\nsky\nroad\n", "line 1 is '__ignore__', and every line is a class")]
    public void WrongLines_AreNamed(string text, string message) =>
        StringAssert.Contains(Assert.ThrowsExactly<InvalidDataException>(() => Read(Encoding.UTF8.GetBytes(text))).Message, message);

    [TestMethod]
    [DataRow("C#")]
    [DataRow("#1")]
    [DataRow("car, parked")]
    [DataRow("zone:1")]
    [DataRow("a::b")]
    [DataRow("2,5 m")]
    public void NamesWithTheSignsOfOtherLists_AreNames(string name) => Assert.AreEqual(name, Read(Encoding.UTF8.GetBytes($"sky\n{name}\n")).Names[1]);

    [TestMethod]
    public void LongNames_AreRefusedBeforeTraining() =>
        StringAssert.Contains(Assert.ThrowsExactly<InvalidDataException>(() => Read(Encoding.UTF8.GetBytes($"sky\n{new string('x', 257)}"))).Message, "256");

    [TestMethod]
    [DataRow("clases.txt")]
    [DataRow("eleven")]
    [DataRow("1.5")]
    public void MisspeltFile_IsSaidToBeNeitherNumberNorFile(string text)
    {
        string message = Assert.ThrowsExactly<FileNotFoundException>(() => ClassList.Parse(text)).Message;
        StringAssert.StartsWith(message, $"{text}: --classes takes the number of classes, or a file");
        Assert.DoesNotContain("Could not find", message);
    }

    private static ClassList Read(byte[] bytes)
    {
        using TemporaryFolder folder = new();
        File.WriteAllBytes(folder.File("classes.txt"), bytes);
        return ClassList.Parse(folder.File("classes.txt"));
    }
}
