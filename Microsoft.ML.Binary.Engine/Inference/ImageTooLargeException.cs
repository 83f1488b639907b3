namespace Microsoft.ML.Binary.Inference;

/// <summary>A network needs more memory for an image than it may take (<see cref="InferenceOptions.MaxRunBytes"/>), or than can be addressed.</summary>
public sealed class ImageTooLargeException : InvalidOperationException
{
    internal ImageTooLargeException(string problem)
        : base($"The image is too large for this network: {problem}. Scale the image down or cut it into parts.")
    {
    }
}
