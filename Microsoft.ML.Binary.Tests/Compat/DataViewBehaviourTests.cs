using Microsoft.ML.Data;

namespace Microsoft.ML.Binary.Tests.Compat;

[TestClass]
public class DataViewBehaviourTests
{
    private readonly MLContext _ml = new(seed: 1);

    [TestMethod]
    public void ObjectsComeBackAsTheyWent()
    {
        MixedRow[] rows = [new() { Flag = true, Number = 1, Text = "a", Values = [1, 2] }, new() { Number = 2 }];
        MixedRow[] back = _ml.Data.CreateEnumerable<MixedRow>(_ml.Data.LoadFromEnumerable(rows), reuseRowObject: false).ToArray();
        Assert.IsTrue(back[0].Flag);
        Assert.AreEqual("a", back[0].Text);
        CollectionAssert.AreEqual(new[] { 1f, 2f }, back[0].Values);
        Assert.AreEqual("", back[1].Text);
        Assert.IsNull(back[1].Values);
    }

    [TestMethod]
    public void ACursorCountsFromMinusOneAndEndsThere()
    {
        IDataView data = Sample.Numbers(_ml, 10, 20);
        using DataViewRowCursor cursor = data.GetRowCursor(data.Schema);
        ValueGetter<int> number = cursor.GetGetter<int>(data.Schema["Number"]);
        ValueGetter<DataViewRowId> getId = cursor.GetIdGetter();
        Assert.AreEqual(-1, cursor.Position);
        for (int row = 0; row < 2; row++)
        {
            Assert.IsTrue(cursor.MoveNext());
            int value = 0;
            number(ref value);
            DataViewRowId id = default;
            getId(ref id);
            Assert.AreEqual(row, cursor.Position);
            Assert.AreEqual(0, cursor.Batch);
            Assert.AreEqual(10 * (row + 1), value);
            Assert.AreEqual(new DataViewRowId((ulong)row, 0), id);
        }

        Assert.IsFalse(cursor.MoveNext());
        Assert.AreEqual(-1, cursor.Position);
        Assert.IsFalse(cursor.MoveNext());
    }

