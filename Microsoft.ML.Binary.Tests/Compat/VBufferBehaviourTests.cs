using Microsoft.ML.Data;

namespace Microsoft.ML.Binary.Tests.Compat;

[TestClass]
public class VBufferBehaviourTests
{
    [TestMethod]
    public void TheDefaultIsEmptyAndDense()
    {
        VBuffer<float> buffer = default;
        Assert.AreEqual(0, buffer.Length);
        Assert.IsTrue(buffer.IsDense);
        Assert.AreEqual(0, buffer.GetValues().Length);
    }

    [TestMethod]
    public void AnEditorReusesArraysThatAreLongEnough()
    {
        var buffer = new VBuffer<int>(4, [1, 2, 3, 4]);
        VBufferEditor<int> shorter = VBufferEditor.Create(ref buffer, 3);
        Assert.IsFalse(shorter.CreatedNewValues);
        shorter.Values[0] = 9;
        Assert.AreEqual(9, buffer.GetValues()[0]);
        Assert.AreEqual(3, shorter.Commit().Length);
        Assert.IsTrue(VBufferEditor.Create(ref buffer, 5).CreatedNewValues);
    }

    [TestMethod]
    public void ACopyIsIndependent()
    {
        var source = new VBuffer<int>(2, [1, 2]);
        VBuffer<int> copy = default;
        source.CopyTo(ref copy);
        VBufferEditor.CreateFromBuffer(ref source).Values[0] = 9;
        CollectionAssert.AreEqual(new[] { 1, 2 }, copy.DenseValues().ToArray());
    }

    [TestMethod]
    public void ASparseVectorIsDefaultBetweenItsValues()
    {
        var sparse = new VBuffer<float>(5, 2, [1f, 2f], [1, 3]);
        Assert.IsFalse(sparse.IsDense);
        CollectionAssert.AreEqual(new[] { 0f, 1f, 0f, 2f, 0f }, sparse.DenseValues().ToArray());
        Assert.AreEqual(2f, sparse.GetItemOrDefault(3));
        Assert.AreEqual(0f, sparse.GetItemOrDefault(4));
        CollectionAssert.AreEqual(new[] { 1, 3 }, sparse.GetIndices().ToArray());
        VBuffer<float> dense = default;
        sparse.CopyToDense(ref dense);
        Assert.AreEqual(5, dense.GetValues().Length);
    }
}
