using Microsoft.ML.Binary.Mapping;

namespace Microsoft.ML.Binary.Tests.Mapping;

/// <summary>What readers of figures are told about partial sums.</summary>
[TestClass]
public sealed class MappingNotesTests
{
    private static readonly BitWidths Narrow = new(8, 8, 8, 8), Between = new(8, 8, 8, 12), Usual = new(8, 8, 8);

    [TestMethod]
    public void PartialSumsAsNarrowAsOutputs_AreOptimistic() =>
        CollectionAssert.AreEqual((string[])["Partial sums are counted as narrow as finished outputs, which is optimistic."], OfSums(Narrow, Narrow));

    [TestMethod]
    public void WiderOnes_AreNotCalledNarrow()
    {
        CollectionAssert.AreEqual((string[])["Partial sums take 12 bits, in the last level too; finished outputs are written there at their own width."], OfSums(Between));
        CollectionAssert.AreEqual((string[])["Partial sums take 12 or 16 bits, in the last level too; finished outputs are written there at their own width."], OfSums(Usual, Between));
    }

    [TestMethod]
    public void OfBothKinds_BothAreTold() => CollectionAssert.AreEqual(
        (string[])
        [
            "Partial sums of some layers are counted as narrow as finished outputs, which is optimistic.",
            "Partial sums of the others take 16 bits, in the last level too; finished outputs are written there at their own width.",
        ],
        OfSums(Narrow, Usual));

    private static string[] OfSums(params BitWidths[] bits) =>
    [
        .. MappingNotes.Of([.. bits.Select(widths => new Workload { Name = "layer", C = 4, M = 4, P = 4, Bits = widths })], Accelerator.Preset("eyeriss"), new())
            .Where(note => note.StartsWith("Partial sums", StringComparison.Ordinal)),
    ];
}
