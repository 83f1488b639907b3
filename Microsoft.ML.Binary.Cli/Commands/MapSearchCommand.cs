using System.CommandLine;
using Microsoft.ML.Binary.Cli.Display;
using Microsoft.ML.Binary.Cli.Options;
using Microsoft.ML.Binary.Mapping;

namespace Microsoft.ML.Binary.Cli.Commands;

/// <summary><c>mlbinary map-search</c>: the bit widths of layers that trade accuracy for cost on an accelerator best.</summary>
internal static class MapSearchCommand
{
    private static readonly BitRange UsualBits = new(1, 8);

    /// <summary>What a search goes by.</summary>
    private enum AccuracyLevel
    {
        Sensitivity,
        Evaluate,
    }

    public static System.CommandLine.Command Create()
    {
        Option<string> model = CommandOption.Text("--model", "MODEL", ModelSource.Meaning + " Its convolutions must be real-valued.", required: true);
        Option<string> images = CommandOption.Text("--images", "DIR", "Folder of images that accuracy is measured on.", required: true);
        Option<string> masks = CommandOption.Text("--masks", "DIR", "Folder of their masks.", required: true);
        Option<ImageDimensions?> size = CommandOption.Size("--size", $"Size of the image that costs are counted for. [default: {ImageDimensions.Usual}]");
        Option<BitRange?> bits = CommandOption.Parsed<BitRange?>(
            "--bits", "LOWEST-HIGHEST", $"Widths to choose from, within 1-{BitRange.Largest}. [default: {UsualBits}]", $"a range like 2-8, within 1-{BitRange.Largest}", BitRange.Parse);
        Option<AccuracyLevel?> accuracy = CommandOption.Choice<AccuracyLevel>(
            "--accuracy", "What the search goes by: the loss that each layer at each width adds alone, or an evaluation of each configuration on all images. [default: sensitivity]");
        Option<int?> calibration = CommandOption.Number("--calibration", "N", $"Images that grids are fitted to and sensitivity is measured on. [default: {WidthSearchJob.UsualCalibration}]", 1);
        WidthSearchOptions usual = new();
        Option<int?> parents = CommandOption.Number("--parents", "N", $"Configurations that a generation begins with. [default: {usual.Parents}]", 2);
        Option<int?> offspring = CommandOption.Number("--offspring", "N", $"New ones of a generation. [default: {usual.Offspring}]", 1);
        Option<int?> generations = CommandOption.Number("--generations", "N", $"Generations. [default: {usual.Generations}]", 0);
        Option<int?> points = CommandOption.Number("--points", "N", $"Configurations of the front that are measured and shown at most. [default: {WidthSearchJob.UsualPoints}]", 2);
        Option<string[]> compare = CommandOption.Texts("--compare", "MODEL", "Another network to show beside the front, as it is; may be given several times.");
        Option<string> output = new OutputFolder("--out", "Folder for front.html, front.csv, front.json and the widths of each point; made if there is none.", "front.html", "front.csv", "front.json") { Required = true, Endings = [".json"] };
        MappingOptions mapping = new();
        System.CommandLine.Command command = new("map-search", "Searches the bit widths of each layer that trade accuracy for cost on an accelerator best.") { model };
        mapping.AddTo(command);
        foreach (Option option in (Option[])[images, masks, size, bits, accuracy, calibration, parents, offspring, generations, points, compare, output])
        {
            command.Add(option);
        }

        command.SetAction(parsed =>
        {
            MapperOptions mapper = mapping.MapperOptions(parsed);
            WidthSearchJob job = new()
            {
                Model = parsed.GetValue(model)!,
                Images = parsed.GetValue(images)!,
                Masks = parsed.GetValue(masks)!,
                Size = parsed.GetValue(size) ?? ImageDimensions.Usual,
                Bits = parsed.GetValue(bits) ?? UsualBits,
                EvaluatesEach = parsed.GetValue(accuracy) == AccuracyLevel.Evaluate,
                Calibration = parsed.GetValue(calibration) ?? WidthSearchJob.UsualCalibration,
                Points = parsed.GetValue(points) ?? WidthSearchJob.UsualPoints,
                Compared = parsed.GetValue(compare) ?? [],
                Output = parsed.GetValue(output)!,
                Accelerator = mapping.LoadAccelerator(parsed),
                Mapper = mapper,
                Search = new()
                {
                    Parents = parsed.GetValue(parents) ?? usual.Parents,
                    Offspring = parsed.GetValue(offspring) ?? usual.Offspring,
                    Generations = parsed.GetValue(generations) ?? usual.Generations,
                    Seed = mapper.Seed,
                    AsPublished = mapping.IsAsPublished(parsed),
                },
            };
            job.Run(Terminal.Of(parsed));
        });
        return command;
    }
}
