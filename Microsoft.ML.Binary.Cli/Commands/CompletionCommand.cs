using System.CommandLine;
using Microsoft.ML.Binary.Cli.Display;
using Microsoft.ML.Binary.Cli.Options;

namespace Microsoft.ML.Binary.Cli.Commands;

/// <summary>
/// <c>mlbinary completion</c>: the script that makes a shell ask the tool what may come next. It asks by the directive <c>[suggest]</c>, which
/// <c>dotnet-suggest</c> uses too.
/// </summary>
internal static class CompletionCommand
{
    private enum Shell
    {
        Bash,
        Zsh,
        Pwsh,
    }

    public static System.CommandLine.Command Create()
    {
        Argument<string> shell = new("SHELL") { Description = "bash, zsh or pwsh." };
        shell.CompletionSources.Add([.. Enum.GetNames<Shell>().Select(name => name.ToLowerInvariant())]);
        System.CommandLine.Command command = new("completion", "Writes the script that completes commands, options, models and paths in a shell.") { shell };
        command.SetAction(parsed => Terminal.Of(parsed).Line(ScriptOf(parsed.GetValue(shell)!)));
        return command;
    }

    private static string ScriptOf(string shell) => CommandOption.ParseName<Shell>(shell) switch
    {
        Shell.Bash =>
            """
            # source <(mlbinary completion bash)
            _mlbinary() {
                local IFS=$'\n' word=${COMP_WORDS[COMP_CWORD]}
                COMPREPLY=($(compgen -W "$(mlbinary "[suggest:$COMP_POINT]" "$COMP_LINE" 2>/dev/null)" -- "$word"))
                [[ ${COMPREPLY[0]-} == */ ]] && compopt -o nospace
            }
            complete -o default -F _mlbinary mlbinary
            """,
        Shell.Zsh =>
            """
            # source <(mlbinary completion zsh), after compinit
            _mlbinary() {
                local -a values=("${(@f)$(mlbinary "[suggest:$CURSOR]" "$BUFFER" 2>/dev/null)}")
                compadd -S '' -- ${(M)values:#*/}
                compadd -- ${values:#*/}
            }
            compdef _mlbinary mlbinary
            """,
        Shell.Pwsh =>
            """
            # mlbinary completion pwsh | Out-String | Invoke-Expression
            Register-ArgumentCompleter -Native -CommandName mlbinary -ScriptBlock {
                param($word, $line, $position)
                mlbinary "[suggest:$position]" "$line" 2>$null | Where-Object { $_ -like "$word*" } | ForEach-Object { [System.Management.Automation.CompletionResult]::new($_) }
            }
            """,
        _ => throw new ArgumentException($"{shell}: there is no script for this shell; there are bash, zsh and pwsh."),
    };
}
