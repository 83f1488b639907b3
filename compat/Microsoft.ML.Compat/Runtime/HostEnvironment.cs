namespace Microsoft.ML.Runtime;

/// <summary>A named place that logs and draws random numbers. Its children have names and seeds of their own.</summary>
internal sealed class HostEnvironment(string name, Random rand, ComponentCatalog catalog, Action<ChannelMessageKind, string, string> log) : IHost
{
    public Random Rand => rand;

    public ComponentCatalog ComponentCatalog => catalog;

    public string ContextDescription => nameof(HostEnvironment);

    public IHost Register(string childName, int? seed = null, bool? verbose = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(childName);
        int childSeed;
        // Hosts may be registered from several threads; Random is not made for that.
        lock (rand)
        {
            childSeed = seed ?? rand.Next();
        }

        return new HostEnvironment(childName, new Random(childSeed), catalog, log);
    }

    public IChannel Start(string channelName) => new Channel($"{name}; {channelName}", log);

    public IPipe<TMessage> StartPipe<TMessage>(string pipeName) =>
        throw new NotSupportedException($"The stand-in for ML.NET has no pipe of {typeof(TMessage)}; use {nameof(Start)}.");

    public IProgressChannel StartProgressChannel(string channelName) => new ProgressChannel();

    public TException Process<TException>(TException ex)
        where TException : Exception => ex;
}
