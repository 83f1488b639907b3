using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Training;

namespace Microsoft.ML.Binary.Quantization;

/// <summary>A convolution of a network that is being run, with what its map and its weights are quantised to.</summary>
internal sealed class QuantizedLayer
{
    private readonly Convolution _node;
    private readonly TrainingValue _source, _map;
    private readonly TrainingOperation _operation;
    private readonly float[] _weights;

    /// <param name="node">The convolution.</param>
    /// <param name="index">Which node of the graph it is.</param>
    /// <param name="input">Its input map.</param>
    /// <param name="output">Its output map.</param>
    public QuantizedLayer(Convolution node, int index, TrainingValue input, TrainingValue output)
    {
        _weights = [.. node.Weight.Values];
        (_node, Index, _source) = (node, index, input);
        _map = new TrainingValue(1, input.Channels, input.Height, input.Width, needsGradient: false);
        Convolution own = node with { Weight = new Parameter(node.Weight.Name, node.Weight.Role, node.Weight.Shape, _weights) };
        _operation = TrainingNetwork.Operation(own, [_map], output);
    }

    /// <summary>Which node of the graph it is.</summary>
    public int Index { get; }

    /// <summary>The map that it reads, before that is quantised.</summary>
    public ReadOnlySpan<float> Input => _source.Data;

    /// <summary>The grid of its map; null leaves the map as it is.</summary>
    public UniformGrid? Map { get; set; }

    /// <summary>Its weights; null for those of the network.</summary>
    public float[]? Weights
    {
        set => (value ?? _node.Weight.Values).CopyTo(_weights, 0);
    }

    public void Run(TrainingPass pass)
    {
        _source.Data.CopyTo(_map.Data, 0);
        Map?.Apply(_map.Data);
        _operation.Forward(pass);
    }
}
