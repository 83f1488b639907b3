namespace Microsoft.ML.Binary.Tests.Pipeline;

[TestClass]
public sealed class DataViewHtmlTests
{
    private readonly MLContext _ml = new(1);

    [TestMethod]
    public void VectorsOfAnything_AreShownByTheirValues()
    {
        IDataView rows = _ml.Data.LoadFromEnumerable<Row>([new()]);
        rows = _ml.Transforms.Conversion.MapValueToKey("Keys", "Words").Fit(rows).Transform(rows);

        string html = rows.ToHtml();

        StringAssert.Contains(html, ">0, -1, 2, 3, 4, 5, ... (7 values)<");
        StringAssert.Contains(html, ">9000000000<");
        StringAssert.Contains(html, ">a &lt;b&gt;, c<");
        StringAssert.Contains(html, ">True, False<");
        StringAssert.Contains(html, ">1, 2<");
        StringAssert.Contains(html, ">1.5, NaN<");
        StringAssert.Contains(html, ">3, 4<");
        Assert.DoesNotContain("ector", html);
    }

    [TestMethod]
    [DataRow(1, "The first 1 row.")]
    [DataRow(2, "The first 2 rows.")]
    [DataRow(3, ">3 rows.")]
    public void HowManyRowsThereAre_IsSaid(int maxRows, string expected) => StringAssert.Contains(_ml.Data.LoadFromEnumerable<Row>([new(), new(), new()]).ToHtml(maxRows), expected);

    private sealed class Row
    {
        public int[] Integers { get; set; } = [0, -1, 2, 3, 4, 5, 6];

        public long[] Longs { get; set; } = [9_000_000_000];

        public string[] Words { get; set; } = ["a <b>", "c"];

        public bool[] Flags { get; set; } = [true, false];

        public double[] Doubles { get; set; } = [1.5, double.NaN];

        public byte[] Bytes { get; set; } = [3, 4];
    }
}
