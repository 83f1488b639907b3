using System.Numerics.Tensors;
using Microsoft.ML.Binary.Imaging;

namespace Microsoft.ML.Binary.Reporting;

/// <summary>The confusion matrix as a heat map, and the largest confusions in words.</summary>
internal static class ConfusionSection
{
    /// <summary>Up to so many classes every cell is a field of a table with its number; above it a pixel of a picture.</summary>
    public const int LargestTable = 30;

    private const int LargestSpacious = 14;
    private const int Confusions = 8;

    public static void Write(HtmlWriter html, SegmentationMetrics metrics)
    {
        ConfusionShares shares = new(metrics.ConfusionMatrix);
        using (html.Open("div", ("class", "confusion")))
        {
            if (shares.NumberOfClasses <= LargestTable)
            {
                Table(html, metrics, shares);
            }
            else
            {
                Picture(html, shares);
            }

            Largest(html, metrics, shares);
        }
    }

    private static void Table(HtmlWriter html, SegmentationMetrics metrics, ConfusionShares shares)
    {
        using (html.Open("div", ("class", "scroll")))
        using (html.Open("table", ("class", shares.NumberOfClasses > LargestSpacious ? "heat dense" : "heat")))
        {
            using (html.Open("thead"))
            using (html.Open("tr"))
            {
                html.Element("th", "true\u00A0\u2193 predicted\u00A0\u2192", ("class", "corner"));
                foreach (string name in metrics.ClassNames)
                {
                    using (html.Open("th", ("title", name)))
                    {
                        html.Element("span", name);
                    }
                }
            }

            using (html.Open("tbody"))
            {
                for (int label = 0; label < shares.NumberOfClasses; label++)
                {
                    using (html.Open("tr"))
                    {
                        html.Element("th", metrics.ClassNames[label], ("title", metrics.ClassNames[label]));
                        for (int prediction = 0; prediction < shares.NumberOfClasses; prediction++)
                        {
                            Cell(html, metrics, shares, label, prediction);
                        }
                    }
                }
            }
        }
    }

    private static void Cell(HtmlWriter html, SegmentationMetrics metrics, ConfusionShares shares, int label, int prediction)
    {
        double share = shares[label, prediction];
        string kind = (share >= 0.5 ? "hot" : "") + (label == prediction ? " diagonal" : "");
        html.Element(
            "td", share >= 0.005 ? ReportText.WholePercent(share) : "",
            ("class", kind.Trim()),
            ("style", $"--share:{ReportText.Length(share)}"),
            ("title", $"{metrics.ClassNames[label]} predicted as {metrics.ClassNames[prediction]}: {ReportText.Percent(share)}"));
    }

    private static void Picture(HtmlWriter html, ConfusionShares shares)
    {
        RgbImage picture = new(shares.NumberOfClasses, shares.NumberOfClasses);
        for (int label = 0; label < shares.NumberOfClasses; label++)
        {
            for (int prediction = 0; prediction < shares.NumberOfClasses; prediction++)
            {
                picture[prediction, label] = HeatColor.Of(shares[label, prediction]);
            }
        }

        using (html.Open("figure", ("class", "heat")))
        {
            html.Empty("img", ("alt", "Confusion matrix"), ("src", Thumbnail.DataUri(picture)));
            html.Element(
                "figcaption",
                $"One pixel for each pair of the {shares.NumberOfClasses} classes in order of their indices: true class downwards, predicted class to the right.");
        }
    }

    private static void Largest(HtmlWriter html, SegmentationMetrics metrics, ConfusionShares shares)
    {
        IReadOnlyList<(int Label, int Prediction, long Pixels)> largest = shares.Largest(Confusions);
        if (largest.Count == 0)
        {
            html.Element("p", "No pixel was confused.", ("class", "note"));
            return;
        }

        using (html.Open("div", ("class", "largest")))
        {
            html.Element("h3", "Largest confusions");
            using (html.Open("ol"))
            {
                foreach ((int label, int prediction, long pixels) in largest)
                {
                    using (html.Open("li"))
                    {
                        html.Element("b", metrics.ClassNames[label]);
                        html.Text(" taken for ");
                        html.Element("b", metrics.ClassNames[prediction]);
                        html.Element(
                            "span",
                            $"{ReportText.Percent(shares[label, prediction])} of the class, {ReportText.Percent(pixels / (double)metrics.PixelCount)} of all pixels");
                    }
                }
            }
        }
    }
}

/// <summary>A confusion matrix as shares of its rows: of all pixels of a class, how many were predicted as each class.</summary>
internal sealed class ConfusionShares(PixelConfusionMatrix matrix)
{
    private readonly long[] _labelled = [.. Enumerable.Range(0, matrix.NumberOfClasses).Select(label => TensorPrimitives.Sum(matrix.Row(label)))];

    public int NumberOfClasses => _labelled.Length;

    /// <summary>A share of 0..1; NaN where no pixel has that label.</summary>
    public double this[int label, int prediction] => matrix[label, prediction] / (double)_labelled[label];

    /// <summary>The pairs of classes that most pixels fell victim to, most first.</summary>
    public IReadOnlyList<(int Label, int Prediction, long Pixels)> Largest(int count)
    {
        var pairs = from label in Enumerable.Range(0, NumberOfClasses)
                    from prediction in Enumerable.Range(0, NumberOfClasses)
                    let pixels = matrix[label, prediction]
                    where label != prediction && pixels > 0
                    orderby pixels descending
                    select (label, prediction, pixels);
        return [.. pairs.Take(count)];
    }
}

/// <summary>A ramp from near black through violet and orange to pale yellow, legible on light and dark pages.</summary>
internal static class HeatColor
{
    private static readonly RgbColor[] Stops =
        [new(22, 20, 40), new(78, 34, 112), new(166, 48, 108), new(230, 98, 66), new(252, 172, 62), new(252, 240, 180)];

    /// <summary>The colour of a share of 0..1; of none where the share is undefined. Small shares are spread: they are the errors.</summary>
    public static RgbColor Of(double share)
    {
        double position = double.IsNaN(share) ? 0 : Math.Sqrt(Math.Clamp(share, 0, 1)) * (Stops.Length - 1);
        int below = Math.Min((int)position, Stops.Length - 2);
        return Canvas.Mix(Stops[below], Stops[below + 1], (float)(position - below));
    }
}
