namespace Microsoft.ML.Binary.Inference;

/// <summary>The memory that a network takes for one image of a size. Images that are executed at the same time share the weights only.</summary>
/// <param name="MapBytes">Feature maps.</param>
/// <param name="ScratchBytes">What all threads work in besides.</param>
/// <param name="WeightBytes">Weights, as they are packed.</param>
public readonly record struct InferenceMemory(long MapBytes, long ScratchBytes, long WeightBytes);
