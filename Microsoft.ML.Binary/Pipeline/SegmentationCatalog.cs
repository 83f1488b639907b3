using Microsoft.ML.Binary.Graph;

namespace Microsoft.ML.Binary;

/// <summary>Semantic segmentation in ML.NET pipelines; <c>ml.Segmentation</c>.</summary>
public sealed partial class SegmentationCatalog : DenseCatalog<SegmentationTransformer, SegmentationTransformerOptions>
{
    internal SegmentationCatalog(MLContext context)
        : base(context, DenseTask.Segmentation) => Trainers = new SegmentationTrainers(context);

    /// <summary>The trainers.</summary>
    public SegmentationTrainers Trainers { get; }

    /// <summary>
    /// A stage with one of the trained networks, for a pipeline; nothing is fitted. <see cref="PretrainedModel.Nuclei"/> comes with this package and is for any use. The others lie in the package
    /// <see cref="PretrainedNetworks.ResearchPackage"/>, for research and non-commercial use, on the terms of the data that they were trained on (<see cref="PretrainedNetworks.Card"/>).
    /// </summary>
    /// <param name="model">A network for segmentation.</param>
    /// <param name="options">Column names, views and threads; null for the defaults.</param>
    /// <exception cref="ArgumentException">The network is one for another task, or there is none of this name.</exception>
    /// <exception cref="FileNotFoundException">The network is not in this program; the message names the package that has it.</exception>
    /// <example>
    /// <code>
    /// IDataView photos = ml.Data.LoadImages("photos");
    /// IDataView scored = ml.Segmentation.Pretrained(PretrainedModel.RoadScene).Fit(photos).Transform(photos);
    /// </code>
    /// </example>
    public DenseEstimator<SegmentationTransformer> Pretrained(PretrainedModel model, SegmentationTransformerOptions? options = null) => OfPretrained(model, options);

    /// <summary>
    /// Compares predicted with true labels over all rows, which are streamed: one confusion matrix for the whole set (see
    /// <see cref="SegmentationMetrics"/> for the definitions).
    /// </summary>
    /// <param name="data">Scored data with masks. The metrics call an image by its <c>MaskPath</c>, where there is none by its <c>ImagePath</c> or number.</param>
    /// <param name="labelColumnName">True labels, a vector of one byte per pixel.</param>
    /// <param name="predictedLabelColumnName">Predicted labels, likewise.</param>
    /// <param name="maskHeightColumnName">Rows of the prediction, an Int32.</param>
    /// <param name="maskWidthColumnName">Pixels in a row of the prediction, an Int32.</param>
    /// <param name="classNames">
    /// Names of the classes by index; null takes those that the predicted labels are annotated with. ML.NET does not save annotations, so
    /// the classes of a model loaded from a file are named by their numbers unless they are given here or the model goes through
    /// <c>FromTransformer</c>.
    /// </param>
    /// <param name="options">What to compute and keep; null for the defaults.</param>
    /// <exception cref="ArgumentException">A column is missing or of another type, or true and predicted masks are one column.</exception>
    /// <exception cref="InvalidDataException">
    /// There are no rows, one does not fit (sizes or labels; the message names it), or the masks as a whole cannot be meant so
    /// (<see cref="Imaging.MaskSurvey"/>). What is only likely to be wrong goes to the log as a warning, and into the metrics.
    /// </exception>
    /// <example>
    /// <code>
    /// SegmentationMetrics metrics = ml.Segmentation.Evaluate(model.Transform(test));
    /// Console.WriteLine($"mIoU {metrics.MeanIoU:F3}");
    /// </code>
    /// </example>
    public SegmentationMetrics Evaluate(
        IDataView data,
        string labelColumnName = ImageDataColumns.Label,
        string predictedLabelColumnName = ImageDataColumns.PredictedLabel,
        string maskHeightColumnName = ImageDataColumns.MaskHeight,
        string maskWidthColumnName = ImageDataColumns.MaskWidth,
        IReadOnlyList<string>? classNames = null,
        SegmentationMetricsOptions? options = null) =>
        new SegmentationEvaluator(new(labelColumnName, predictedLabelColumnName, maskHeightColumnName, maskWidthColumnName))
            .Evaluate(data, classNames, options, EvaluationLog.Of(Context));

    /// <summary>
    /// Trains on all folds but one and evaluates on that one, for each fold in turn. Folds are as equal in rows as they can be. Other than ML.NET's own,
    /// which puts each row into a fold by chance, none is ever empty.
    /// </summary>
    /// <param name="data">Images and masks.</param>
    /// <param name="estimator">A trainer, or a pipeline with one. The columns that it promises (<c>GetOutputSchema</c>) are checked before it is fitted.</param>
    /// <param name="numberOfFolds">Number of folds, at least 2.</param>
    /// <param name="labelColumnName">True masks, a vector of one byte per pixel.</param>
    /// <param name="samplingKeyColumnName">
    /// Rows with the same value of this column stay in one fold: pictures of one scene, patient or video. Null if each row is by itself.
    /// </param>
    /// <param name="seed">Decides which rows are in which fold; null draws one from the <see cref="MLContext"/> and its seed, which any other call moves on.</param>
    /// <param name="predictedLabelColumnName">Predicted labels, likewise.</param>
    /// <param name="maskHeightColumnName">Rows of the prediction, an Int32.</param>
    /// <param name="maskWidthColumnName">Pixels in a row of the prediction, an Int32.</param>
    /// <param name="options">What to compute and keep; null for the defaults.</param>
    /// <returns>For each fold its model, its metrics and its scored rows.</returns>
    /// <exception cref="ArgumentException">A column is missing or of another type, true and predicted masks are one column, or there are fewer rows (or values of the key) than folds.</exception>
    /// <exception cref="InvalidDataException">As for fitting and <c>Evaluate</c>.</exception>
    /// <exception cref="OperationCanceledException">A fold was cancelled (<see cref="DenseTrainerOptions.CancellationToken"/>).</exception>
    /// <example>
    /// <code>
    /// var folds = ml.Segmentation.CrossValidate(data, trainer, numberOfFolds: 5, samplingKeyColumnName: "Patient", seed: 1);
    /// Console.WriteLine($"mIoU {folds.Average(fold => fold.Metrics.MeanIoU):F3}");
    /// </code>
    /// </example>
    public IReadOnlyList<CrossValidationResult<SegmentationMetrics>> CrossValidate(
        IDataView data,
        IEstimator<ITransformer> estimator,
        int numberOfFolds = 5,
        string labelColumnName = ImageDataColumns.Label,
        string? samplingKeyColumnName = null,
        int? seed = null,
        string predictedLabelColumnName = ImageDataColumns.PredictedLabel,
        string maskHeightColumnName = ImageDataColumns.MaskHeight,
        string maskWidthColumnName = ImageDataColumns.MaskWidth,
        SegmentationMetricsOptions? options = null) => CrossValidation.Run(
            Context, data, estimator, numberOfFolds, samplingKeyColumnName, seed, DenseTask.Segmentation, new(labelColumnName, predictedLabelColumnName, maskHeightColumnName, maskWidthColumnName),
            scored => Evaluate(scored, labelColumnName, predictedLabelColumnName, maskHeightColumnName, maskWidthColumnName, null, options));

    private protected override SegmentationTransformer Transformer(DenseNetwork network, SegmentationTransformerOptions options, KnownSize? imageSize) =>
        new(Context, network, options, imageSize);

    private protected override SegmentationTransformerOptions Named(SavedNames names) =>
        new() { PredictedLabelColumnName = names.Labels!, ScoreColumnName = names.Scores };
}
