using System.Buffers.Binary;
using Microsoft.ML.Binary.Graph;

namespace Microsoft.ML.Binary.Fuzz.Parsers;

/// <summary>Changes of a file that know nothing of its format.</summary>
internal static class ByteMutation
{
    // The last ones wrap round to 0 or close to it where a parser adds the bytes of a header to a length of 32 bits.
    private static readonly long[] s_interesting =
        [0, 1, 2, 3, 7, 8, 16, 31, 32, 63, 64, 127, 128, 255, 256, 1000, 4095, 4096, 32767, 32768, 65535, 65536, 16777215, 16777216, int.MaxValue, uint.MaxValue, -1, -2, long.MaxValue, long.MinValue, -4, -8, -10, -12, -16, -20];

    public static byte[] Apply(ref RandomStream random, byte[] file, IReadOnlyList<byte[]> others)
    {
        List<byte> bytes = [.. file];
        for (int count = 1 + random.NextInt(4); count > 0 && bytes.Count > 0; count--)
        {
            int at = random.NextInt(bytes.Count), length = Math.Min(1 + random.NextInt(random.NextInt(4) == 0 ? 256 : 8), bytes.Count - at);
            switch (random.NextInt(9))
            {
                case 0:
                    bytes[at] ^= (byte)(1 << random.NextInt(8));
                    break;
                case 1:
                    bytes[at] = (byte)random.NextInt(256);
                    break;
                case 2 or 3:
                    Number(ref random, bytes, at);
                    break;
                case 4:
                    bytes.RemoveRange(at, length);
                    break;
                case 5:
                    byte[] added = new byte[length];
                    for (int i = 0; i < length; i++)
                    {
                        added[i] = (byte)random.NextInt(256);
                    }

                    bytes.InsertRange(at, added);
                    break;
                case 6:
                    bytes.InsertRange(random.NextInt(bytes.Count), bytes.GetRange(at, length));
                    break;
                case 7:
                    bytes.RemoveRange(at, bytes.Count - at);
                    break;
                default:
                    byte[] other = others[random.NextInt(others.Count)];
                    int from = random.NextInt(other.Length);
                    bytes.RemoveRange(at, bytes.Count - at);
                    bytes.AddRange(other.AsSpan(from));
                    break;
            }
        }

        return [.. bytes];
    }

    /// <summary>A number that parsers fail at: a power of two, a limit of a type, or a neighbour of one.</summary>
    public static long InterestingNumber(ref RandomStream random) => s_interesting[random.NextInt(s_interesting.Length)];

    private static void Number(ref RandomStream random, List<byte> bytes, int at)
    {
        long value = InterestingNumber(ref random);
        Span<byte> number = stackalloc byte[8];
        bool little = random.NextInt(2) == 0;
        int size = 1 << random.NextInt(4);
        BinaryPrimitives.WriteInt64LittleEndian(number, value);
        for (int i = 0; i < size && at + i < bytes.Count; i++)
        {
            bytes[at + i] = number[little ? i : size - 1 - i];
        }
    }
}
