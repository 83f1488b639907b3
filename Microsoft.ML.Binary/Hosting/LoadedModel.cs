using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Inference;

namespace Microsoft.ML.Binary;

/// <summary>A compiled network that is let go when it has been replaced and its last user has left.</summary>
internal sealed class LoadedModel(DenseNetwork network, InferenceOptions options)
{
    // The owner counts as one.
    private int _users = 1;

    public DenseNetwork Network => network;

    public CompiledNetwork Compiled { get; } = CompiledNetwork.Compile(network, options);

    /// <summary>Begins to use it; false if it is gone.</summary>
    public bool TryEnter()
    {
        int users = Volatile.Read(ref _users);
        while (users > 0)
        {
            int seen = Interlocked.CompareExchange(ref _users, users + 1, users);
            if (seen == users)
            {
                return true;
            }

            users = seen;
        }

        return false;
    }

    /// <summary>Ends a use, or the ownership.</summary>
    public void Exit()
    {
        if (Interlocked.Decrement(ref _users) == 0)
        {
            Compiled.Dispose();
        }
    }
}
