using Microsoft.ML.Binary.Imaging;

namespace Microsoft.ML.Binary.Tests.Imaging;

[TestClass]
public sealed class MaskSurveyTests
{
    private static readonly string[] Two = ["background", "object"], Three = ["sky", "road", "car"];

    [TestMethod]
    public void OrdinarySets_AreQuiet()
    {
        MaskSurvey classes = MaskSurvey.OfClasses(Three);
        classes.Add([0, 0, 1, 2, 255]);
        classes.Check(forTraining: true);
        Assert.IsEmpty(classes.Warnings);
        MaskSurvey saliency = MaskSurvey.OfSaliency();
        saliency.Add([0, 0, 0, 0, 255, 255, 255, 255, 40]);
        saliency.Check(forTraining: true);
        Assert.IsEmpty(saliency.Warnings);
        Assert.IsEmpty(MaskSurvey.OfSaliency().Warnings, "nothing seen, nothing said");
    }

    [TestMethod]
    public void SoftMattesOfAllGrayLevels_AreQuiet()
    {
        MaskSurvey survey = MaskSurvey.OfSaliency();
        survey.Add([.. Enumerable.Range(0, 256).Select(i => (byte)i)]);
        survey.Check(forTraining: true);
        Assert.IsEmpty(survey.Warnings);
    }

    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public void BlackAndWhiteAsClasses_IsRefused(bool forTraining)
    {
        foreach (string[] names in new[] { Two, Three })
        {
            StringAssert.Contains(Refused(MaskSurvey.OfClasses(names), forTraining, [0, 0, 255], [0, 255, 255]), "black-and-white masks");
        }
    }

    [TestMethod]
    public void OneClass_CannotBeLearnedButMeasuredOn()
    {
        StringAssert.Contains(Refused(MaskSurvey.OfClasses(Two), true, [0, 0, 0]), "nothing to tell apart");
        MaskSurvey survey = MaskSurvey.OfClasses(Two);
        survey.Add([0, 0]);
        survey.Check(forTraining: false);
        StringAssert.Contains(survey.Warnings.Single(), "1 'object'");
    }

    /// <summary>Indices that count up from 0 are indices, however long the list of classes is.</summary>
    [TestMethod]
    public void FewClassesOfMany_AreNotTakenForGrayLevels()
    {
        MaskSurvey survey = MaskSurvey.OfClasses([.. Enumerable.Range(0, 11).Select(i => $"class {i}")]);
        survey.Add([0, 1, 2]);
        survey.Check(forTraining: false);
        Assert.DoesNotContain("gray levels", survey.Warnings.Single());
    }

    [TestMethod]
    public void EverythingIgnored_IsRefused()
    {
        string message = Refused(MaskSurvey.OfClasses(Two), false, [255, 255]);
        StringAssert.Contains(message, "ignored label 255");
        StringAssert.Contains(message, "alpha channel");
        Assert.DoesNotContain("alpha channel", Refused(MaskSurvey.OfClasses(Two, ignoreIndex: 7), false, [7, 7]));
    }

    [TestMethod]
    public void ClassesWithoutPixels_AreNamed()
    {
        MaskSurvey survey = MaskSurvey.OfClasses(Three);
        survey.Add([0, 1, 1]);
        StringAssert.Contains(survey.Warnings.Single(), "class 2 'car'");
        StringAssert.Contains(survey.Warnings.Single(), "it counts as 0 in mean IoU and Dice if it is predicted anywhere");
        MaskSurvey fromOne = MaskSurvey.OfClasses(Three);
        fromOne.Add([1, 2, 1]);
        StringAssert.Contains(fromOne.Warnings.Single(), "begin at 1");
    }

    [TestMethod]
    public void GrayLevelsAsClasses_AreRecognised()
    {
        MaskSurvey survey = MaskSurvey.OfClasses([.. Enumerable.Range(0, 151).Select(i => $"class {i}")]);
        survey.Add([0, 50, 100, 150]);
        StringAssert.Contains(survey.Warnings.Single(), "0, 50, 100, 150 look like gray levels");
    }

    [TestMethod]
    public void MostlyIgnored_IsSaid()
    {
        MaskSurvey survey = MaskSurvey.OfClasses(Two);
        survey.Add([0, 1, 255, 255, 255]);
        StringAssert.Contains(survey.Warnings.Single(), "60 % of the pixels");
    }

