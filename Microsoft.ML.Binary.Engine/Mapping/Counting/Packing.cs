namespace Microsoft.ML.Binary.Mapping;

/// <summary>How values lie in words: as many whole values as fit, or for values wider than a word as many words as they need.</summary>
internal readonly struct Packing
{
    private readonly int _valuesPerWord, _wordsPerValue;

    private Packing(int valuesPerWord, int wordsPerValue) => (_valuesPerWord, _wordsPerValue) = (valuesPerWord, wordsPerValue);

    public static Packing OneAWord => new(1, 1);

    public static Packing Of(int bits, int wordBits) => bits <= wordBits ? new(wordBits / bits, 1) : new(1, (bits + wordBits - 1) / wordBits);

    public long Words(long values) => _valuesPerWord == 1 ? values * _wordsPerValue : (values + _valuesPerWord - 1) / _valuesPerWord;
}
