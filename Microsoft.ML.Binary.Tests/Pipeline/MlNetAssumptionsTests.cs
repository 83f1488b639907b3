using Microsoft.ML.Data;
using Microsoft.ML.Transforms;
using Microsoft.ML.Transforms.Image;

namespace Microsoft.ML.Binary.Tests.Pipeline;

/// <summary>What the pipeline layer takes for granted of ML.NET. A new version of the packages that changes one of these facts asks for a change here.</summary>
[TestClass]
public class MlNetAssumptionsTests
{
    private readonly MLContext _ml = new(seed: 1);

    /// <summary>Images of unknown size are not a standard column type.</summary>
    [TestInitialize]
    public void RegisterImages() => DataViewTypeManager.Register(new ImageDataViewType(), typeof(MLImage));

    [TestMethod]
    public void ImageColumnsAreLeftOutOfTheSavedSchema()
    {
        IDataView images = _ml.Data.LoadFromEnumerable(Array.Empty<ImageRow>());
        ITransformer copy = _ml.Transforms.CopyColumns("Copy", "Image").Fit(images);
        StringAssert.Contains(
            Assert.ThrowsExactly<InvalidOperationException>(() => SaveAndLoad(copy, images.Schema, out _)).Message, "No valid columns to save");
        var builder = new DataViewSchema.Builder();
        builder.AddColumns(images.Schema);
        builder.AddColumn("Number", NumberDataViewType.Int32);
        SaveAndLoad(copy, builder.ToSchema(), out DataViewSchema schema);
        CollectionAssert.AreEqual(new[] { "Number" }, Names(schema));
    }

    [TestMethod]
    public void APayloadTravelsInMapValueAndItsCodeByContract()
    {
        IDataView lookup = _ml.Data.LoadFromEnumerable(new[] { new KeyedPayload { Key = 1, Payload = [.. Enumerable.Range(0, 1000).Select(i => (byte)i)] } });
        IDataView data = Numbers(_ml, 1, 1);
        IEstimator<ITransformer> payload = _ml.Transforms.Conversion.MapValue("Payload", lookup, lookup.Schema["Key"], lookup.Schema["Payload"], "Number");
        ITransformer model = payload
            .Append(_ml.Transforms.CustomMapping<PayloadRow, LengthRow>(LengthFactory.Map, LengthFactory.Contract))
            .Append(_ml.Transforms.CopyColumns("Size", "Length"))
            .Append(_ml.Transforms.DropColumns("Payload", "Length"))
            .Fit(data);
        ITransformer loaded = SaveAndLoad(model, data.Schema, out _);
        Assert.IsInstanceOfType<TransformerChain<ITransformer>>(loaded);
        IDataView scored = loaded.Transform(data);
        CollectionAssert.AreEqual(new[] { "Number", "Size" }, Names(scored.Schema));
        CollectionAssert.AreEqual(new[] { 1000, 1000 }, scored.GetColumn<int>("Size").ToArray());
    }

