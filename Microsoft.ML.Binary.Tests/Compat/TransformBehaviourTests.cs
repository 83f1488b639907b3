using Microsoft.ML.Data;

namespace Microsoft.ML.Binary.Tests.Compat;

[TestClass]
public class TransformBehaviourTests
{
    private readonly MLContext _ml = new(seed: 1);

    [TestMethod]
    public void ANewColumnStandsRightAfterTheOneItHides()
    {
        IDataView data = _ml.Data.LoadFromEnumerable(Array.Empty<MixedRow>());
        DataViewSchema schema = _ml.Transforms.CopyColumns("Number", "Values").Fit(data).GetOutputSchema(data.Schema);
        CollectionAssert.AreEqual(new[] { "Flag", "Number", "Number", "Text", "Values" }, Sample.Names(schema));
        Assert.IsTrue(schema[1].IsHidden);
        Assert.AreEqual(schema["Values"].Type, schema["Number"].Type);
    }

    [TestMethod]
    public void DroppingAColumnDropsWhatItHides()
    {
        IDataView data = _ml.Data.LoadFromEnumerable(Array.Empty<MixedRow>());
        var model = _ml.Transforms.CopyColumns("Number", "Values").Append(_ml.Transforms.DropColumns("Number")).Fit(data);
        CollectionAssert.AreEqual(new[] { "Flag", "Text", "Values" }, Sample.Names(model.GetOutputSchema(data.Schema)));
    }

    [TestMethod]
    public void SelectedColumnsComeInTheOrderNamed()
    {
        IDataView data = _ml.Data.LoadFromEnumerable(Array.Empty<MixedRow>());
        CollectionAssert.AreEqual(
            new[] { "Values", "Flag" }, Sample.Names(_ml.Transforms.SelectColumns("Values", "Flag").Fit(data).GetOutputSchema(data.Schema)));
    }

