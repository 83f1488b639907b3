using System.Globalization;
using Microsoft.ML.Binary.Imaging;
using Microsoft.ML.Data;

namespace Microsoft.ML.Binary;

/// <param name="Output">Column of the shares.</param>
/// <param name="Labels">Column of the mask.</param>
/// <param name="ClassNames">Names of the classes; null where the mask's annotations shall say.</param>
/// <param name="IgnoreIndex">The label that is no class.</param>
internal sealed record ClassSharesStage(string Output, string Labels, string[]? ClassNames, byte IgnoreIndex) : MaskStage
{
    /// <summary>All labels but the one that is ignored by default.</summary>
    public const int MaxClasses = 255;

    private const string SlotNamesAnnotation = "SlotNames";

    public override StageInputs Inputs => new() { Labels = Labels };

    public override string Title => $"The class shares of '{Labels}'";

    public override SavedStageForm SavedForm => SavedStageForm.ClassShares;

    /// <summary>The names of classes that are known by their number.</summary>
    public static string[] Numbered(int classes) => [.. Enumerable.Range(0, classes).Select(index => index.ToString(CultureInfo.InvariantCulture))];

    public override IEnumerable<StageOutput> OutputsOf(DataViewSchema? input)
    {
        string[] names = ClassNames ?? (input is null ? null : NamesOf(input)) ?? [""];
        DataViewSchema.Annotations.Builder annotations = new();
        annotations.AddTexts(SlotNamesAnnotation, names);
        return [new(Output, StageValue.Shares, new VectorDataViewType(NumberDataViewType.Single, names.Length), annotations.ToAnnotations())];
    }

    public override MaskStage FittedTo(DataViewSchema input) => this with { ClassNames = ClassNames ?? NamesOf(input) };

    protected override void Make(StageInput input, StageResult result)
    {
        if (input.Labels.Length == 0)
        {
            throw new InvalidDataException("the mask has no pixels.");
        }

        int wrong = Array.FindIndex(input.Labels, label => label >= ClassNames!.Length && label != IgnoreIndex);
        if (wrong >= 0)
        {
            throw new InvalidDataException(
                $"pixel {wrong} (counted row by row from 0) has the label {input.Labels[wrong]}, and there are {ClassNames!.Length} classes: 0 to {ClassNames.Length - 1}, or {IgnoreIndex} to ignore the pixel.");
        }

        // Shares need no shape, so that this stage needs no columns of a size.
        result.Shares = new SegmentationMask(input.Labels.Length, 1, input.Labels).ClassShares(ClassNames!.Length, IgnoreIndex);
    }

    private string[] NamesOf(DataViewSchema input) => MaskAnnotations.ClassNames(Inputs.LabelsOf(input)!.Value) ?? throw new ArgumentException(
        $"The column '{Labels}' does not say what classes it has: give numberOfClasses or classNames to ClassShares. (What a network of this package predicts says it, but not what a model that was saved predicts; Restore of the catalog gives it back.)");
}
