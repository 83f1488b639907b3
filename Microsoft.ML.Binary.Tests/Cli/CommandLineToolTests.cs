using Microsoft.ML.Binary.Cli;

namespace Microsoft.ML.Binary.Tests.Cli;

[TestClass]
public sealed class CommandLineToolTests
{
    [TestMethod]
    public void Help_OfEveryCommand_NamesItsOptions()
    {
        Dictionary<string, string[]> commands = new()
        {
            ["train"] = ["--task", "--images", "--masks", "--val-images", "--val-masks", "--classes", "--preset", "--precision", "--steps", "--epochs", "--minutes", "--seed", "--threads", "--resume", "--soft-iou", "--prior-correction", "--out"],
            ["evaluate"] = ["--model", "--predictions", "--task", "--classes", "--images", "--masks", "--json", "--csv", "--html"],
            ["compare"] = ["--model", "--predictions", "--task", "--classes", "--images", "--masks", "--json"],
            ["score"] = ["--model", "--images", "--out", "--overlay"],
            ["inspect"] = ["--model", "--size", "--json"],
            ["bench"] = ["--model", "--size", "--threads", "--json"],
            ["extract"] = ["--model", "--out"],
            ["export"] = ["--model", "--onnx", "--size", "--precision"],
        };
        string overview = string.Join('\n', CommandRun.Lines("--help"));
        foreach ((string command, string[] options) in commands)
        {
            StringAssert.Contains(overview, command);
            string help = string.Join('\n', CommandRun.Lines(command, "--help"));
            foreach (string option in options)
            {
                StringAssert.Contains(help, option);
            }
        }
    }

    [TestMethod]
    [DataRow("", "Required command")]
    [DataRow("paint", "paint")]
    [DataRow("train --images a --masks b --out c", "--task")]
    [DataRow("train --task depth --images a --masks b --out c", "--task is 'depth'; it must be one of segmentation, saliency")]
    [DataRow("train --task 0 --images a --masks b --out c", "--task is '0'")]
    [DataRow("train --task saliency --images a --masks b --out c --preset huge", "--preset is 'huge'; it must be one of tiny, small, base")]
    [DataRow("train --task saliency --images a --masks b --out c --steps 0", "--steps is '0'; it must be an integer of at least 1")]
    [DataRow("train --task saliency --images a --masks b --out c --minutes -3", "--minutes is '-3'; it must be a number above 0")]
    [DataRow("train --task saliency --images a --masks b --out c --crop 10", "--crop is '10'; it must be a size like 480x360")]
    [DataRow("train --task saliency --images a --masks b --out c --steps 5 --minutes 1", "Only one of --steps, --epochs and --minutes")]
    [DataRow("train --task saliency --images a --masks b --out c --val-images d", "--val-images and --val-masks belong together")]
    [DataRow("train --task saliency --images a --masks b --out c --classes 3", "--classes belongs to segmentation")]
    [DataRow("train --task saliency --images a --masks b --out c --soft-iou 1", "--soft-iou belongs to segmentation")]
    [DataRow("train --task saliency --images a --masks b --out c --prior-correction 1", "--prior-correction belongs to segmentation")]
    [DataRow("train --task segmentation --images a --masks b --out c --soft-iou -1", "a number of at least 0")]
    [DataRow("train --task segmentation --images a --masks b --out c --soft-f 0.3", "--soft-f belongs to saliency")]
    [DataRow("train --task saliency --images a --masks b --out c --soft-f 0", "--soft-f is '0'; it must be a number above 0")]
    [DataRow("train --task saliency --images a --masks b --out c --restart d --transfer e", "only one of them can be given")]
    [DataRow("train --task saliency --images a --masks b --out c --photometric -1", "a number of at least 0")]
    [DataRow("bench --model tiny --size 0x20", "--size is '0x20'")]
    [DataRow("bench --model tiny --size 99999x20", "at most 16384")]
    [DataRow("score --model a --images b", "--out")]
    [DataRow("score --model a --images b --out c --threads 1025", "--threads is '1025'; it must be an integer from 1 to 1024")]
    [DataRow("evaluate --masks a", "One --model or one --predictions must be given; there are 0 and 0")]
    [DataRow("evaluate --masks a --images b --model c --model d", "there are 2 and 0")]
    [DataRow("evaluate --masks a --images b --model c --predictions d", "there is 1 and 1")]
    [DataRow("evaluate --masks a --model b", "--model needs --images")]
    [DataRow("evaluate --masks a --predictions b", "--predictions needs --task")]
    [DataRow("evaluate --masks a --images b --model c --task saliency", "--task belongs to --predictions")]
    [DataRow("evaluate --masks a --predictions b --task saliency --classes 3", "--classes belongs to segmentation")]
    [DataRow("evaluate --predictions b --task saliency", "--masks")]
    [DataRow("compare --masks a --images b --model c", "Two --model or two --predictions must be given; there is 1 and 0")]
    public void WhatIsNotUnderstood_IsAUsageErrorOfOneLine(string arguments, string message) =>
        CommandRun.Fails(CommandLineTool.Usage, arguments.Split(' ', StringSplitOptions.RemoveEmptyEntries), message, "--help");

    /// <summary>What a shell makes of <c>*.png</c>.</summary>
    [TestMethod]
    public void SeveralFilesOfOneOption_AreToldOfFolders()
    {
        using Workplace place = new();
        CommandRun.Fails(
            CommandLineTool.Usage, ["score", "--model", "a", "--out", "b", "--images", place.Image(0), place.Image(1)],
            $"'{place.Image(1)}' is not known here. --images takes one file or folder: name the folder, or list the files in a file (--manifest).");
        CommandRun.Fails(
            CommandLineTool.Usage, ["compare", "--masks", "a", "--images", "b", "--model", "c", place.Image(1)], "--model takes one file: give --model again for each.");
        CommandRun.Fails(CommandLineTool.Usage, [place.Image(1)], $"'{place.Image(1)}' is not known here. See");
    }
}
