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
                local word=${COMP_WORDS[COMP_CWORD]} value
                COMPREPLY=()
                while IFS= read -r value; do
                    [[ $value == "$word"* ]] && COMPREPLY+=("$(printf %q "$value")")
                done < <(mlbinary "[suggest:$COMP_POINT]" "$COMP_LINE" 2>/dev/null)
                [[ ${COMPREPLY[0]-} == */ ]] && compopt -o nospace
            }
            complete -o default -F _mlbinary mlbinary
            """,
        Shell.Zsh =>
            """
            # source <(mlbinary completion zsh), after compinit
            _mlbinary() {
                if [[ $PREFIX == *\\* ]]; then _files; return; fi
                local line="${(j: :)words[1,CURRENT-1]} $PREFIX"
                local -a values=("${(@f)$(mlbinary "[suggest:${#line}]" "$line" 2>/dev/null)}")
                local -a folders=(${(M)values:#*/}) others=(${values:#*/})
                (( $#folders )) && compadd -S '' -- $folders
                (( $#others )) && compadd -- $others
                (( $#folders + $#others ))
            }
            compdef _mlbinary mlbinary
            """,
        Shell.Pwsh =>
            """
            # mlbinary completion pwsh | Out-String | Invoke-Expression
            Register-ArgumentCompleter -Native -CommandName mlbinary -ScriptBlock {
                param($word, $command, $position)
                mlbinary "[suggest:$($position - $command.Extent.StartOffset)]" "$command" 2>$null | Where-Object { $_ -like "$word*" } | ForEach-Object {
                    $text = if ($_ -match '[^\w./\\:~+=-]') { "'" + $_.Replace("'", "''") + "'" } else { $_ }
                    [System.Management.Automation.CompletionResult]::new($text, $_, 'ParameterValue', $_)
                }
            }
            """,
        _ => throw new ArgumentException($"{shell}: there is no script for this shell; there are bash, zsh and pwsh."),
    };
}
