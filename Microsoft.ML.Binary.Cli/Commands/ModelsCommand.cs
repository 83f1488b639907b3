using System.CommandLine;
using Microsoft.ML.Binary.Cli.Display;
using Microsoft.ML.Binary.Cli.Options;

namespace Microsoft.ML.Binary.Cli.Commands;

/// <summary><c>mlbinary models</c>: the pretrained networks, their terms, and how those are had that the tool may not carry.</summary>
internal static class ModelsCommand
{
    public static System.CommandLine.Command Create()
    {
        Argument<string?> name = new("NAME") { Description = "Show the card of this network: figures, data, terms, limits.", Arity = ArgumentArity.ZeroOrOne };
        name.CompletionSources.Add(Enum.GetNames<PretrainedModel>());
        System.CommandLine.Command command = new("models", "Lists the pretrained networks, with their terms.") { name };
        command.SetAction(parsed =>
        {
            Terminal terminal = Terminal.Of(parsed);
            foreach (string line in parsed.GetValue(name) is { } one ? Card(one) : List())
            {
                terminal.Line(line);
            }
        });
        return command;
    }

    private static IEnumerable<string> Card(string name) => CommandOption.ParseName<PretrainedModel>(name) is { } model
        ? PretrainedNetworks.Card(model).Text.Split('\n')
        : throw new ArgumentException($"{name}: there is no such pretrained network; there are {string.Join(", ", Enum.GetNames<PretrainedModel>())}.");

    private static IEnumerable<string> List()
    {
        foreach (PretrainedModel model in Enum.GetValues<PretrainedModel>())
        {
            string terms = PretrainedNetworks.IsFree(model) ? "for any use" : "for research and non-commercial use only";
            string place = PretrainedNetworks.IsAvailable(model) ? "" : " (not here)";
            yield return $"{model}{place}: {terms}. {PretrainedNetworks.Card(model).Summary.Split("\n\n")[0].ReplaceLineEndings(" ")}";
        }

        yield return "";
        yield return "Figures, terms and limits of one: 'mlbinary models NAME'.";
        if (Enum.GetValues<PretrainedModel>().Any(model => !PretrainedNetworks.IsAvailable(model)))
        {
            yield return $"To get those that are not here: {ModelFolders.Here.Download}";
        }
    }
}