    [TestMethod]
    public void EachRowGetsItsOwnCopyOfAMappedVector()
    {
        IDataView lookup = _ml.Data.LoadFromEnumerable(new[] { new KeyedPayload { Key = 1, Payload = [1, 2, 3] } });
        IDataView data = Numbers(_ml, 1, 1);
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
    public void ASavedCustomMappingLosesItsSchemaDefinition()
    {
        SchemaDefinition definition = SchemaDefinition.Create(typeof(DoubledRow));
        definition["Doubled"].AddAnnotation("Kind", 7, NumberDataViewType.Int32);
        definition["Doubled"].ColumnName = "Renamed";
        IDataView data = Numbers(_ml, 4);
        ITransformer model = _ml.Transforms.CustomMapping<NumberRow, DoubledRow>(DoubleFactory.Map, DoubleFactory.Contract, null, definition).Fit(data);
        Assert.AreEqual(1, model.GetOutputSchema(data.Schema)["Renamed"].Annotations.Schema.Count);
        DataViewSchema loaded = SaveAndLoad(model, data.Schema, out _).GetOutputSchema(data.Schema);
        CollectionAssert.AreEqual(new[] { "Number", "Doubled" }, Names(loaded));
        Assert.AreEqual(0, loaded["Doubled"].Annotations.Schema.Count);
    }

    [TestMethod]
    public void ACustomMappingNeedsAKnownContract()
    {
        IDataView data = Numbers(_ml, 4);
        StringAssert.Contains(
            Assert.ThrowsExactly<InvalidOperationException>(() => SaveAndLoad(_ml.Transforms.CustomMapping<NumberRow, DoubledRow>(DoubleFactory.Map, null).Fit(data), null, out _)).Message,
            "Empty contract name");
        Assert.ThrowsExactly<InvalidOperationException>(
            () => SaveAndLoad(_ml.Transforms.CustomMapping<NumberRow, DoubledRow>(DoubleFactory.Map, "Nobody's").Fit(data), null, out _));
    }

    [TestMethod]
    public void ATransformerOfOursMaySaveAChain()
    {
        IDataView data = Numbers(_ml, 7);
        var chain = new TransformerChain<ITransformer>(_ml.Transforms.CopyColumns("Copy", "Number").Fit(data));
        ITransformer loaded = SaveAndLoad(new Delegating(chain), data.Schema, out _);
        Assert.IsInstanceOfType<TransformerChain<ITransformer>>(loaded);
        Assert.AreEqual(7, loaded.Transform(data).GetColumn<int>("Copy").Single());
    }

    [TestMethod]
    public void ATransformerThatSavesNothingIsAnError()
        => StringAssert.Contains(
            Assert.ThrowsExactly<InvalidOperationException>(() => SaveAndLoad(new Delegating(null), null, out _)).Message, "ModelSignature not specified");

    [TestMethod]
    public void AnEngineDisposesOfTheTransformerItOwns()
    {
        var data = Numbers(_ml, 1);
        foreach (bool owns in new[] { true, false })
        {
            var model = new Delegating(_ml.Transforms.CopyColumns("Copy", "Number").Fit(data));
            _ml.Model.CreatePredictionEngine<NumberRow, NumberRow>(model, new PredictionEngineOptions { OwnsTransformer = owns }).Dispose();
            Assert.AreEqual(owns, model.Disposed);
        }
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
    public void ACustomMappingIsNotRunForRowsOrColumnsThatNobodyReads()
    {
        using MLImage image = Image(3, 2);
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
    public void ACustomMappingDoesNotFitAfterLoadImagesInOneChain()
    {
        IDataView data = _ml.Data.LoadFromEnumerable(Array.Empty<TextRow>());
        var chain = _ml.Transforms.LoadImages("Image", "", "Path")
            .Append(_ml.Transforms.CustomMapping<ImageRow, WidthRow>((_, _) => { }, null));
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => chain.Fit(data)).Message, "expected Image, got Image");
    }

    [TestMethod]
    public void ARegistrationIsOneToOne()
    {
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => DataViewTypeManager.Register(new ImageDataViewType(5, 6), typeof(MLImage)));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => SchemaDefinition.Create(typeof(UnsizedRow)));
    }

    [TestMethod]
    public void ImagesOfLoadImagesDoNotOutliveTheCursor()
    {
        using var folder = new TemporaryFolder();
        IDataView data = SavedImages(folder, (3, 2), (5, 4));
        IDataView loaded = _ml.Transforms.LoadImages("Image", folder.Path, "Path").Fit(data).Transform(data);
        foreach (ImageRow row in _ml.Data.CreateEnumerable<ImageRow>(loaded, reuseRowObject: false).ToList())
        {
            Assert.ThrowsExactly<InvalidOperationException>(() => row.Image!.Width);
        }
    }

    [TestMethod]
    public void AnImageOfTheRightSizeIsPassedOnAndDisposedOfByTheNextRow()
    {
        ImageRow[] rows = [new() { Image = Image(3, 2) }, new() { Image = Image(3, 2) }];
        IDataView data = _ml.Data.LoadFromEnumerable(rows);
        IDataView resized = _ml.Transforms.ResizeImages("Same", 3, 2, "Image").Fit(data).Transform(data);
        using (DataViewRowCursor cursor = resized.GetRowCursor(resized.Schema))
        {
            ValueGetter<MLImage?> getter = cursor.GetGetter<MLImage?>(resized.Schema["Same"]);
            MLImage? image = null;
            cursor.MoveNext();
            getter(ref image);
            Assert.AreSame(rows[0].Image, image);
            cursor.MoveNext();
            getter(ref image);
        }

        Assert.ThrowsExactly<InvalidOperationException>(() => rows[0].Image!.Width);
        Assert.AreEqual(3, rows[1].Image!.Width);
        rows[1].Image!.Dispose();
    }

    [TestMethod]
    public void ATransparentPixelLosesItsColour()
    {
        using var folder = new TemporaryFolder();
        using MLImage image = MLImage.CreateFromPixels(1, 1, MLPixelFormat.Rgba32, [10, 20, 30, 0]);
        image.Save(folder.File("t.png"));
        using MLImage back = MLImage.CreateFromFile(folder.File("t.png"));
        CollectionAssert.AreEqual(new byte[4], back.Pixels.ToArray());
    }

    [TestMethod]
    public void BadImagesAreArgumentErrors()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.File("text.png"), "not an image");
        Assert.ThrowsExactly<ArgumentException>(() => MLImage.CreateFromFile(folder.File("text.png")));
        Assert.ThrowsExactly<ArgumentException>(() => MLImage.CreateFromFile(folder.File("missing.png")));
        Assert.ThrowsExactly<ArgumentException>(() => MLImage.CreateFromStream(new MemoryStream()));
        Assert.ThrowsExactly<ArgumentException>(() => MLImage.CreateFromPixels(0, 2, MLPixelFormat.Rgba32, []));
        Assert.ThrowsExactly<ArgumentException>(() => MLImage.CreateFromPixels(1, 1, MLPixelFormat.Rgba32, new byte[5]));
        Assert.ThrowsExactly<ArgumentException>(() => MLImage.CreateFromPixels(1, 1, MLPixelFormat.Unknown, new byte[4]));
    }

    private IDataView SavedImages(TemporaryFolder folder, params (int Width, int Height)[] sizes)
    {
        for (int i = 0; i < sizes.Length; i++)
        {
            using MLImage image = Image(sizes[i].Width, sizes[i].Height);
            image.Save(folder.File($"{i}.png"));
        }

        return _ml.Data.LoadFromEnumerable(sizes.Select((_, i) => new TextRow { Path = $"{i}.png" }).ToArray());
    }

    private static IDataView Numbers(MLContext ml, params int[] numbers)
        => ml.Data.LoadFromEnumerable(numbers.Select(number => new NumberRow { Number = number }).ToArray());

    private static MLImage Image(int width, int height, MLPixelFormat format = MLPixelFormat.Bgra32)
    {
        byte[] pixels = new byte[4 * width * height];
        for (int i = 0; i < pixels.Length; i++)
        {
            pixels[i] = i % 4 == 3 ? byte.MaxValue : (byte)(7 * i);
        }

        return MLImage.CreateFromPixels(width, height, format, pixels);
    }

    private static string[] Names(DataViewSchema schema) => schema.Select(column => column.Name).ToArray();

    private static ITransformer SaveAndLoad(ITransformer model, DataViewSchema? inputSchema, out DataViewSchema loadedSchema)
    {
        using var stream = new MemoryStream();
        new MLContext().Model.Save(model, inputSchema, stream);
        stream.Position = 0;
        return new MLContext().Model.Load(stream, out loadedSchema);
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

    public class EmptyRow
    {
    }

    public class NumberRow
    {
        public int Number { get; set; }
    }

    public class TextRow
    {
        public string? Path { get; set; }
    }

    public class MixedRow
    {
        public int Number { get; set; }

        public float[]? Values { get; set; }
    }

    public class DoubledRow
    {
        public int Doubled { get; set; }
    }

    public class KeyedPayload
    {
        public int Key { get; set; }

        public byte[]? Payload { get; set; }
    }

    public class PayloadRow
    {
        public byte[]? Payload { get; set; }
    }

    public class LengthRow
    {
        public int Length { get; set; }
    }

    public class ImageRow
    {
        public MLImage? Image { get; set; }
    }

    public class UnsizedRow
    {
        [ImageType]
        public MLImage? Image { get; set; }
    }

    public class WidthRow
    {
        public int Width { get; set; }
    }

    [CustomMappingFactoryAttribute(Contract)]
    public class DoubleFactory : CustomMappingFactory<NumberRow, DoubledRow>
    {
        public const string Contract = "Microsoft.ML.Binary.Tests.Double";

        public static void Map(NumberRow source, DoubledRow destination) => destination.Doubled = 2 * source.Number;

        public override Action<NumberRow, DoubledRow> GetMapping() => Map;
    }

    [CustomMappingFactoryAttribute(Contract)]
    public class LengthFactory : CustomMappingFactory<PayloadRow, LengthRow>
    {
        public const string Contract = "Microsoft.ML.Binary.Tests.Length";

        public static void Map(PayloadRow source, LengthRow destination) => destination.Length = source.Payload?.Length ?? 0;

        public override Action<PayloadRow, LengthRow> GetMapping() => Map;
    }
}
