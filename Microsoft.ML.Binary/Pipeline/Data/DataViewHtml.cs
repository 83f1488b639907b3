using System.Globalization;
using System.Net;
using System.Text;
using Microsoft.ML.Binary.Imaging;
using Microsoft.ML.Binary.Messages;
using Microsoft.ML.Data;

namespace Microsoft.ML.Binary;

/// <summary>
/// Rows of a data view as a table to look at: images and masks are pictures, the rest is text. Notebooks that load the package show data views and
/// images so by themselves.
/// </summary>
public static class DataViewHtml
{
    // Pictures become part of the notebook's file.
    private const int LargestSide = 240, LongestText = 120, FewValues = 6;

    /// <summary>The first rows as an HTML table. Columns of the length of an image with a <c>MaskWidth</c> beside them are pictures: bytes as classes, real values as saliency, 0..1.</summary>
    /// <param name="rows">Any data view; only these rows are read.</param>
    /// <param name="maxRows">How many rows, at least 1.</param>
    /// <example><code>File.WriteAllText("rows.html", model.Transform(photos).ToHtml());</code></example>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="maxRows"/> is less than 1.</exception>
    public static string ToHtml(this IDataView rows, int maxRows = 5)
    {
        ArgumentNullException.ThrowIfNull(rows);
        ArgumentOutOfRangeException.ThrowIfLessThan(maxRows, 1);
        DataViewSchema.Column[] columns = [.. rows.Schema.Where(column => !column.IsHidden)];
        StringBuilder html = new("<div style=\"overflow-x:auto\"><table><thead><tr>");
        foreach (DataViewSchema.Column column in columns)
        {
            html.Append("<th style=\"text-align:left\">").Append(WebUtility.HtmlEncode(column.Name)).Append("</th>");
        }

        html.Append("</tr></thead><tbody>");
        int count = 0;
        bool isMore = false;
        using (DataViewRowCursor cursor = rows.GetRowCursor(columns))
        {
            Cell[] cells = [.. columns.Select(column => Cell.Of(cursor, column))];
            Func<int> width = Size(cursor, ImageDataColumns.MaskWidth), height = Size(cursor, ImageDataColumns.MaskHeight);
            while (cursor.MoveNext())
            {
                if (isMore = count == maxRows)
                {
                    break;
                }

                count++;
                html.Append("<tr>");
                foreach (Cell cell in cells)
                {
                    html.Append("<td style=\"vertical-align:top;text-align:left\">").Append(cell.Html(width(), height())).Append("</td>");
                }

                html.Append("</tr>");
            }
        }

        return html.Append("</tbody></table><p>").Append(isMore ? "The first " : "").Append(Plural.Of(count, "row")).Append('.').Append("</p></div>").ToString();
    }

    /// <summary>An image as HTML, made smaller where a side is longer than 240 pixels.</summary>
    /// <exception cref="ArgumentException">Its pixel format is not <c>Bgra32</c> or <c>Rgba32</c>.</exception>
    public static string ToHtml(this MLImage image) => Picture(image.ToRgbImage());

    private static Func<int> Size(DataViewRow row, string name) =>
        row.Schema.GetColumnOrNull(name) is { Type: NumberDataViewType { RawType: var type } } column && type == typeof(int) ? Getters.Reader<int>(row, column) : () => 0;

    private static string Picture(RgbImage image)
    {
        int longest = Math.Max(image.Width, image.Height);
        RgbImage shown = longest <= LargestSide
            ? image
            : image.Resize(Math.Max(1, image.Width * LargestSide / longest), Math.Max(1, image.Height * LargestSide / longest));
        using MemoryStream png = new();
        shown.SavePng(png);
        return string.Create(
            CultureInfo.InvariantCulture,
            $"<img alt=\"Image of {image.Width}x{image.Height} pixels\" src=\"data:image/png;base64,{Convert.ToBase64String(png.GetBuffer(), 0, (int)png.Length)}\"/>");
    }

    /// <summary>A column's value in the row where the cursor is.</summary>
    private abstract class Cell
    {
        public static Cell Of(DataViewRow row, DataViewSchema.Column column)
        {
            Type cell = column.Type is VectorDataViewType vector ? typeof(VectorCell<>).MakeGenericType(vector.ItemType.RawType) : typeof(ValueCell<>).MakeGenericType(column.Type.RawType);
            return (Cell)Activator.CreateInstance(cell, row, column)!;
        }

        /// <param name="width">Of the mask of the row; 0 where it has none.</param>
        /// <param name="height">Of the mask of the row.</param>
        public abstract string Html(int width, int height);
    }

    private sealed class ValueCell<T>(DataViewRow row, DataViewSchema.Column column) : Cell
    {
        private readonly Func<T> _read = Getters.Reader<T>(row, column);

        public override string Html(int width, int height) => _read() is var value && value is MLImage image ? Picture(image.ToRgbImage()) : Text(Shown(value));
    }

    private sealed class VectorCell<T>(DataViewRow row, DataViewSchema.Column column) : Cell
    {
        private readonly Func<VBuffer<T>> _read = Getters.Reader<VBuffer<T>>(row, column);
        private readonly Palette _palette = Palette.Of(MaskAnnotations.Palette(column) ?? []);

        public override string Html(int width, int height)
        {
            VBuffer<T> values = _read();
            return values switch
            {
                VBuffer<byte> labels when IsMask() => Picture(new SegmentationMask(width, height, [.. labels.DenseValues()]).ToImage(_palette)),
                VBuffer<float> map when IsMask() => Picture(SaliencyMask.FromProbabilities(width, height, [.. map.DenseValues()]).ToImage()),
                _ => Text($"{string.Join(", ", values.DenseValues().Take(FewValues).Select(Shown))}{(values.Length > FewValues ? $", ... ({values.Length.ToString(CultureInfo.InvariantCulture)} values)" : "")}"),
            };

            bool IsMask() => values.Length > 0 && values.Length == (long)width * height;
        }
    }

    private static string Shown<T>(T value) => value is IFormattable formattable ? formattable.ToString(null, CultureInfo.InvariantCulture) : value?.ToString() ?? "";

    private static string Text(string text) => WebUtility.HtmlEncode(text.Length > LongestText ? "..." + text[^LongestText..] : text);
}
