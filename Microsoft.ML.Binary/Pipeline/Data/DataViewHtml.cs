using System.Globalization;
using System.Net;
using System.Text;
using Microsoft.ML.Binary.Imaging;
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

        string rest = isMore ? $"The first {count.ToString(CultureInfo.InvariantCulture)} rows." : $"{count.ToString(CultureInfo.InvariantCulture)} {(count == 1 ? "row" : "rows")}.";
        return html.Append("</tbody></table><p>").Append(rest).Append("</p></div>").ToString();
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
        public static Cell Of(DataViewRow row, DataViewSchema.Column column) =>
            (Cell)Activator.CreateInstance(typeof(Cell<>).MakeGenericType(column.Type.RawType), row, column)!;

        /// <param name="width">Of the mask of the row; 0 where it has none.</param>
        /// <param name="height">Of the mask of the row.</param>
        public abstract string Html(int width, int height);
    }

    private sealed class Cell<T>(DataViewRow row, DataViewSchema.Column column) : Cell
    {
        private readonly ValueGetter<T> _getter = row.GetGetter<T>(column);
        private readonly Palette _palette = Palette.Of(MaskAnnotations.Palette(column) ?? []);
        private T? _value;

        public override string Html(int width, int height)
        {
            _getter(ref _value!);
            return _value switch
            {
                MLImage image => Picture(image.ToRgbImage()),
                VBuffer<byte> labels when IsMask(labels.Length) => Picture(new SegmentationMask(width, height, [.. labels.DenseValues()]).ToImage(_palette)),
                VBuffer<float> values when IsMask(values.Length) => Picture(SaliencyMask.FromProbabilities(width, height, [.. values.DenseValues()]).ToImage()),
                VBuffer<byte> labels => Values(labels),
                VBuffer<float> values => Values(values),
                null => "",
                IFormattable value => Text(value.ToString(null, CultureInfo.InvariantCulture)),
                _ => Text(_value.ToString()!),
            };

            bool IsMask(int length) => length > 0 && length == (long)width * height;
        }

        private static string Values<TValue>(VBuffer<TValue> values)
            where TValue : struct, IFormattable =>
            Text($"{string.Join(", ", values.DenseValues().Take(FewValues).Select(value => value.ToString(null, CultureInfo.InvariantCulture)))}{(values.Length > FewValues ? $", ... ({values.Length.ToString(CultureInfo.InvariantCulture)} values)" : "")}");

        private static string Text(string text) => WebUtility.HtmlEncode(text.Length > LongestText ? "..." + text[^LongestText..] : text);
    }
}