    [TestMethod]
    public void AMissingInputColumnIsNamed()
    {
        IDataView data = Sample.Numbers(_ml, 1);
        IEstimator<ITransformer>[] estimators =
        [
            _ml.Transforms.CopyColumns("A", "Nope"),
            _ml.Transforms.DropColumns("Nope"),
            _ml.Transforms.SelectColumns("Nope"),
            _ml.Transforms.CopyColumns("A", "Number").Append(_ml.Transforms.CopyColumns("B", "Nope")),
        ];
        foreach (IEstimator<ITransformer> estimator in estimators)
        {
            StringAssert.Contains(
                Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => estimator.Fit(data)).Message, "Could not find input column 'Nope'");
        }
    }

    [TestMethod]
    public void ACustomMappingAddsItsColumns()
    {
        IDataView data = Sample.Numbers(_ml, 1, 2, 3);
        IDataView mapped = _ml.Transforms.CustomMapping<NumberRow, DoubledRow>(DoubleFactory.Map, null).Fit(data).Transform(data);
        CollectionAssert.AreEqual(new[] { "Number", "Doubled" }, Sample.Names(mapped.Schema));
        CollectionAssert.AreEqual(new[] { 2, 4, 6 }, mapped.GetColumn<int>("Doubled").ToArray());
    }

    [TestMethod]
    public void ACustomMappingIsNotRunForRowsOrColumnsThatNobodyReads()
    {
        Sample.RegisterImages();
        using MLImage image = Sample.Image(3, 2);
        ImageRow[] rows = [new() { Image = image }, new() { Image = image }];
        IDataView data = _ml.Data.LoadFromEnumerable(rows);
        int runs = 0;
        IDataView mapped = _ml.Transforms.CustomMapping<ImageRow, WidthRow>((source, destination) =>
        {
            runs++;
            destination.Width = source.Image!.Width;
        }, null).Fit(data).Transform(data);
        Assert.AreEqual(0, runs);

        // With an image among the active columns ML.NET reads row by row, on the caller's thread.
        using DataViewRowCursor cursor = mapped.GetRowCursor(mapped.Schema);
        ValueGetter<int> getter = cursor.GetGetter<int>(mapped.Schema["Width"]);
        cursor.MoveNext();
        Assert.AreEqual(0, runs);
        int width = 0;
        getter(ref width);
        getter(ref width);
        Assert.AreEqual(3, width);
        Assert.AreEqual(1, runs);
        cursor.MoveNext();
        Assert.AreEqual(1, runs);
    }

    [TestMethod]
    public void ACustomMappingChecksItsInputBeforeFitting()
    {
        IDataView text = _ml.Data.LoadFromEnumerable(new[] { new TextRow { Path = "x" } });
        var renamed = _ml.Transforms.CopyColumns("Number", "Path");
        var mapping = _ml.Transforms.CustomMapping<NumberRow, DoubledRow>(DoubleFactory.Map, null);
        StringAssert.Contains(
            Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => renamed.Append(mapping).Fit(text)).Message,
            "Schema mismatch for input column 'Number': expected Int32, got String");
    }

    [TestMethod]
    public void OutputColumnsOfASchemaShapeComeFromACustomMapping()
    {
        SchemaDefinition definition = SchemaDefinition.Create(typeof(MixedRow));
        definition["Values"].ColumnName = "Renamed";
        definition["Number"].ColumnType = NumberDataViewType.Int32;
        SchemaShape shape = _ml.Transforms.CustomMapping<EmptyRow, MixedRow>((_, _) => { }, null, null, definition).GetOutputSchema(new SchemaShape([]));
        SchemaShape.Column renamed = shape.Single(column => column.Name == "Renamed");
        Assert.AreEqual(SchemaShape.Column.VectorKind.VariableVector, renamed.Kind);
        Assert.AreEqual(NumberDataViewType.Single, renamed.ItemType);
        Assert.IsFalse(renamed.IsKey);
        Assert.AreEqual(SchemaShape.Column.VectorKind.Scalar, shape.Single(column => column.Name == "Number").Kind);
    }

    [TestMethod]
    public void MapValueGivesTheVectorOfTheKeyOrAnEmptyOne()
    {
        IDataView lookup = _ml.Data.LoadFromEnumerable(new[] { new KeyedPayload { Key = 1, Payload = [1, 2, 3] } });
        IDataView data = Sample.Numbers(_ml, 1, 5);
        var estimator = _ml.Transforms.Conversion.MapValue("Payload", lookup, lookup.Schema["Key"], lookup.Schema["Payload"], "Number");
        byte[][] payloads = estimator.Fit(data).Transform(data).GetColumn<byte[]>("Payload").ToArray();
        CollectionAssert.AreEqual(new byte[] { 1, 2, 3 }, payloads[0]);
        Assert.AreEqual(0, payloads[1].Length);
    }

    [TestMethod]
    public void EachRowGetsItsOwnCopyOfAMappedVector()
    {
        IDataView lookup = _ml.Data.LoadFromEnumerable(new[] { new KeyedPayload { Key = 1, Payload = [1, 2, 3] } });
        IDataView data = Sample.Numbers(_ml, 1, 1);
        var estimator = _ml.Transforms.Conversion.MapValue("Payload", lookup, lookup.Schema["Key"], lookup.Schema["Payload"], "Number");
        IDataView mapped = estimator.Fit(data).Transform(data);
        using DataViewRowCursor cursor = mapped.GetRowCursor(mapped.Schema);
        ValueGetter<VBuffer<byte>> getter = cursor.GetGetter<VBuffer<byte>>(mapped.Schema["Payload"]);
        VBuffer<byte> first = default, second = default;
        cursor.MoveNext();
        getter(ref first);
        cursor.MoveNext();
        getter(ref second);
        VBufferEditor.CreateFromBuffer(ref first).Values[0] = 99;
        Assert.AreEqual(1, second.GetValues()[0]);
    }

    [TestMethod]
    public void AChainFiltersByScope()
    {
        IDataView data = Sample.Numbers(_ml, 1);
        IEstimator<ITransformer> first = _ml.Transforms.CopyColumns("A", "Number");
        var chain = first.Append(_ml.Transforms.CopyColumns("B", "A")).Append(_ml.Transforms.CopyColumns("C", "B"), TransformerScope.Training).Fit(data);
        Assert.AreEqual(3, chain.Count());
        CollectionAssert.AreEqual(
            new[] { "Number", "A", "B" }, Sample.Names(chain.GetModelFor(TransformerScope.Scoring).GetOutputSchema(data.Schema)));
    }

    [TestMethod]
    public void APredictionEngineScoresOneObject()
    {
        IDataView data = Sample.Numbers(_ml, 1);
        ITransformer model = _ml.Transforms.CustomMapping<NumberRow, DoubledRow>(DoubleFactory.Map, null)
            .Append(_ml.Transforms.CopyColumns("Number", "Doubled")).Fit(data);
        using PredictionEngine<NumberRow, NumberRow> engine = _ml.Model.CreatePredictionEngine<NumberRow, NumberRow>(model);
        Assert.AreEqual(8, engine.Predict(new NumberRow { Number = 4 }).Number);
        Assert.AreEqual(10, engine.Predict(new NumberRow { Number = 5 }).Number);
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => _ml.Model.CreatePredictionEngine<TextRow, NumberRow>(model));
    }

    public class EmptyRow
    {
    }
}
