using System.Collections.Immutable;

namespace Microsoft.ML.Binary.Graph;

/// <summary>How a trainer treats a <see cref="Parameter"/>.</summary>
/// <example>
/// <code>
/// int trained = network.Unfreeze().Graph.Parameters
///     .Where(parameter => parameter.Role is not (ParameterRole.Statistic or ParameterRole.Constant)).Sum(parameter => parameter.Values.Length);
/// </code>
/// </example>
public enum ParameterRole
{
    /// <summary>A real-valued weight: trained, with weight decay.</summary>
    Weight,

    /// <summary>The real-valued value behind a one-bit weight: trained through a straight-through estimator, clipped to [-1, 1].</summary>
    LatentSign,

    /// <summary>A per-channel or per-head value (scale, shift, slope, gate, temperature): trained without weight decay.</summary>
    Modulation,

    /// <summary>A running statistic, updated by the forward pass of training.</summary>
    Statistic,

    /// <summary>A constant: never trained.</summary>
    Constant,

    /// <summary>The logit of a gate that chooses among widths (<see cref="SearchConvolution"/>): changed by a search alone.</summary>
    Architecture,
}

/// <summary>A named float tensor of a graph, row-major.</summary>
/// <example>
/// <code>
/// foreach (Parameter parameter in network.Unfreeze().Graph.Parameters)
/// {
///     Console.WriteLine($"{parameter.Name}: {parameter.Values.Length} values");
/// }
/// </code>
/// </example>
public sealed class Parameter
{
    /// <summary>Makes a parameter that owns <paramref name="values"/>.</summary>
    /// <exception cref="GraphException">The number of values is not the product of the shape.</exception>
    public Parameter(string name, ParameterRole role, ImmutableArray<int> shape, float[] values)
    {
        long count = 1;
        foreach (int side in shape)
        {
            count *= side;
        }

        if (count != values.Length)
        {
            throw new GraphException(name, $"its shape [{string.Join(", ", shape)}] needs {count} values, and {values.Length} were given");
        }

        (Name, Role, Shape, Values) = (name, role, shape, values);
    }

    /// <summary>The name, unique in a graph: the owning node's name, a dot, and the parameter's role in it.</summary>
    public string Name { get; }

    /// <summary>How a trainer treats it.</summary>
    public ParameterRole Role { get; }

    /// <summary>The sides, outermost first. Convolution weights: output channels, input channels a group, kernel rows, kernel columns.</summary>
    public ImmutableArray<int> Shape { get; }

    /// <summary>The values, row-major. A trainer writes into them.</summary>
    public float[] Values { get; }

    internal static Parameter PerChannel(string name, int channels, float value, ParameterRole role = ParameterRole.Modulation)
    {
        float[] values = new float[channels];
        Array.Fill(values, value);
        return new Parameter(name, role, [channels], values);
    }

    internal Parameter Copy() => new(Name, Role, Shape, (float[])Values.Clone());
}
