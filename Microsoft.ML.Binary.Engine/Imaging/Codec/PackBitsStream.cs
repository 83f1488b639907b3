namespace Microsoft.ML.Binary.Imaging.Codec;

/// <summary>Expands PackBits: a byte n of 0 to 127 stands before n + 1 bytes as they are, one of -1 to -127 before a byte that comes 1 - n times.</summary>
internal sealed class PackBitsStream(Stream data) : ExpandingStream(data)
{
    private int _count, _repeated = -1;

    public override int Read(Span<byte> buffer)
    {
        for (int i = 0; i < buffer.Length; i++)
        {
            while (_count == 0)
            {
                int control = Next();
                if (control < 0)
                {
                    return i;
                }

                // -128 stands for nothing.
                _count = control <= sbyte.MaxValue ? control + 1 : control == 128 ? 0 : 257 - control;
                _repeated = control > 128 ? Next() : -1;
                if (control > 128 && _repeated < 0)
                {
                    return i;
                }
            }

            int value = _repeated >= 0 ? _repeated : Next();
            if (value < 0)
            {
                return i;
            }

            buffer[i] = (byte)value;
            _count--;
        }

        return buffer.Length;
    }
}
