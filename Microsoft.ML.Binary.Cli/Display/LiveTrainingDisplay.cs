using Microsoft.ML.Binary.Messages;
using Microsoft.ML.Binary.Training;
using Spectre.Console;
using Spectre.Console.Rendering;
using static System.FormattableString;

namespace Microsoft.ML.Binary.Cli.Display;

/// <summary>A panel that stays in place: a bar, the figures of the moment and the course of the loss.</summary>
internal sealed class LiveTrainingDisplay : IProgress<TrainingProgress>
{
    private const int BarWidth = 48;

    private readonly LiveDisplayContext _context;
    private readonly string? _metric;
    private readonly LossCurve _losses = new(BarWidth);

    private LiveTrainingDisplay(LiveDisplayContext context, string? metric) => (_context, _metric) = (context, metric);

    public static TrainingResult Show(IAnsiConsole console, string? metric, Func<IProgress<TrainingProgress>, TrainingResult> train) =>
        console.Live(new Text("Reading the training images ...")).Start(context => train(new LiveTrainingDisplay(context, metric)));

    public void Report(TrainingProgress value)
    {
        _losses.Add(value.Fraction, value.Loss);
        _context.UpdateTarget(Panel(value));
        _context.Refresh();
    }

    private Panel Panel(TrainingProgress value)
    {
        int filled = (int)Math.Round(value.Fraction * BarWidth);
        Grid grid = new Grid().AddColumn(new GridColumn().NoWrap().PadRight(2)).AddColumn(new GridColumn().NoWrap());
        Row("", $"[green]{new string('━', filled)}[/][grey]{new string('━', BarWidth - filled)}[/]  {Invariant($"{value.Fraction:0%}")}");
        Row("step", Invariant($"{value.Step:N0} of {value.TotalSteps:N0}, epoch {value.Epoch:0.00}"));
        Row("loss", Invariant($"[yellow]{Figure.Of(value.Loss)}[/]"));
        Row("", $"[yellow]{_losses}[/]");
        Row("learning rate", Invariant($"{value.LearningRate:0.00e+0}"));
        if (_metric is not null)
        {
            Row(_metric, value.ValidationMetric is { } figure ? Invariant($"[green]{Figure.Of(figure)}[/]") : "[grey]not measured yet[/]");
        }

        Row("time", $"{Figure.Of(value.Elapsed)} elapsed, [bold]{Figure.Of(value.Remaining)} left[/]");
        return new Panel(grid).Header("training, Ctrl+C ends it and keeps the model").RoundedBorder().BorderColor(Color.Grey);

        void Row(string name, string markup) => grid.AddRow((IRenderable)new Markup($"[grey]{name}[/]"), new Markup(markup));
    }
}
