using System.IO.Compression;
using Microsoft.ML.Data;

namespace Microsoft.ML.Binary.Tests.Compat;

[TestClass]
public class ModelBehaviourTests
{
    private readonly MLContext _ml = new(seed: 1);

    [TestMethod]
    public void AModelComesBackAsTheTypeItWas()
    {
        IDataView data = Sample.Numbers(_ml, 7);
        ITransformer copy = _ml.Transforms.CopyColumns("Copy", "Number").Fit(data);
        ITransformer loaded = Sample.SaveAndLoad(copy, data.Schema, out DataViewSchema schema);
        Assert.AreEqual(copy.GetType(), loaded.GetType());
        Assert.AreEqual(NumberDataViewType.Int32, schema["Number"].Type);
        Assert.AreEqual(7, loaded.Transform(data).GetColumn<int>("Copy").Single());
    }

    [TestMethod]
    public void NoSchemaComesBackAsNone()
    {
        IDataView data = Sample.Numbers(_ml, 7);
        Sample.SaveAndLoad(_ml.Transforms.CopyColumns("Copy", "Number").Fit(data), null, out DataViewSchema schema);
        Assert.IsNull(schema);
    }

    [TestMethod]
    public void ImageColumnsAreLeftOutOfTheSavedSchema()
    {
        Sample.RegisterImages();
        IDataView images = _ml.Data.LoadFromEnumerable(Array.Empty<ImageRow>());
        ITransformer copy = _ml.Transforms.CopyColumns("Copy", "Image").Fit(images);
        StringAssert.Contains(
            Assert.ThrowsExactly<InvalidOperationException>(() => Sample.SaveAndLoad(copy, images.Schema, out _)).Message, "No valid columns to save");
        var builder = new DataViewSchema.Builder();
        builder.AddColumns(images.Schema);
        builder.AddColumn("Number", NumberDataViewType.Int32);
        Sample.SaveAndLoad(copy, builder.ToSchema(), out DataViewSchema schema);
        CollectionAssert.AreEqual(new[] { "Number" }, Sample.Names(schema));
    }

    [TestMethod]
    public void APayloadTravelsInMapValueAndItsCodeByContract()
    {
        IDataView lookup = _ml.Data.LoadFromEnumerable(new[] { new KeyedPayload { Key = 1, Payload = [.. Enumerable.Range(0, 1000).Select(i => (byte)i)] } });
        IDataView data = Sample.Numbers(_ml, 1, 1);
        IEstimator<ITransformer> payload = _ml.Transforms.Conversion.MapValue("Payload", lookup, lookup.Schema["Key"], lookup.Schema["Payload"], "Number");
        ITransformer model = payload
            .Append(_ml.Transforms.CustomMapping<PayloadRow, LengthRow>(LengthFactory.Map, LengthFactory.Contract))
            .Append(_ml.Transforms.CopyColumns("Size", "Length"))
            .Append(_ml.Transforms.DropColumns("Payload", "Length"))
            .Fit(data);
        ITransformer loaded = Sample.SaveAndLoad(model, data.Schema, out _);
        Assert.IsInstanceOfType<TransformerChain<ITransformer>>(loaded);
        IDataView scored = loaded.Transform(data);
        CollectionAssert.AreEqual(new[] { "Number", "Size" }, Sample.Names(scored.Schema));
        CollectionAssert.AreEqual(new[] { 1000, 1000 }, scored.GetColumn<int>("Size").ToArray());
    }

    [TestMethod]
    public void ASavedCustomMappingLosesItsSchemaDefinition()
    {
        SchemaDefinition definition = SchemaDefinition.Create(typeof(DoubledRow));
        definition["Doubled"].AddAnnotation("Kind", 7, NumberDataViewType.Int32);
        definition["Doubled"].ColumnName = "Renamed";
        IDataView data = Sample.Numbers(_ml, 4);
        ITransformer model = _ml.Transforms.CustomMapping<NumberRow, DoubledRow>(DoubleFactory.Map, DoubleFactory.Contract, null, definition).Fit(data);
        Assert.AreEqual(1, model.GetOutputSchema(data.Schema)["Renamed"].Annotations.Schema.Count);
        DataViewSchema loaded = Sample.SaveAndLoad(model, data.Schema, out _).GetOutputSchema(data.Schema);
        CollectionAssert.AreEqual(new[] { "Number", "Doubled" }, Sample.Names(loaded));
        Assert.AreEqual(0, loaded["Doubled"].Annotations.Schema.Count);
    }

