using System.Globalization;

namespace Microsoft.ML.Binary.Mapping;

/// <summary>Says how layers were counted, for whoever reads the figures.</summary>
internal static class MappingNotes
{
    public static IEnumerable<string> Of(IReadOnlyList<Workload> workloads, Accelerator accelerator, CountingOptions counting)
    {
        yield return "Energy is that of memory accesses and multiply-accumulates; wires, leakage and address generation are not counted.";
        yield return "A word holds as many whole values as fit; between layers maps pass through the last level.";
        if (workloads.Any(workload => workload.Groups > 1))
        {
            yield return "Groups of a convolution run one after the other: energy and cycles of one, times their number.";
        }

        BitWidths[] widths = [.. workloads.Where(workload => workload.Bits is not null).Select(workload => workload.Bits!.Value)];
        int[] wider = [.. widths.Where(bits => !HasNarrowSums(bits)).Select(bits => bits.Sums).Distinct().Order()];
        bool someAreNarrow = widths.Any(HasNarrowSums);
        if (someAreNarrow)
        {
            yield return $"Partial sums {(wider.Length > 0 ? "of some layers " : "")}are counted as narrow as finished outputs, which is optimistic.";
        }

        if (wider.Length > 0)
        {
            yield return $"Partial sums {(someAreNarrow ? "of the others " : "")}take {string.Join(" or ", wider)} bits, in the last level too; finished outputs are written there at their own width.";
        }

        yield return counting.ScalesMacEnergy
            ? "A multiply-accumulate costs what one of the widths of its values would; cycles do not change."
            : string.Create(CultureInfo.InvariantCulture, $"A multiply-accumulate costs {accelerator.MacEnergy} pJ, whatever the widths of its values.");
        if (workloads.Any(workload => workload.Bits is { Inputs: 1, Weights: 1 }))
        {
            yield return "The accelerator has no XNOR units: values of one bit save memory traffic, and neither arithmetic nor cycles.";
        }
    }

    private static bool HasNarrowSums(BitWidths bits) => bits.Sums == bits.Outputs && bits.Sums < BitWidths.UsualSums;
}
