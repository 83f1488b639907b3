namespace Microsoft.ML.Binary.Mapping;

/// <summary>The seven loops of a convolution.</summary>
/// <example>
/// <code>
/// Workload layer = new() { Name = "conv", C = 64, M = 128, R = 3, S = 3, P = 56, Q = 56 };
/// foreach (Dimension dimension in Enum.GetValues&lt;Dimension>())
/// {
///     Console.WriteLine($"for {dimension} in 0..{layer[dimension]}");     // seven loops, in any order, are the layer
/// }
/// </code>
/// </example>
public enum Dimension
{
    /// <summary>Input channels.</summary>
    C,

    /// <summary>Output channels.</summary>
    M,

    /// <summary>Columns of the kernel.</summary>
    R,

    /// <summary>Rows of the kernel.</summary>
    S,

    /// <summary>Images of a batch.</summary>
    N,

    /// <summary>Columns of the output.</summary>
    P,

    /// <summary>Rows of the output.</summary>
    Q,
}

/// <summary>The three tensors of a layer.</summary>
/// <example>
/// <code>
/// AcceleratorLevel[] weightMemories = [.. Accelerator.Preset("simba-16bit").Levels.Where(level => level.Keeps.Contains(Operand.Weights))];
/// </code>
/// </example>
public enum Operand
{
    /// <summary>Kernels: C, M, R, S.</summary>
    Weights,

    /// <summary>The map that is read: N, C, and columns and rows of the window that P and R, Q and S run over.</summary>
    Inputs,

    /// <summary>The map that is written: N, M, Q, P. Partial sums are read back and written again.</summary>
    Outputs,
}

/// <summary>Which loops move which tensor.</summary>
internal static class Dimensions
{
    public const int Count = 7, Operands = 3;

    public static bool Moves(this Dimension dimension, Operand operand) => operand switch
    {
        Operand.Weights => dimension is Dimension.C or Dimension.M or Dimension.R or Dimension.S,
        Operand.Outputs => dimension is Dimension.N or Dimension.M or Dimension.Q or Dimension.P,
        _ => dimension is not Dimension.M,
    };
}
