using System.Runtime.CompilerServices;
using Microsoft.ML.Binary.Kernels;

namespace Microsoft.ML.Binary.Inference.Steps;

/// <summary>
/// How attention maps onto the convolution kernels: a token is an output channel of Q K^T, whose steps are key channels (packed: groups
/// of four), and a step of A V, whose output channels are value channels.
/// </summary>
/// <param name="Heads">Number of heads.</param>
/// <param name="KeyDepth">Key channels of a head.</param>
/// <param name="ValueDepth">Value channels of a head.</param>
/// <param name="Queries">The full token grid.</param>
/// <param name="Tokens">The reduced token grid.</param>
/// <param name="IsPacked">Whether queries and keys are nibble planes.</param>
internal sealed record AttentionShape(int Heads, int KeyDepth, int ValueDepth, PlaneLayout Queries, PlaneLayout Tokens, bool IsPacked)
{
    public int TokenCount => Tokens.Height * Tokens.Width;

    public int TokenGroups => NibbleWeights.Groups(TokenCount);

    public int ValueGroups => NibbleWeights.Groups(ValueDepth);

    /// <summary>Steps of a dot product.</summary>
    public int KeySteps => IsPacked ? KeyDepth / 4 : KeyDepth;

    /// <summary>Elements (bytes or floats) of a head's keys, as weights.</summary>
    public int KeyWeights => TokenGroups * KeySteps * 4;

    /// <summary>Floats of a head's values, as weights.</summary>
    public int ValueWeights => ValueGroups * TokenCount * 4;

    /// <summary>Elements of the keys of all heads, as weights.</summary>
    public long AllKeyWeights => 4L * Heads * TokenGroups * KeySteps;

    /// <summary>Floats of the values of all heads, as weights.</summary>
    public long AllValueWeights => 4L * Heads * ValueGroups * TokenCount;

    /// <summary>Floats of the logits of a tile of queries.</summary>
    public long Logits => 4L * TokenGroups * PlaneLayout.Tile;

    /// <summary>Offset of a token in a plane.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int TokenOffset(int token) => Tokens.Offset(token / Tokens.Width, token % Tokens.Width);
}
