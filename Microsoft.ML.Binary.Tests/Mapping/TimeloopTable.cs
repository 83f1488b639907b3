using System.Globalization;
using Microsoft.ML.Binary.Mapping;

namespace Microsoft.ML.Binary.Tests.Mapping;

/// <summary>A table of outputs of the extended Timeloop, a row a layer. The tests and <c>benchmarks/mapping</c> read it.</summary>
internal static class TimeloopTable
{
    /// <summary>The rows, each by the names of its columns.</summary>
    public static IEnumerable<Dictionary<string, string>> Read(string path)
    {
        string[] lines = File.ReadAllLines(path);
        string[] header = lines[0].Split(',');
        return lines.Skip(1).Select(line => header.Zip(line.Split(',')).ToDictionary(pair => pair.First, pair => pair.Second));
    }

    public static double Real(this Dictionary<string, string> row, string column) => double.Parse(row[column], CultureInfo.InvariantCulture);

    /// <summary>The layer, with partial sums as narrow as outputs.</summary>
    public static Workload Layer(this Dictionary<string, string> row)
    {
        return new()
        {
            Name = row["layer"],
            C = Number("C"),
            M = Number("M"),
            R = Number("R"),
            S = Number("S"),
            N = Number("N"),
            P = Number("P"),
            Q = Number("Q"),
            StrideX = Number("Wstride"),
            StrideY = Number("Hstride"),
            Bits = row["bits_w"].Length == 0 ? null : new BitWidths(Number("bits_in"), Number("bits_w"), Number("bits_out"), Number("bits_out")),
        };

        int Number(string column) => int.Parse(row[column], CultureInfo.InvariantCulture);
    }
}
