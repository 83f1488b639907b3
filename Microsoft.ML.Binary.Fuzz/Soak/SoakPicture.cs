using System.Globalization;
using System.Text;

namespace Microsoft.ML.Binary.Fuzz.Soak;

/// <summary>Memory, handles and threads over time, as SVG.</summary>
internal static class SoakPicture
{
    private const int Width = 800, Height = 120, Left = 70, Top = 30;

    public static string Draw(IReadOnlyList<SoakSample> samples)
    {
        StringBuilder svg = new();
        svg.AppendLine(CultureInfo.InvariantCulture, $"<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{Width + Left + 20}\" height=\"{3 * (Height + Top + 20)}\" font-family=\"sans-serif\" font-size=\"12\">");
        svg.AppendLine("<rect width=\"100%\" height=\"100%\" fill=\"white\"/>");
        Panel("memory, MB", sample => sample.Megabytes, 0);
        Panel("handles", sample => sample.Handles, 1);
        Panel("threads", sample => sample.Threads, 2);
        return svg.AppendLine("</svg>").ToString();

        void Panel(string title, Func<SoakSample, double> value, int index)
        {
            double highest = Math.Max(1, samples.Max(value)), end = Math.Max(1e-9, samples[^1].Minutes);
            int top = index * (Height + Top + 20) + Top, bottom = top + Height;
            string points = string.Join(' ', samples.Select(sample => string.Create(
                CultureInfo.InvariantCulture, $"{Left + Width * sample.Minutes / end:0.0},{bottom - Height * value(sample) / highest:0.0}")));
            svg.AppendLine(CultureInfo.InvariantCulture, $"<text x=\"{Left}\" y=\"{top - 10}\">{title}</text>");
            svg.AppendLine(CultureInfo.InvariantCulture, $"<text x=\"{Left - 6}\" y=\"{top + 10}\" text-anchor=\"end\">{highest:0}</text><text x=\"{Left - 6}\" y=\"{bottom}\" text-anchor=\"end\">0</text>");
            svg.AppendLine(CultureInfo.InvariantCulture, $"<text x=\"{Left + Width}\" y=\"{bottom + 14}\" text-anchor=\"end\">{end:0.0} min</text>");
            svg.AppendLine(CultureInfo.InvariantCulture, $"<path d=\"M{Left} {top}V{bottom}H{Left + Width}\" fill=\"none\" stroke=\"gray\"/>");
            svg.AppendLine(CultureInfo.InvariantCulture, $"<polyline points=\"{points}\" fill=\"none\" stroke=\"#1f6feb\" stroke-width=\"1.5\"/>");
        }
    }
}
