using System.Buffers.Binary;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Inference;

namespace Microsoft.ML.Binary;

/// <summary>What decides the results of a saved model.</summary>
/// <param name="Network">The network.</param>
/// <param name="Views">At which size it looks at images, and how often.</param>
/// <example>
/// <code>
/// StoredModel stored = ModelFile.Load("road.zip");                       // or a network file
/// using CompiledNetwork compiled = CompiledNetwork.Compile(stored.Network, new() { Views = stored.Views });
/// </code>
/// </example>
public sealed record StoredModel(DenseNetwork Network, ViewOptions Views)
{
    // In a model file: the network file, and in front of it the views if they are not the network's own: 4 bytes of magic, the length of a
    // JSON object (4 bytes, least significant first), the object.
    private const int MaxViewBytes = 4096;

    private static readonly JsonSerializerOptions Strict = new()
    {
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        RespectRequiredConstructorParameters = true,
    };

    private static ReadOnlySpan<byte> Magic => "MLBV"u8;

    internal byte[] ToBytes()
    {
        byte[] network = Network.ToBytes();
        if (Views == ViewOptions.AsTrained)
        {
            return network;
        }

        byte[] views = JsonSerializer.SerializeToUtf8Bytes(new SavedViews(
            Views.Size?.LongestSide, [.. Views.Scales], Views.Mirrored, Views.AttentionReduction == AttentionReduction.AsTrained ? null : Views.AttentionReduction.ToString(), Views.Tiles?.ToString()));
        byte[] length = new byte[sizeof(int)];
        BinaryPrimitives.WriteInt32LittleEndian(length, views.Length);
        return [.. Magic, .. length, .. views, .. network];
    }

    /// <param name="bytes">What <see cref="ToBytes"/> gave, or a network file.</param>
    /// <param name="name">What messages call it.</param>
    /// <exception cref="NetworkFileException">It cannot be used.</exception>
    internal static StoredModel Read(ReadOnlySpan<byte> bytes, string name)
    {
        if (!bytes.StartsWith(Magic))
        {
            return new(DenseNetwork.FromBytes(bytes, name), ViewOptions.AsTrained);
        }

        int start = Magic.Length + sizeof(int);
        int length = bytes.Length < start ? 0 : BinaryPrimitives.ReadInt32LittleEndian(bytes[Magic.Length..]);
        if (length is < 1 or > MaxViewBytes || length > bytes.Length - start)
        {
            throw new NetworkFileException(name, "the views in front of it are truncated or damaged. Save the model again.");
        }

        return new(DenseNetwork.FromBytes(bytes[(start + length)..], name), ReadViews(bytes.Slice(start, length), name));
    }

    private static ViewOptions ReadViews(ReadOnlySpan<byte> json, string name)
    {
        try
        {
            SavedViews saved = JsonSerializer.Deserialize<SavedViews>(json, Strict) ?? throw new JsonException("there are none");
            return new()
            {
                Size = saved.LongestSide is not { } side ? null : side == 0 ? WorkingSize.Own : WorkingSize.Of(side),
                Scales = [.. saved.Scales ?? []],
                Mirrored = saved.Mirrored,
                AttentionReduction = saved.AttentionReduction is not { } text ? AttentionReduction.AsTrained
                    : AttentionReduction.Parse(text) ?? throw new JsonException($"the reduction of attention is '{text}'"),
                Tiles = saved.Tiles is not { } tiles ? null : ViewTiles.Parse(tiles) ?? throw new JsonException($"the tiles are '{tiles}'"),
            };
        }
        catch (Exception e) when (e is JsonException or ArgumentException)
        {
            throw new NetworkFileException(name, $"the views in front of it cannot be used: {e.Message}", e);
        }
    }

    /// <param name="LongestSide">Null for the network's, 0 for each image's own.</param>
    /// <param name="Scales">Enlargements of that.</param>
    /// <param name="Mirrored">Whether each view is also looked at mirrored.</param>
    /// <param name="AttentionReduction">Null, which is not written so that earlier releases can read the others, for the network's.</param>
    /// <param name="Tiles">Null, which is not written either, for none.</param>
    private sealed record SavedViews(
        int? LongestSide, double[] Scales, bool Mirrored, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? AttentionReduction = null,
        [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Tiles = null);
}
