namespace Microsoft.ML.Binary.Training;

/// <summary>A node as the trainer executes it: forward, and backward from the gradient of its output to those of inputs and parameters.</summary>
internal abstract class TrainingOperation
{
    public required TrainingValue Output { get; init; }

    public required TrainingValue[] Inputs { get; init; }

    protected TrainingValue Input => Inputs[0];

    public abstract void Forward(TrainingPass pass);

    /// <summary>Adds to the gradients of the inputs that need one and of the parameters; the gradient of the output is given.</summary>
    public abstract void Backward(TrainingPass pass);
}
