using Microsoft.ML.Binary.Files;

namespace Microsoft.ML.Binary.Tests.Files;

[TestClass]
public sealed class LookalikeNameTests
{
    [TestMethod]
    public void TheTableOfDecompositionsIsWhole()
    {
        // Counted in Unicode 16 by a runtime with ICU: canonical decompositions outside Hangul and CJK compatibility ideographs.
        int decomposed = Enumerable.Range(0x80, 0xAC00 - 0x80).Count(c => LookalikeName.Fold($"{(char)c}", ignoreCase: false) != $"{(char)c}");
        Assert.AreEqual(984 + 13, decomposed);
        Assert.AreEqual("e\u0301", LookalikeName.Fold("\u00E9", ignoreCase: false));
        Assert.AreEqual(LookalikeName.Fold("\u1EC7", false), LookalikeName.Fold("e\u0302\u0323", false), "marks in another order");
        Assert.AreEqual("\u1112\u1161\u11AB", LookalikeName.Fold("\uD55C", false));
        Assert.AreNotEqual(LookalikeName.Fold("\u00E9", false), LookalikeName.Fold("\u00E8", false));
    }
}
