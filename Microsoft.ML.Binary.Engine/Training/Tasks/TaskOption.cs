namespace Microsoft.ML.Binary.Training;

/// <summary>A number among the options of a task: what files call it, and what it may be. Training checks it, and files of tasks set it, by the same row.</summary>
/// <param name="Name">The name in files.</param>
/// <param name="Property">The name of the property.</param>
/// <param name="Range">What it may be, in words.</param>
/// <param name="Value">What it is; null for what training finds out by itself.</param>
/// <param name="Allows">Whether it may be a number.</param>
/// <param name="With">The task with another one.</param>
internal sealed record TaskOption(string Name, string Property, string Range, float? Value, Func<float, bool> Allows, Func<float, TrainingTask> With);
