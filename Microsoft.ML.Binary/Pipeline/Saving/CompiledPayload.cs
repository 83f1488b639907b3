using System.Security.Cryptography;
using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Inference;

namespace Microsoft.ML.Binary;

/// <summary>
/// The bytes of a saved network and the network compiled from them. The same bytes give the same instance for as long as anybody holds it,
/// so several loaded models, or several rows of one, share a network.
/// </summary>
internal sealed class CompiledPayload
{
    private static readonly Dictionary<UInt128, WeakReference<CompiledPayload>> Cache = new();

    private readonly byte[] _payload;

    private CompiledPayload(byte[] payload)
    {
        _payload = payload;
        (DenseNetwork network, ViewOptions views) = StoredModel.Read(payload, "the network in the saved model");
        Scorer = new DenseScorer(network, views);
    }

    public ReadOnlySpan<byte> Payload => _payload;

    public DenseScorer Scorer { get; }

    public static CompiledPayload Get(ReadOnlySpan<byte> payload)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(payload, hash);
        UInt128 key = BitConverter.ToUInt128(hash);
        lock (Cache)
        {
            if (Cache.TryGetValue(key, out WeakReference<CompiledPayload>? known)
                && known.TryGetTarget(out CompiledPayload? compiled)
                && payload.SequenceEqual(compiled._payload))
            {
                return compiled;
            }

            foreach ((UInt128 other, WeakReference<CompiledPayload> reference) in Cache)
            {
                if (!reference.TryGetTarget(out _))
                {
                    Cache.Remove(other);
                }
            }

            compiled = new CompiledPayload(payload.ToArray());
            Cache[key] = new WeakReference<CompiledPayload>(compiled);
            return compiled;
        }
    }
}