    [TestMethod]
    public void AnotherIgnoredLabel_IsTheOneThatCounts()
    {
        MaskSurvey survey = MaskSurvey.OfClasses(Three, ignoreIndex: 0);
        survey.Add([0, 1, 2]);
        Assert.IsEmpty(survey.Warnings);
        MaskSurvey none = MaskSurvey.OfClasses(Two, ignoreIndex: null);
        none.Add([0, 1]);
        Assert.IsEmpty(none.Warnings);
    }

    [TestMethod]
    [DataRow(new byte[] { 0, 1 }, "multiply the values by 255")]
    [DataRow(new byte[] { 0, 1, 2, 7 }, "class indices or colours")]
    [DataRow(new byte[] { 0, 38, 75 }, "class indices or colours")]
    [DataRow(new byte[] { 0, 128 }, "class indices or colours")]
    [DataRow(new byte[] { 0, 1, 2, 20, 255 }, "class indices, it seems, with 255 for pixels to ignore")]
    public void SaliencyWithoutAnyObject_IsRefusedAndExplained(byte[] values, string likely)
    {
        StringAssert.Contains(Refused(MaskSurvey.OfSaliency(), true, values), likely);
        StringAssert.Contains(Refused(MaskSurvey.OfSaliency(), false, values), likely);
    }

    [TestMethod]
    [DataRow(new byte[] { 0, 0, 1, 255, 255 })]
    [DataRow(new byte[] { 0, 0, 76, 150, 179 })]
    [DataRow(new byte[] { 0, 10, 150 })]
    public void SaliencyOfClasses_IsSaidWhereSomeOfItIsBright(byte[] values)
    {
        MaskSurvey survey = MaskSurvey.OfSaliency();
        survey.Add(values);
        survey.Check(forTraining: true);
        StringAssert.Contains(survey.Warnings.Single(), "neither black nor white");
    }

    [TestMethod]
    public void BlackAndWhiteSaliency_CannotBeLearned()
    {
        StringAssert.Contains(Refused(MaskSurvey.OfSaliency(), true, [0, 0]), "The masks are black, or have 16-bit values so low");
        StringAssert.Contains(Refused(MaskSurvey.OfSaliency(), true, [255, 200]), "Every pixel");
        MaskSurvey black = MaskSurvey.OfSaliency();
        black.Add([0, 0]);
        black.Check(forTraining: false);
        StringAssert.Contains(black.Warnings.Single(), "No pixel of the mask is object");
    }

    [TestMethod]
    public void ManyMasksWithoutObjectAndInvertedOnes_AreSaid()
    {
        MaskSurvey survey = MaskSurvey.OfSaliency();
        survey.Add([0, 255]);
        survey.Add([0, 0]);
        survey.Add([0, 0]);
        StringAssert.Contains(survey.Warnings.Single(), "2 of the 3 masks show no object");
        MaskSurvey inverted = MaskSurvey.OfSaliency();
        inverted.Add([.. Enumerable.Repeat((byte)255, 99), 0]);
        StringAssert.Contains(inverted.Warnings.Single(), "wrong way round");
    }

    [TestMethod]
    public void MergedSurveys_SeeAll()
    {
        MaskSurvey first = MaskSurvey.OfClasses(Three), second = MaskSurvey.OfClasses(Three);
        first.Add([0, 1]);
        second.Add([2, 2]);
        first.Merge(second);
        Assert.IsEmpty(first.Warnings);

        MaskSurvey objects = MaskSurvey.OfSaliency(), none = MaskSurvey.OfSaliency();
        objects.Add([0, 255]);
        none.Add([0, 0]);
        none.Add([0, 0]);
        objects.Merge(none);
        StringAssert.Contains(objects.Warnings.Single(), "2 of the 3 masks show no object");
    }

    private static string Refused(MaskSurvey survey, bool forTraining, params byte[][] masks)
    {
        foreach (byte[] mask in masks)
        {
            survey.Add(mask);
        }

        return Assert.ThrowsExactly<InvalidDataException>(() => survey.Check(forTraining)).Message;
    }
}
