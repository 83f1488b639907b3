using Microsoft.Extensions.Options;

namespace Microsoft.ML.Binary;

/// <summary>Refuses options that cannot be used, when the host starts or the predictor is resolved; also a model file that does not exist.</summary>
/// <param name="name">The options that it is for.</param>
/// <param name="call">What the user called.</param>
internal sealed class PredictorOptionsValidation(string name, string call) : IValidateOptions<PredictorOptions>
{
    public ValidateOptionsResult Validate(string? which, PredictorOptions options)
    {
        if (which != name)
        {
            return ValidateOptionsResult.Skip;
        }

        List<string> problems = [.. options.Problems()];
        if (problems.Count == 0 && options.GivenPath is { } path && !File.Exists(path))
        {
            problems.Add($"{Path.GetFullPath(path)}: the model does not exist.");
        }

        return problems.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(problems.Select(problem => $"{call}: {problem}"));
    }
}
