namespace Microsoft.ML.Binary.Training.Operations;

/// <summary>Grows as needed and is never given back while training lasts.</summary>
internal sealed class ConvolutionScratch
{
    private readonly Dictionary<string, float[]> _buffers = [];
    private ushort[] _entries = [];

    public float[] Rent(string name, int length)
    {
        if (!_buffers.TryGetValue(name, out float[]? buffer) || buffer.Length < length)
        {
            _buffers[name] = buffer = new float[length];
        }

        return buffer;
    }

    /// <summary>Table entries that the signs of a batch select.</summary>
    public ushort[] Entries(int length) => _entries.Length < length ? _entries = new ushort[length] : _entries;
}
