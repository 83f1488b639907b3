using Microsoft.ML.Data;

namespace Microsoft.ML.Binary.Tests.Compat;

[TestClass]
public class SchemaBehaviourTests
{
    [TestMethod]
    public void OfTwoColumnsWithOneNameTheLastIsVisible()
    {
        var builder = new DataViewSchema.Builder();
        builder.AddColumn("A", NumberDataViewType.Int32);
        builder.AddColumn("A", NumberDataViewType.Single);
        DataViewSchema schema = builder.ToSchema();
        Assert.IsTrue(schema[0].IsHidden);
        Assert.AreEqual(1, schema["A"].Index);
        Assert.AreEqual(NumberDataViewType.Single, schema["A"].Type);
    }

    [TestMethod]
    public void AMissingColumnIsNullOrAnError()
    {
        DataViewSchema schema = Sample.Numbers(new MLContext(), 1).Schema;
        Assert.IsNull(schema.GetColumnOrNull("Nope"));
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => schema["Nope"]).Message, "Column 'Nope' not found");
        Assert.ThrowsExactly<ArgumentNullException>(() => schema.GetColumnOrNull(""));
    }

    [TestMethod]
    public void MembersBecomeColumnsFieldsFirst()
    {
        DataViewSchema schema = new MLContext().Data.LoadFromEnumerable(Array.Empty<MixedRow>()).Schema;
        CollectionAssert.AreEqual(new[] { "Flag", "Number", "Text", "Values" }, Sample.Names(schema));
        CollectionAssert.AreEqual(
            new DataViewType[] { BooleanDataViewType.Instance, NumberDataViewType.Int32, TextDataViewType.Instance, new VectorDataViewType(NumberDataViewType.Single) },
            schema.Select(column => column.Type).ToArray());
    }

    [TestMethod]
    public void ASchemaDefinitionRenamesAndRetypes()
    {
        SchemaDefinition definition = SchemaDefinition.Create(typeof(MixedRow));
        definition["Values"].ColumnType = new VectorDataViewType(NumberDataViewType.Single, 2, 3);
        definition["Number"].ColumnName = "Renamed";
        DataViewSchema schema = new MLContext().Data.LoadFromEnumerable(Array.Empty<MixedRow>(), definition).Schema;
        CollectionAssert.AreEqual(new[] { 2, 3 }, ((VectorDataViewType)schema["Values"].Type).Dimensions.ToArray());
        Assert.IsNull(schema.GetColumnOrNull("Number"));
        Assert.AreEqual(NumberDataViewType.Int32, schema["Renamed"].Type);
    }

    [TestMethod]
    public void ASchemaDefinitionMustFitTheMember()
    {
        SchemaDefinition definition = SchemaDefinition.Create(typeof(NumberRow));
        definition["Number"].ColumnType = NumberDataViewType.Single;
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new MLContext().Data.LoadFromEnumerable(Array.Empty<NumberRow>(), definition));
    }

    [TestMethod]
    public void TypesEqualByWhatTheyDescribe()
    {
        Assert.IsTrue(new VectorDataViewType(NumberDataViewType.Byte).Equals(new VectorDataViewType(NumberDataViewType.Byte, 0)));
        Assert.IsFalse(new VectorDataViewType(NumberDataViewType.Single, 6).Equals(new VectorDataViewType(NumberDataViewType.Single, 2, 3)));
        Assert.IsFalse(NumberDataViewType.Int32.Equals(NumberDataViewType.UInt32));
    }

    [TestMethod]
    public void AVectorWithAnUnknownDimensionHasNoKnownSize()
    {
        var type = new VectorDataViewType(NumberDataViewType.Single, 2, 0);
        Assert.IsFalse(type.IsKnownSize);
        Assert.AreEqual(0, type.Size);
        Assert.AreEqual("Vector<Single, 2, *>", type.ToString());
        Assert.AreEqual(typeof(VBuffer<float>), type.RawType);
    }

    [TestMethod]
    public void AnnotationsGiveBackTheirValues()
    {
        var builder = new DataViewSchema.Annotations.Builder();
        builder.AddPrimitiveValue("Count", NumberDataViewType.Int32, 7);
        builder.Add("Names", new VectorDataViewType(TextDataViewType.Instance, 2), (ref VBuffer<ReadOnlyMemory<char>> value)
            => value = new VBuffer<ReadOnlyMemory<char>>(2, ["sky".AsMemory(), "road".AsMemory()]));
        var schemaBuilder = new DataViewSchema.Builder();
        schemaBuilder.AddColumn("Mask", NumberDataViewType.Byte, builder.ToAnnotations());
        DataViewSchema.Annotations annotations = schemaBuilder.ToSchema()["Mask"].Annotations;

        int count = 0;
        annotations.GetValue("Count", ref count);
        Assert.AreEqual(7, count);
        VBuffer<ReadOnlyMemory<char>> names = default;
        annotations.GetValue("Names", ref names);
        CollectionAssert.AreEqual(new[] { "sky", "road" }, names.DenseValues().Select(name => name.ToString()).ToArray());
        Assert.ThrowsExactly<InvalidOperationException>(() => annotations.GetValue("Nope", ref count));
        float wrong = 0;
        Assert.ThrowsExactly<InvalidOperationException>(() => annotations.GetValue("Count", ref wrong));
    }
}
