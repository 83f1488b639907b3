using Microsoft.ML.Binary.Graph;

namespace Microsoft.ML.Binary;

/// <summary>Salient-object detection in ML.NET pipelines; <c>ml.Saliency</c>.</summary>
public sealed partial class SaliencyCatalog : DenseCatalog<SaliencyTransformer, SaliencyTransformerOptions>
{
    internal SaliencyCatalog(MLContext context)
        : base(context, DenseTask.Saliency) => Trainers = new SaliencyTrainers(context);

    /// <summary>The trainers.</summary>
    public SaliencyTrainers Trainers { get; }

    /// <summary>
    /// A stage with a trained network, for a pipeline; nothing is fitted. It lies in the package <see cref="PretrainedNetworks.ResearchPackage"/>, for research and non-commercial use, on the terms of
    /// the data that it was trained on (<see cref="PretrainedNetworks.Card"/>).
    /// </summary>
    /// <param name="model">A network for saliency.</param>
    /// <param name="options">Column names, views and threads; null for the defaults.</param>
    /// <exception cref="ArgumentException">The network is one for another task, or there is none of this name.</exception>
    /// <exception cref="FileNotFoundException">The network is not in this program; the message names the package that has it.</exception>
    /// <example>
    /// <code>
    /// IDataView photos = ml.Data.LoadImages("photos");
    /// IDataView scored = ml.Saliency.Pretrained().Fit(photos).Transform(photos);
    /// </code>
    /// </example>
    public DenseEstimator<SaliencyTransformer> Pretrained(PretrainedModel model = PretrainedModel.Saliency, SaliencyTransformerOptions? options = null) =>
        OfPretrained(model, options);

    /// <summary>
    /// Compares saliency maps with masks over all rows, which are streamed (see <see cref="SaliencyMetrics"/> for the definitions).
    /// </summary>
    /// <param name="data">Scored data with masks of gray values, object above 128. The metrics call an image by its <c>MaskPath</c>, where there is none by its <c>ImagePath</c> or number.</param>
    /// <param name="labelColumnName">Masks, a vector of one byte per pixel.</param>
    /// <param name="saliencyColumnName">Saliency 0..1, a vector of one single per pixel.</param>
    /// <param name="maskHeightColumnName">Rows of the map, an Int32.</param>
    /// <param name="maskWidthColumnName">Pixels in a row of the map, an Int32.</param>
    /// <param name="options">What to compute and keep; null for the defaults.</param>
    /// <exception cref="ArgumentException">A column is missing or of another type, or true and predicted masks are one column.</exception>
    /// <exception cref="InvalidDataException">
    /// There are no rows, one does not fit (the message names it), or the masks as a whole cannot be meant so (<see cref="Imaging.MaskSurvey"/>).
    /// What is only likely to be wrong goes to the log as a warning, and into the metrics.
    /// </exception>
    /// <example>
    /// <code>
    /// SaliencyMetrics metrics = ml.Saliency.Evaluate(ml.Saliency.Pretrained().Fit(test).Transform(test));
    /// Console.WriteLine($"MAE {metrics.MeanAbsoluteError:F3}");
    /// </code>
    /// </example>
    public SaliencyMetrics Evaluate(
        IDataView data,
        string labelColumnName = ImageDataColumns.Label,
        string saliencyColumnName = ImageDataColumns.Saliency,
        string maskHeightColumnName = ImageDataColumns.MaskHeight,
        string maskWidthColumnName = ImageDataColumns.MaskWidth,
        SaliencyMetricsOptions? options = null) =>
        new SaliencyEvaluator(new(labelColumnName, saliencyColumnName, maskHeightColumnName, maskWidthColumnName)).Evaluate(data, options, EvaluationLog.Of(Context));

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
    /// <param name="saliencyColumnName">Saliency 0..1, a vector of one single per pixel.</param>
    /// <param name="maskHeightColumnName">Rows of the map, an Int32.</param>
    /// <param name="maskWidthColumnName">Pixels in a row of the map, an Int32.</param>
    /// <param name="options">What to compute and keep; null for the defaults.</param>
    /// <returns>For each fold its model, its metrics and its scored rows.</returns>
    /// <exception cref="ArgumentException">A column is missing or of another type, true and predicted masks are one column, or there are fewer rows (or values of the key) than folds.</exception>
    /// <exception cref="InvalidDataException">As for fitting and <c>Evaluate</c>.</exception>
    /// <exception cref="OperationCanceledException">A fold was cancelled (<see cref="DenseTrainerOptions.CancellationToken"/>).</exception>
    /// <example>
    /// <code>
    /// var folds = ml.Saliency.CrossValidate(data, trainer, numberOfFolds: 5, seed: 1);
    /// Console.WriteLine($"MAE {folds.Average(fold => fold.Metrics.MeanAbsoluteError):F3}");
    /// </code>
    /// </example>
    public IReadOnlyList<CrossValidationResult<SaliencyMetrics>> CrossValidate(
        IDataView data,
        IEstimator<ITransformer> estimator,
        int numberOfFolds = 5,
        string labelColumnName = ImageDataColumns.Label,
        string? samplingKeyColumnName = null,
        int? seed = null,
        string saliencyColumnName = ImageDataColumns.Saliency,
        string maskHeightColumnName = ImageDataColumns.MaskHeight,
        string maskWidthColumnName = ImageDataColumns.MaskWidth,
        SaliencyMetricsOptions? options = null) => CrossValidation.Run(
            Context, data, estimator, numberOfFolds, samplingKeyColumnName, seed, DenseTask.Saliency, new(labelColumnName, saliencyColumnName, maskHeightColumnName, maskWidthColumnName),
            scored => Evaluate(scored, labelColumnName, saliencyColumnName, maskHeightColumnName, maskWidthColumnName, options));

    private protected override SaliencyTransformer Transformer(DenseNetwork network, SaliencyTransformerOptions options, KnownSize? imageSize) =>
        new(Context, network, options, imageSize);

    private protected override SaliencyTransformerOptions Named(SavedNames names) => new() { SaliencyColumnName = names.Saliency! };
}
