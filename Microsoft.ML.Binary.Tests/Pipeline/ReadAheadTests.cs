using Microsoft.ML.Binary.Imaging;
using Microsoft.ML.Binary.Tests.Cli;
using Microsoft.ML.Data;

namespace Microsoft.ML.Binary.Tests.Pipeline;

/// <summary>The image of the next row may be decoded beforehand; nothing else is different then.</summary>
[TestClass]
public sealed class ReadAheadTests
{
    private readonly MLContext _ml = new(seed: 1);

    [TestMethod]
    [DataRow(true)]
    [DataRow(false)]
    public void RowsAndErrors_AreWhereTheyWere(bool readAhead)
    {
        using Workplace place = new(images: 6);
        File.WriteAllText(place.Image(4), "no image");
        using DataViewRowCursor cursor = Cursor(_ml.Data.LoadImages(place.Images, new() { ReadAhead = readAhead }), out ValueGetter<MLImage> image, out ValueGetter<ReadOnlyMemory<char>> path);
        for (int i = 0; i < 6; i++)
        {
            Assert.IsTrue(cursor.MoveNext());
            Assert.AreEqual((i, (long)i), ((int)cursor.Position, cursor.Batch));
            ReadOnlyMemory<char> name = default;
            path(ref name);
            Assert.AreEqual(place.Image(i), name.ToString());

            // Images that nobody asks for are passed over.
            MLImage? value = null;
            if (i == 4)
            {
                StringAssert.Contains(Assert.ThrowsExactly<InvalidDataException>(() => image(ref value!)).Message, place.Image(4));
            }
            else if (i != 2)
            {
                image(ref value!);
                CollectionAssert.AreEqual(RgbImage.Load(place.Image(i)).Pixels, value.ToRgbImage().Pixels, $"image {i}");
                value.Dispose();
            }
        }

        Assert.IsFalse(cursor.MoveNext());
        Assert.IsFalse(cursor.MoveNext());
    }

    [TestMethod]
    [DataRow(true)]
    [DataRow(false)]
    public void AManifestThatWasCut_IsAnErrorBehindItsLastRow(bool readAhead)
    {
        using Workplace place = new(images: 3);
        string manifest = Path.Combine(place.Images, "a.txt");
        File.WriteAllLines(manifest, Enumerable.Range(0, 3).Select(place.Image));
        IDataView view = _ml.Data.LoadImageManifest(manifest, new() { ReadAhead = readAhead });
        File.WriteAllLines(manifest, Enumerable.Range(0, 2).Select(place.Image));
        using DataViewRowCursor cursor = Cursor(view, out ValueGetter<MLImage> image, out _);
        for (int i = 0; i < 2; i++)
        {
            Assert.IsTrue(cursor.MoveNext());
            MLImage? value = null;
            image(ref value!);
            CollectionAssert.AreEqual(RgbImage.Load(place.Image(i)).Pixels, value.ToRgbImage().Pixels, $"image {i}");
            value.Dispose();
        }

        StringAssert.Contains(Assert.ThrowsExactly<InvalidDataException>(() => cursor.MoveNext()).Message, "1 image fewer");
        Assert.AreEqual(-1, cursor.Position);
        MLImage? none = null;
        StringAssert.Contains(Assert.ThrowsExactly<InvalidOperationException>(() => image(ref none!)).Message, "stands on no row");
        Assert.IsFalse(cursor.MoveNext());
    }

    [TestMethod]
    public void TheNextImage_IsReadWhenOneWasAskedFor()
    {
        if (Environment.ProcessorCount == 1)
        {
            Assert.Inconclusive("Nothing is read ahead on one core.");
        }

        using Workplace place = new(images: 3);
        File.WriteAllText(place.Image(1), "no image");
        using ManualResetEventSlim told = new();
        IDataView view = _ml.Data.LoadImages(place.Images, new() { OnUnreadable = _ => told.Set() });
        using DataViewRowCursor cursor = Cursor(view, out ValueGetter<MLImage> image, out _);
        Assert.IsTrue(cursor.MoveNext());
        Assert.IsFalse(told.Wait(50));
        MLImage? value = null;
        image(ref value!);
        Assert.IsTrue(told.Wait(TimeSpan.FromMinutes(1)));
        Assert.IsTrue(cursor.MoveNext());
        Assert.IsFalse(cursor.MoveNext());
    }

    [TestMethod]
    public void WithoutReadAhead_FilesAreReadWhereTheyArePassed()
    {
        using Workplace place = new(images: 3);
        File.WriteAllText(place.Image(1), "no image");
        bool told = false;
        using DataViewRowCursor cursor = Cursor(_ml.Data.LoadImages(place.Images, new() { ReadAhead = false, OnUnreadable = _ => told = true }), out ValueGetter<MLImage> image, out _);
        Assert.IsTrue(cursor.MoveNext());
        MLImage? value = null;
        image(ref value!);
        Assert.IsFalse(told);
        Assert.IsTrue(cursor.MoveNext());
        Assert.IsTrue(told);
    }

    /// <summary>What was begun has ended, so that nothing reads files after a cursor was disposed of.</summary>
    [TestMethod]
    public void ADisposedCursor_ReadsNothing()
    {
        for (int i = 0; i < 20; i++)
        {
            using Workplace place = new(images: 3);
            int reports = 0;
            File.WriteAllText(place.Image(1), "no image");
            using (DataViewRowCursor cursor = Cursor(_ml.Data.LoadImages(place.Images, new() { OnUnreadable = _ => Interlocked.Increment(ref reports) }), out ValueGetter<MLImage> image, out _))
            {
                Assert.IsTrue(cursor.MoveNext());
                MLImage? value = null;
                image(ref value!);
            }

            int after = reports;
            Thread.Sleep(5);
            Assert.AreEqual(after, reports);
        }
    }

    private static DataViewRowCursor Cursor(IDataView view, out ValueGetter<MLImage> image, out ValueGetter<ReadOnlyMemory<char>> path)
    {
        DataViewSchema.Column images = view.Schema[ImageDataColumns.Image], paths = view.Schema[ImageDataColumns.ImagePath];
        DataViewRowCursor cursor = view.GetRowCursor([images, paths]);
        (image, path) = (cursor.GetGetter<MLImage>(images), cursor.GetGetter<ReadOnlyMemory<char>>(paths));
        return cursor;
    }
}
