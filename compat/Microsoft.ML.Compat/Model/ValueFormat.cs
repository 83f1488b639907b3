using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Microsoft.ML.Data;

/// <summary>How values of one raw type are copied, written and read.</summary>
internal sealed record ValueFormat<T>(Action<BinaryWriter, T> Write, Func<ModelReader, T> Read, ValueFormat.Copier<T> Copy);

internal static class ValueFormat
{
    public delegate void Copier<T>(T source, ref T destination);

    public static ValueFormat<T> Of<T>()
    {
        object format;
        if (typeof(T) == typeof(ReadOnlyMemory<char>))
        {
            format = Text;
        }
        else if (typeof(T).IsGenericType && typeof(T).GetGenericTypeDefinition() == typeof(VBuffer<>))
        {
            Type item = typeof(T).GetGenericArguments()[0];
            format = item == typeof(ReadOnlyMemory<char>) ? Vector(Text) : Invoke(nameof(NumberVector), item);
        }
        else
        {
            format = typeof(T).IsPrimitive ? Invoke(nameof(Number), typeof(T)) : throw new NotSupportedException($"Values of type {typeof(T)} cannot be saved.");
        }

        return (ValueFormat<T>)format;
    }

    private static ValueFormat<ReadOnlyMemory<char>> Text { get; } = new(
        (writer, text) => writer.Write(text.ToString()),
        reader => reader.ReadString().AsMemory(),
        (ReadOnlyMemory<char> source, ref ReadOnlyMemory<char> destination) => destination = source);

    private static object Invoke(string method, Type type) =>
        typeof(ValueFormat).GetMethod(method, BindingFlags.NonPublic | BindingFlags.Static).MakeGenericMethod(type).Invoke(null, null);

    private static ValueFormat<T> Number<T>()
        where T : unmanaged => new(
            (writer, value) => writer.Write(MemoryMarshal.AsBytes(new ReadOnlySpan<T>(in value))),
            reader => MemoryMarshal.Read<T>(reader.ReadBytes(1, Unsafe.SizeOf<T>())),
            (T source, ref T destination) => destination = source);

    private static ValueFormat<VBuffer<T>> NumberVector<T>()
        where T : unmanaged => new(
            (writer, value) =>
            {
                T[] dense = [.. value.DenseValues()];
                writer.Write(dense.Length);
                writer.Write(MemoryMarshal.AsBytes<T>(dense));
            },
            reader =>
            {
                int length = reader.ReadInt32();
                return new VBuffer<T>(length, MemoryMarshal.Cast<byte, T>(reader.ReadBytes(length, Unsafe.SizeOf<T>())).ToArray());
            },
            (VBuffer<T> source, ref VBuffer<T> destination) => source.CopyTo(ref destination));

    private static ValueFormat<VBuffer<T>> Vector<T>(ValueFormat<T> item) => new(
        (writer, value) =>
        {
            writer.Write(value.Length);
            foreach (T element in value.DenseValues())
            {
                item.Write(writer, element);
            }
        },
        reader =>
        {
            var values = new List<T>();
            for (int left = reader.ReadInt32(); left > 0; left--)
            {
                values.Add(item.Read(reader));
            }

            return new VBuffer<T>(values.Count, [.. values]);
        },
        (VBuffer<T> source, ref VBuffer<T> destination) => source.CopyTo(ref destination));
}