    [TestMethod]
    public void AGetterMustHaveTheColumnsTypeAndAnActiveColumn()
    {
        IDataView data = _ml.Data.LoadFromEnumerable(new[] { new MixedRow() });
        using DataViewRowCursor cursor = data.GetRowCursor([data.Schema["Number"]]);
        Assert.IsTrue(cursor.IsColumnActive(data.Schema["Number"]));
        Assert.IsFalse(cursor.IsColumnActive(data.Schema["Text"]));
        Assert.ThrowsExactly<InvalidOperationException>(() => cursor.GetGetter<float>(data.Schema["Number"]));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => cursor.GetGetter<ReadOnlyMemory<char>>(data.Schema["Text"]));
    }

    [TestMethod]
    public void AnEnumerableIsReadAgainByEachCursorAndNeverShuffled()
    {
        int reads = 0;
        IEnumerable<NumberRow> Stream()
        {
            reads++;
            yield return new NumberRow { Number = 1 };
            yield return new NumberRow { Number = 2 };
        }

        IDataView stream = _ml.Data.LoadFromEnumerable(Stream());
        Assert.AreEqual(0, reads);
        CollectionAssert.AreEqual(new[] { 1, 2 }, stream.GetColumn<int>("Number").ToArray());
        CollectionAssert.AreEqual(new[] { 1, 2 }, stream.GetColumn<int>("Number").ToArray());
        Assert.AreEqual(2, reads);
        Assert.IsNull(stream.GetRowCount());
        Assert.IsFalse(stream.CanShuffle);
        Assert.IsFalse(Sample.Numbers(_ml, 1, 2).CanShuffle);
        Assert.AreEqual(2, Sample.Numbers(_ml, 1, 2).GetRowCount());
        Assert.AreEqual(1, stream.GetRowCursorSet(stream.Schema, 4).Length);
    }

    [TestMethod]
    public void ANullRowIsAnError()
        => Assert.ThrowsExactly<InvalidOperationException>(() => _ml.Data.LoadFromEnumerable(new NumberRow[] { null! }).GetColumn<int>("Number").ToArray());

    [TestMethod]
    public void AnObjectMustFitTheView()
    {
        IDataView data = Sample.Numbers(_ml, 1);
        StringAssert.Contains(
            Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => _ml.Data.CreateEnumerable<DoubledRow>(data, false)).Message, "column 'Doubled'");
        Assert.AreEqual(0, _ml.Data.CreateEnumerable<DoubledRow>(data, false, ignoreMissingColumns: true).Single().Doubled);
        IDataView text = _ml.Data.LoadFromEnumerable(new[] { new TextRow { Path = "x" } });
        IDataView renamed = _ml.Transforms.CopyColumns("Number", "Path").Fit(text).Transform(text);
        StringAssert.Contains(
            Assert.ThrowsExactly<InvalidOperationException>(() => _ml.Data.CreateEnumerable<NumberRow>(renamed, false)).Message,
            "Can't bind the IDataView column 'Number' of type 'String' to field or property 'Number' of type 'System.Int32'");
    }

    [TestMethod]
    public void AReusedRowObjectIsOneObject()
    {
        NumberRow[] rows = _ml.Data.CreateEnumerable<NumberRow>(Sample.Numbers(_ml, 1, 2), reuseRowObject: true).ToArray();
        Assert.AreSame(rows[0], rows[1]);
        Assert.AreEqual(2, rows[0].Number);
    }

    [TestMethod]
    public void GetColumnGivesTextsAndVectorsAsTheCallerLikes()
    {
        IDataView data = _ml.Data.LoadFromEnumerable(new[] { new MixedRow { Text = "a", Values = [3] } });
        Assert.AreEqual("a", data.GetColumn<string>("Text").Single());
        Assert.AreEqual("a", data.GetColumn<ReadOnlyMemory<char>>("Text").Single().ToString());
        CollectionAssert.AreEqual(new[] { 3f }, data.GetColumn<float[]>("Values").Single());
        Assert.AreEqual(1, data.GetColumn<VBuffer<float>>("Values").Single().Length);
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => data.GetColumn<float>("Number").ToArray());
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => data.GetColumn<float>("Nope").ToArray());
    }

    [TestMethod]
    public void GetColumnReusesTheBufferOfAVector()
    {
        IDataView data = _ml.Data.LoadFromEnumerable(new[] { new MixedRow { Values = [1] }, new MixedRow { Values = [2] } });
        VBuffer<float>[] kept = data.GetColumn<VBuffer<float>>("Values").ToArray();
        Assert.AreEqual(2f, kept[0].GetValues()[0]);
    }

    [TestMethod]
    public void RowsAreTakenAndSkipped()
    {
        IDataView data = Sample.Numbers(_ml, 1, 2, 3);
        CollectionAssert.AreEqual(new[] { 1, 2 }, _ml.Data.TakeRows(data, 2).GetColumn<int>("Number").ToArray());
        CollectionAssert.AreEqual(new[] { 2, 3 }, _ml.Data.SkipRows(data, 1).GetColumn<int>("Number").ToArray());
        Assert.AreEqual(0, _ml.Data.SkipRows(data, 5).GetColumn<int>("Number").Count());
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => _ml.Data.TakeRows(data, 0));
    }

    [TestMethod]
    public void ACustomPredicateSaysWhatToDrop()
    {
        IDataView kept = _ml.Data.FilterByCustomPredicate<NumberRow>(Sample.Numbers(_ml, 1, 2, 3), row => row.Number == 2);
        CollectionAssert.AreEqual(new[] { 1, 3 }, kept.GetColumn<int>("Number").ToArray());
    }

    [TestMethod]
    public void ASplitPutsEveryRowIntoOneSet()
    {
        IDataView data = Sample.Numbers(_ml, [.. Enumerable.Range(0, 200)]);
        DataOperationsCatalog.TrainTestData split = _ml.Data.TrainTestSplit(data, testFraction: 0.5, seed: 3);
        int[] train = split.TrainSet.GetColumn<int>("Number").ToArray();
        int[] test = split.TestSet.GetColumn<int>("Number").ToArray();
        CollectionAssert.AreEquivalent(Enumerable.Range(0, 200).ToArray(), train.Concat(test).ToArray());
        Assert.AreNotEqual(0, train.Length);
        Assert.AreNotEqual(0, test.Length);
        CollectionAssert.AreEqual(test, split.TestSet.GetColumn<int>("Number").ToArray());
    }

    [TestMethod]
    public void APreviewShowsTheFirstRows()
    {
        DataDebuggerPreview preview = Sample.Numbers(_ml, 1, 2, 3).Preview(maxRows: 2);
        Assert.AreEqual(2, preview.RowView.Length);
        Assert.AreEqual(2, preview.RowView[1].Values.Single(value => value.Key == "Number").Value);
        CollectionAssert.AreEqual(new object[] { 1, 2 }, preview.ColumnView.Single().Values);
    }
}
