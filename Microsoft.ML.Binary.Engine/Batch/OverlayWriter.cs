using System.Runtime.ExceptionServices;
using Microsoft.ML.Binary.Files;
using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Imaging;
using Microsoft.ML.Binary.Imaging.Codec;

namespace Microsoft.ML.Binary;

/// <summary>Writes the picture of a mask on its image while the image is read, so that of both only the mask is in memory.</summary>
internal static class OverlayWriter
{
    /// <param name="path">The picture.</param>
    /// <param name="image">The image's file.</param>
    /// <param name="head">Whose mask it is.</param>
    /// <param name="mask">The mask's file.</param>
    /// <param name="note">What stands in the picture.</param>
    /// <param name="cancellationToken">Ends it between two rows.</param>
    /// <returns>Why the image cannot be read; null where the picture is there.</returns>
    /// <exception cref="IOException">The picture cannot be written.</exception>
    public static ExceptionDispatchInfo? Write(string path, string image, TaskHead head, string mask, PngNote note, CancellationToken cancellationToken)
    {
        if (!head.Task.HasClasses)
        {
            SaliencyMask gray = MaskReader.ReadGray(mask);
            return Write(path, image, (y, row) => Overlay.SaliencyRow(row, y, gray, OverlayOptions.Default), strip: null, note, cancellationToken);
        }

        SegmentationMask labels = MaskReader.ReadClassIndices(mask);
        Palette palette = Palette.Of(head.Palette);
        OverlayOptions options = new() { Palette = palette, ClassNames = head.ClassNames };
        return Write(path, image, (y, row) => Overlay.CoverRow(row, y, labels, options), Legend.Strip(labels.Width, labels.Height, labels.CountLabels(), options), note, cancellationToken);
    }

    private static ExceptionDispatchInfo? Write(string path, string image, Overlay.DrawRow draw, RgbImage? strip, PngNote note, CancellationToken cancellationToken)
    {
        ExceptionDispatchInfo? fault = null;
        try
        {
            AtomicFile.WriteOneOfMany(path, Draw);
        }
        catch when (fault is not null)
        {
            // Whatever became of it on the way: it is none of the picture's file.
        }

        return fault;

        void Draw(Stream stream)
        {
            PngWriter? writer = null;
            bool writes = false;
            try
            {
                // What there is to say of the file was said when it was scored.
                ImageReader.ReadRows(image, Begin, ImageReadOptions.Default with { Cancellation = cancellationToken, OnWarning = null });
                writes = true;
                for (int y = 0; y < strip?.Height; y++)
                {
                    writer!.Add(strip.Pixels.AsSpan(3 * y * strip.Width, 3 * strip.Width));
                }
            }
            catch (Exception e) when (!writes && e is not OperationCanceledException)
            {
                fault = ExceptionDispatchInfo.Capture(e);
                throw;
            }
            finally
            {
                writer?.Dispose();
            }

            DecodedRow Begin(ImageInfo info)
            {
                writer = new(stream, info.Width, info.Height + (strip?.Height ?? 0), ColorModel.Rgb, note: note);
                byte[] row = new byte[3 * info.Width];
                int y = 0;
                return rgb =>
                {
                    rgb.CopyTo(row);
                    draw(y++, row);
                    writes = true;
                    writer.Add(row);
                    writes = false;
                };
            }
        }
    }
}
