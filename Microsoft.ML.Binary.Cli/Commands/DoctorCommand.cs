using System.Runtime.InteropServices;
using Microsoft.ML.Binary.Cli.Display;
using Microsoft.ML.Binary.Diagnostics;
using Microsoft.ML.Binary.Imaging;
using Microsoft.ML.Binary.Messages;
using Microsoft.ML.Data;
using static System.FormattableString;

namespace Microsoft.ML.Binary.Cli.Commands;

/// <summary><c>mlbinary doctor</c>: what the tool finds on this machine, and whether it computes what it should.</summary>
internal static class DoctorCommand
{
    public static System.CommandLine.Command Create()
    {
        System.CommandLine.Command command = new("doctor", "Shows what the tool finds on this machine, and tests that every set of kernels computes the bits that are known.");
        command.SetAction(parsed =>
        {
            Terminal terminal = Terminal.Of(parsed);
            terminal.Line($"mlbinary      {ToolVersion.Text}");
            terminal.Line($"runtime       {RuntimeInformation.FrameworkDescription} on {RuntimeInformation.OSDescription.Trim()}, {RuntimeInformation.RuntimeIdentifier}");
            terminal.Line($"threads       {Environment.ProcessorCount}");
            terminal.Line(Invariant($"memory        {GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 1e9:0.0} GB for this process at most"));
            string? missing = MissingImageLibrary();
            terminal.Line($"images        {missing ?? "ML.NET's image library is there: JPEG, WebP and GIF can be read"}");
            foreach (PretrainedModel model in Enum.GetValues<PretrainedModel>())
            {
                terminal.Line($"{(model == 0 ? "models        " : "              ")}{model}: {(PretrainedNetworks.IsAvailable(model) ? "here" : "not here; to get it: " + ModelFolders.Here.Download)}");
            }

            IReadOnlyList<SelfTestResult> results = SelfTest.Run();
            terminal.Line($"kernels       {results[^1].Kernels}, the fastest of {string.Join(", ", results.Select(result => result.Kernels))}");
            foreach (SelfTestResult result in results)
            {
                terminal.Line(Invariant($"self-test     {result.Kernels}: {(result.IsRight ? "right" : "WRONG")}, {result.Digest[..16]} in {result.Duration.TotalMilliseconds:0} ms"));
            }

            bool isWell = missing is null && results.All(result => result.IsRight);
            terminal.Line(isWell ? "All is well." : "Something is wrong: see above.");
            return isWell ? 0 : CommandLineTool.Failure;
        });
        return command;
    }

    /// <summary>What is wrong with the native library that decodes JPEG, WebP and GIF; null if nothing is.</summary>
    private static string? MissingImageLibrary()
    {
        try
        {
            using MLImage image = new RgbImage(1, 1).ToMLImage();
            return null;
        }
        catch (InvalidOperationException e)
        {
            return ErrorText.Of(e);
        }
    }
}
