using Microsoft.ML.Runtime;

namespace Microsoft.ML.Binary;

/// <summary>Where evaluators say what is likely to be wrong with their data: ML.NET's log.</summary>
internal static class EvaluationLog
{
    public static Action<string> Of(MLContext context) => warning =>
    {
        using IChannel channel = ((IHostEnvironment)context).Register("DenseEvaluation").Start("Evaluation");
        channel.Warning(MessageSensitivity.None, warning);
    };
}
