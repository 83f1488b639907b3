namespace Microsoft.ML.Binary.Inference;

/// <summary>The memory that a network takes for one image of a size. Images that are executed at the same time share the weights only.</summary>
/// <param name="MapBytes">Feature maps of all views, and the pixels of those that are not the image itself.</param>
/// <param name="ScratchBytes">What all threads work in besides.</param>
/// <param name="WeightBytes">Weights, as they are packed.</param>
/// <example>
/// <code>
/// InferenceMemory memory = compiled.Prepare(width: 1920, height: 1080);   // nothing is allocated at the first image of this size
/// Console.WriteLine($"{memory.WeightBytes / 1e6:F1} MB once, {(memory.MapBytes + memory.ScratchBytes) / 1e6:F1} MB for each image at a time");
/// </code>
/// </example>
public readonly record struct InferenceMemory(long MapBytes, long ScratchBytes, long WeightBytes);

/// <summary>How long a step of a compiled network takes on one thread.</summary>
/// <param name="Node">The node that it computes; of several that are done in one pass the last.</param>
/// <param name="Operation">The kind of step.</param>
/// <param name="Milliseconds">The shortest time measured.</param>
/// <param name="MultiplyAccumulates">Multiply-accumulates of the convolution in it (one-bit or real), or 0.</param>
/// <param name="Bytes">Bytes of the maps that it reads and writes, each counted once.</param>
/// <example>
/// <code>
/// foreach (StepTiming step in compiled.Profile(image).OrderByDescending(step =&gt; step.Milliseconds).Take(5))
/// {
///     Console.WriteLine($"{step.Node}: {step.Operation}, {step.Milliseconds:F2} ms");
/// }
/// </code>
/// </example>
public readonly record struct StepTiming(string Node, string Operation, double Milliseconds, long MultiplyAccumulates, long Bytes)
{
    /// <summary>10^9 multiply-accumulates a second.</summary>
    public double GigaMacsPerSecond => MultiplyAccumulates / Milliseconds / 1e6;

    /// <summary>10^9 bytes a second.</summary>
    public double GigabytesPerSecond => Bytes / Milliseconds / 1e6;
}
