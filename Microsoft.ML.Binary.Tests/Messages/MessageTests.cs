using Microsoft.ML.Binary.Messages;

namespace Microsoft.ML.Binary.Tests.Messages;

[TestClass]
public sealed class MessageTests
{
    [TestMethod]
    [DataRow("a\u001B[2Jb", "a\\u001B[2Jb")]
    [DataRow("a\u009B2Jb", "a\\u009B2Jb")]
    [DataRow("bell\a, back\b, end\u007F", "bell\\u0007, back\\u0008, end\\u007F")]
    [DataRow("gpj.\u202Eexe", "gpj.\\u202Eexe")]
    [DataRow("line\u2028line", "line\\u2028line")]
    [DataRow("two\nlines\tand\rmore", "two\\u000Alines\\u0009and\\u000Dmore")]
    [DataRow("Stra\u00DFe \u4E2D \uD83D\uDE97", "Stra\u00DFe \u4E2D \uD83D\uDE97")]
    public void NamesOnATerminalAreOnlyShown(string name, string shown) => Assert.AreEqual(shown, SafeText.OneLine(name));

    [TestMethod]
    public void TextOfSeveralLinesKeepsThem() => Assert.AreEqual("a\r\nb\n\tc\\u000Dd\\u001B", SafeText.Lines("a\r\nb\n\tc\rd\u001B"));

    [TestMethod]
    public void ParametersAreNotForUsers()
    {
        Assert.AreEqual("Bad.", ErrorText.Of(new ArgumentException("Bad.", "folder")));
        Assert.AreEqual("Bad.", ErrorText.Of(new ArgumentException("Bad.")));
        string range = ErrorText.Of(new ArgumentOutOfRangeException("count", 300, "From 1 to 255."));
        StringAssert.StartsWith(range, "From 1 to 255.");
        Assert.DoesNotContain("Parameter", range);
    }

    [TestMethod]
    public void MissingLibrary_IsSaidHoweverDeepItLies()
    {
        TypeInitializationException error = new("SkiaSharp.SKImageInfo", new TypeInitializationException("X", new DllNotFoundException("Unable to load shared library 'libSkiaSharp'. In order to diagnose:\nlong story")));
        string message = ErrorText.Of(error);
        StringAssert.Contains(message, "Unable to load shared library 'libSkiaSharp'.");
        StringAssert.Contains(message, "PNG");
        Assert.DoesNotContain("In order to", message);
        Assert.AreEqual("a.jpg: not decoded.", ErrorText.Of(new InvalidDataException("a.jpg: not decoded.", error)), "an error that says more goes first");
        Assert.IsNull(ErrorText.MissingLibrary(new TypeInitializationException("X", new InvalidOperationException())));
    }

    [TestMethod]
    public void DeniedAccess_SaysTheWayOut()
    {
        StringAssert.Contains(ErrorText.Of(new UnauthorizedAccessException("Access to the path '/x' is denied.")), "permissions");
        StringAssert.StartsWith(ErrorText.Of(new UnauthorizedAccessException("Access to the path is denied.", new IOException("Bad file descriptor", 9))), "The output is closed;");
        string temporary = Path.Combine(Path.GetTempPath(), "x");
        StringAssert.Contains(ErrorText.OfModel(new UnauthorizedAccessException($"Access to the path '{temporary}' is denied.")), "TMPDIR");
        Assert.DoesNotContain("TMPDIR", ErrorText.OfModel(new IOException("The disk is full: '/elsewhere'.")));
    }

    [TestMethod]
    [DataRow(0, "0 masks")]
    [DataRow(1, "1 mask")]
    [DataRow(1234, "1,234 masks")]
    public void CountsAgreeWithTheirNouns(int count, string text) => Assert.AreEqual(text, Plural.Of(count, "mask"));

    [TestMethod]
    [DataRow(0, "0:00:00")]
    [DataRow(3723, "1:02:03")]
    [DataRow(93609, "26:00:09")]
    public void DaysAreHours(int seconds, string text) => Assert.AreEqual(text, Figure.Of(TimeSpan.FromSeconds(seconds)));

    [TestMethod]
    public void OddPlurals_AreGiven() => Assert.AreEqual("2 classes", Plural.Of(2, "class", "classes"));

    [TestMethod]
    public void UndefinedFiguresAreDashes()
    {
        Assert.AreEqual("-", Figure.Of(double.NaN));
        Assert.AreEqual("0.5000", Figure.Of(0.5));
        Assert.AreEqual("- [-, -]", new ConfidenceInterval(double.NaN, double.NaN, double.NaN, 0.95).ToString());
    }

    [TestMethod]
    public void WhatReflectionWrapsIsSaid()
    {
        Exception cause = new InvalidDataException("the entry is damaged.");

        Assert.AreEqual(cause.Message, ErrorText.Of(new System.Reflection.TargetInvocationException(new AggregateException(cause))));
        Assert.AreEqual(cause.Message, ErrorText.OfModel(new System.Reflection.TargetInvocationException(cause)));
    }
}
