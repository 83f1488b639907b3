using System.CommandLine;
using System.Globalization;

namespace Microsoft.ML.Binary.Cli.Options;

/// <summary>Numbers with commas between them.</summary>
internal static class NumberList
{
    public static Option<double[]?> Positive(string name, string description) => new(name)
    {
        HelpName = "A,B,...",
        Description = description,
        CustomParser = argument =>
        {
            string text = argument.Tokens[^1].Value;
            double?[] numbers = [.. text.Split(',').Select(part => double.TryParse(part.Trim(), NumberStyles.Float, CultureInfo.InvariantCulture, out double value) && value > 0 && double.IsFinite(value) ? value : (double?)null)];
            if (numbers.Contains(null))
            {
                argument.AddError($"{name} is '{text}'; it must be numbers above 0 with commas between them, like 0.1,0.3,1.");
                return null;
            }

            return [.. numbers.Select(number => number!.Value)];
        },
    };

    /// <summary>Widths in bits, ascending.</summary>
    public static Option<byte[]?> Widths(string name, string description, IEnumerable<byte> possible) => new(name)
    {
        HelpName = "P,Q,...",
        Description = description,
        CustomParser = argument =>
        {
            string text = argument.Tokens[^1].Value;
            byte[] widths = [.. text.Split(',').Select(part => byte.TryParse(part.Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out byte value) ? value : byte.MaxValue)];
            if (!widths.All(possible.Contains) || !widths.SequenceEqual(widths.Distinct().Order()))
            {
                argument.AddError($"{name} is '{text}'; it must be widths of {string.Join(", ", possible)} bits in ascending order, like {string.Join(',', possible)}.");
                return null;
            }

            return widths;
        },
    };
}
