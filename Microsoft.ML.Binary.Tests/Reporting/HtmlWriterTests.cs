using Microsoft.ML.Binary.Reporting;

namespace Microsoft.ML.Binary.Tests.Reporting;

[TestClass]
public sealed class HtmlWriterTests
{
    [TestMethod]
    public void TextAndAttributes_AreEscaped()
    {
        HtmlWriter html = new();
        html.Element("p", "a < b & \"c\" > 'd'", ("title", "\"><script>"));
        Assert.AreEqual("<p title=\"&quot;&gt;&lt;script&gt;\">a &lt; b &amp; &quot;c&quot; &gt; &#39;d&#39;</p>", html.ToString());
    }

    [TestMethod]
    public void CharactersThatNoPageCanHold_AreReplaced()
    {
        HtmlWriter html = new();
        html.Element("p", "a\u0000b\u001Bc\uFFFFd\te \U0001F600");
        Assert.AreEqual("<p>a\uFFFDb\uFFFDc\uFFFDd\te \U0001F600</p>", html.ToString());
        ReportData.Parse(html.ToString());
    }

    [TestMethod]
    public void Scopes_CloseInOrder()
    {
        HtmlWriter html = new();
        using (html.Open("div", ("class", "a")))
        using (html.Open("p"))
        {
            html.Empty("br");
        }

        Assert.AreEqual("<div class=\"a\"><p><br/></p></div>", html.ToString());
    }

    [TestMethod]
    [DataRow("a < b")]
    [DataRow("</style><script>")]
    [DataRow("a & b")]
    public void Style_ThatWouldNeedEscaping_IsRefused(string css) => Assert.ThrowsExactly<ArgumentException>(() => new HtmlWriter().Style(css));
}
