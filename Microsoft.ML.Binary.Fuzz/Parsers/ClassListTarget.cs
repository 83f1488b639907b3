using System.Text;
using Microsoft.ML.Binary.Cli.Options;

namespace Microsoft.ML.Binary.Fuzz.Parsers;

/// <summary>Lists of class names and colours.</summary>
internal sealed class ClassListTarget : Target
{
    public override string Name => "classes";

    public override double Weight => 0.02;

    public override IReadOnlyList<byte[]> Seeds { get; } =
        [.. new[] { "sky\nroad\n", "sky\t#102030\nroad\t#FF00ff\ncar\t#000000\n", "a\r\nb\r\n", "\uFEFFhimmel\nstraße\n", "x\t\ny", string.Join('\n', Enumerable.Range(0, 255)) }.Select(Encoding.UTF8.GetBytes)];

    public override bool Read(byte[] file, bool thoroughly)
    {
        ClassList? list = Try(() => ClassList.Parse(ScratchFile.Of(file)));
        Expect(list is null || list.Names.Length is >= 2 and <= 255, $"{list?.Names.Length} classes were taken.");
        return list is not null;
    }
}
