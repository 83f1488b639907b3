using System.CommandLine;
using System.Text.RegularExpressions;
using Microsoft.ML.Binary.Cli.Display;
using Microsoft.ML.Binary.Cli.Options;

namespace Microsoft.ML.Binary.Cli.Commands;

/// <summary>
/// <c>mlbinary completion</c>: the script that makes a shell ask the tool what may come next. It asks by the directive <c>[suggest]</c>, which
/// <c>dotnet-suggest</c> uses too.
/// </summary>
internal static partial class CompletionCommand
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

    /// <summary>
    /// What a shell asks, with <c>--option value</c> for every <c>--option=value</c>, which the directive does not understand. Nothing moves: the answers are values
    /// in both forms, and the scripts put the option in front where their shell wants the whole word.
    /// </summary>
    public static IReadOnlyList<string> WithSeparateValues(IReadOnlyList<string> args) => [.. args.Select(arg => OptionWithValue().Replace(arg, "$1 "))];

    [GeneratedRegex(@"(?<=\s)(--[a-z][a-z0-9-]*)=")]
    private static partial Regex OptionWithValue();

    private static string ScriptOf(string shell) => CommandOption.ParseName<Shell>(shell) switch
    {
        Shell.Bash =>
            """
            # source <(mlbinary completion bash)
            _mlbinary() {
                local word=${COMP_WORDS[COMP_CWORD]} typed=${COMP_LINE:0:COMP_POINT} option= value
                # --option=value is three words as a rule, and one where = is not in COMP_WORDBREAKS; and so is a value NAME=MODEL.
                [[ $word == = ]] && word=
                [[ $word == --*=* ]] && option=${word%%=*}= word=${word#*=}
                typed=${typed##* }
                [[ $typed == --*=* ]] && typed=${typed#*=}
                typed=${typed%"$word"}
                COMPREPLY=()
                while IFS= read -r value; do
                    [[ $typed == *= ]] && value=${value#"$typed"}
                    [[ $value == "$word"* ]] && COMPREPLY+=("$option$(printf %q "$value")")
                done < <(mlbinary "[suggest:$COMP_POINT]" "$COMP_LINE" 2>/dev/null)
                [[ ${COMPREPLY[0]-} == */ ]] && compopt -o nospace
            }
            complete -o default -F _mlbinary mlbinary
            """,
        Shell.Zsh =>
            """
            # source <(mlbinary completion zsh), after compinit
            _mlbinary() {
                local line="${(j: :)words[1,CURRENT-1]} $PREFIX"
                [[ $PREFIX == --*=* ]] && compset -P 1 '*='
                if [[ $PREFIX == *\\* ]]; then _files; return; fi
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
                $option = ''
                if ($word -match '^(--[^=]+=)(.*)$') { $option, $word = $Matches[1], $Matches[2] }
                mlbinary "[suggest:$($position - $command.Extent.StartOffset)]" "$command" 2>$null | Where-Object { $_ -like "$word*" } | ForEach-Object {
                    $text = if ($_ -match '[^\w./\\:~+=-]') { "'" + $_.Replace("'", "''") + "'" } else { $_ }
                    [System.Management.Automation.CompletionResult]::new($option + $text, $_, 'ParameterValue', $_)
                }
            }
            """,
        _ => throw new ArgumentException($"{shell}: there is no script for this shell; there are bash, zsh and pwsh."),
    };
}