    [TestMethod]
    public void ACustomMappingNeedsAKnownContract()
    {
        IDataView data = Sample.Numbers(_ml, 4);
        StringAssert.Contains(
            Assert.ThrowsExactly<InvalidOperationException>(() => Sample.SaveAndLoad(_ml.Transforms.CustomMapping<NumberRow, DoubledRow>(DoubleFactory.Map, null).Fit(data), null, out _)).Message,
            "Empty contract name");
        Assert.ThrowsExactly<InvalidOperationException>(
            () => Sample.SaveAndLoad(_ml.Transforms.CustomMapping<NumberRow, DoubledRow>(DoubleFactory.Map, "Nobody's").Fit(data), null, out _));
    }

    [TestMethod]
    public void ATransformerOfOursMaySaveAChain()
    {
        IDataView data = Sample.Numbers(_ml, 7);
        var chain = new TransformerChain<ITransformer>(_ml.Transforms.CopyColumns("Copy", "Number").Fit(data));
        ITransformer loaded = Sample.SaveAndLoad(new Delegating(chain), data.Schema, out _);
        Assert.IsInstanceOfType<TransformerChain<ITransformer>>(loaded);
        Assert.AreEqual(7, loaded.Transform(data).GetColumn<int>("Copy").Single());
    }

    [TestMethod]
    public void ATransformerThatSavesNothingIsAnError()
        => StringAssert.Contains(
            Assert.ThrowsExactly<InvalidOperationException>(() => Sample.SaveAndLoad(new Delegating(null), null, out _)).Message, "ModelSignature not specified");

    [TestMethod]
    public void AnEngineDisposesOfTheTransformerItOwns()
    {
        var data = Sample.Numbers(_ml, 1);
        foreach (bool owns in new[] { true, false })
        {
            var model = new Delegating(_ml.Transforms.CopyColumns("Copy", "Number").Fit(data));
            _ml.Model.CreatePredictionEngine<NumberRow, NumberRow>(model, new PredictionEngineOptions { OwnsTransformer = owns }).Dispose();
            Assert.AreEqual(owns, model.Disposed);
        }
    }

    [TestMethod]
    public void UnknownEntriesOfTheZipAreIgnoredAndForeignFilesRefused()
    {
        IDataView data = Sample.Numbers(_ml, 7);
        using var stream = new MemoryStream();
        _ml.Model.Save(_ml.Transforms.CopyColumns("Copy", "Number").Fit(data), data.Schema, stream);
        using (var zip = new ZipArchive(stream, ZipArchiveMode.Update, leaveOpen: true))
        {
            zip.CreateEntry("Notes/readme.txt");
        }

        stream.Position = 0;
        Assert.AreEqual(7, _ml.Model.Load(stream, out _).Transform(data).GetColumn<int>("Copy").Single());

        using var foreign = new MemoryStream();
        using (var zip = new ZipArchive(foreign, ZipArchiveMode.Create, leaveOpen: true))
        {
            zip.CreateEntry("Notes/readme.txt");
        }

        foreign.Position = 0;
        Assert.ThrowsExactly<InvalidOperationException>(() => _ml.Model.Load(foreign, out _));
        Assert.ThrowsExactly<FormatException>(() => _ml.Model.Load(new MemoryStream(new byte[100]), out _));
    }

    [TestMethod]
    public void CompatSaysThatAModelIsOneOfThePackages()
    {
        if (!Sample.IsCompat)
        {
            Assert.Inconclusive("These tests run on the ML.NET packages, which refuse a model of compat/ in their own words.");
        }

        using var stream = new MemoryStream();
        using (var zip = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true))
        {
            zip.CreateEntry("TransformerChain/Model.key");
        }

        stream.Position = 0;
        StringAssert.Contains(
            Assert.ThrowsExactly<InvalidOperationException>(() => _ml.Model.Load(stream, out _)).Message, "saved by the ML.NET packages");
    }

    /// <summary>A transformer as an extension writes it: everything comes from another one.</summary>
    private sealed class Delegating(ITransformer? inner) : ITransformer, IDisposable
    {
        public bool Disposed { get; private set; }

        public bool IsRowToRowMapper => true;

        public DataViewSchema GetOutputSchema(DataViewSchema inputSchema) => inner!.GetOutputSchema(inputSchema);

        public IDataView Transform(IDataView input) => inner!.Transform(input);

        public IRowToRowMapper GetRowToRowMapper(DataViewSchema inputSchema) => inner!.GetRowToRowMapper(inputSchema);

        public void Save(ModelSaveContext ctx) => inner?.Save(ctx);

        public void Dispose() => Disposed = true;
    }
}
