using Microsoft.ML.Binary.Training.Data;

namespace Microsoft.ML.Binary.Tests.Training.Data;

[TestClass]
public sealed class EdgeMasksTests
{
    [TestMethod]
    public void BothSidesOfAChangeAreEdges() => Check(
        "aaabbb\naaabbb\naaabbb\naaabbb",
        "..##..\n..##..\n..##..\n..##..");

    [TestMethod]
    public void LinesAreWidenedToEverySide() => Check(
        "aaaabbbb\naaaabbbb\naaaabbbb",
        "..####..\n..####..\n..####..",
        widening: 1);

    [TestMethod]
    public void IgnoredPixelsAndTwoAroundThemTakeNoPart() => Check(
        "?aaaabb\naaaaabb\naaaaabb\naaaaabb",
        "???.##.\n???.##.\n???.##.\n....##.");

    [TestMethod]
    public void AChangeToAnIgnoredPixelIsNoEdge() => Check(
        "aaaaaaaa\naaaaaaaa\naaaaaaaa\naaaaaaaa\n????????",
        "........\n........\n????????\n????????\n????????");

    [TestMethod]
    public void GroupsOfFewerThanFourPixelsAreNoise() => Check(
        "ab",
        "..");

    private static void Check(string labels, string expected, int widening = 0)
    {
        string[] rows = labels.Split('\n');
        byte[] indices = [.. string.Concat(rows).Select(c => c == '?' ? (byte)255 : (byte)(c - 'a'))];
        byte[] edges = new byte[indices.Length];
        EdgeMasks.Derive(indices, rows[0].Length, 255, widening, edges);
        string[] actual = [.. edges.Chunk(rows[0].Length).Select(row => string.Concat(row.Select(e => e == 1 ? '#' : e == 255 ? '?' : '.')))];
        Assert.AreEqual(expected, string.Join('\n', actual));
    }
}
