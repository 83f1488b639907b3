using Microsoft.ML.Binary.Cli.Display;
using Microsoft.ML.Binary.Training;
using Spectre.Console;

namespace Microsoft.ML.Binary.Tests.Cli;

[TestClass]
public sealed class DisplayTests
{
    private static readonly TrainingProgress Progress = new(
        30, 120, 0.25, 1.5, 0.71234, 1.9e-3, 0.4321, new TimeSpan(1, 2, 3), new TimeSpan(26, 0, 9));

    [TestMethod]
    public void PlainLine_HasEveryFigure()
    {
        using StringWriter output = new();
        TrainingDisplay.Show(new Terminal(output, TextWriter.Null, null), "mIoU", Train);
        Assert.AreEqual(
            "step 30/120  epoch 1.50  loss 0.7123  lr 1.90e-3  mIoU 0.4321  elapsed 1:02:03  left 26:00:09", output.ToString().TrimEnd());
    }

    [TestMethod]
    public void LivePanel_HasEveryFigure()
    {
        using StringWriter output = new();
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = AnsiSupport.Yes,
            ColorSystem = ColorSystemSupport.NoColors,
            Out = new AnsiConsoleOutput(output),
        });
        console.Profile.Width = 120;
        TrainingDisplay.Show(new Terminal(output, TextWriter.Null, console), "MAE", Train);
        foreach (string part in new[] { "25%", "30 of 120", "0.7123", "1.90e-3", "MAE", "0.4321", "1:02:03 elapsed", "26:00:09 left" })
        {
            StringAssert.Contains(output.ToString(), part);
        }
    }

    [TestMethod]
    public void LossCurve_ScalesBetweenItsLowestAndHighestMean()
    {
        LossCurve curve = new(4);
        Assert.AreEqual("    ", curve.ToString());
        curve.Add(0.1, 8);
        curve.Add(0.2, 6);
        curve.Add(0.3, 3.5);
        curve.Add(1, 0);
        Assert.AreEqual("█▅ ▁", curve.ToString());
    }

    private static TrainingResult Train(IProgress<TrainingProgress> progress)
    {
        progress.Report(Progress);
        return null!;
    }
}
