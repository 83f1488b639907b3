using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Training;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Binary;

/// <summary>What cross-validation has of a fold; ML.NET's own class of this name can be made by ML.NET only.</summary>
/// <typeparam name="TMetrics">The metrics of the task.</typeparam>
/// <param name="Model">What was fitted to the other folds.</param>
/// <param name="Metrics">What it reaches on this one.</param>
/// <param name="ScoredHoldOutSet">The rows of this fold with what the model gives them, computed when they are read.</param>
/// <param name="Fold">Which fold it is, from 0.</param>
/// <example>
/// <code>
/// foreach (CrossValidationResult&lt;SegmentationMetrics&gt; fold in ml.Segmentation.CrossValidate(data, trainer, numberOfFolds: 5, seed: 1))
/// {
///     Console.WriteLine($"fold {fold.Fold}: mIoU {fold.Metrics.MeanIoU:F3}");
///     ml.Model.Save(fold.Model, null, $"fold{fold.Fold}.zip");
/// }
/// </code>
/// </example>
public sealed record CrossValidationResult<TMetrics>(ITransformer Model, TMetrics Metrics, IDataView ScoredHoldOutSet, int Fold);

/// <summary>Trains and evaluates on each fold of data in turn.</summary>
internal static class CrossValidation
{
    private static readonly AsyncLocal<bool> IsFitting = new();

    /// <param name="context">The context, whose seed counts where none is given.</param>
    /// <param name="data">All rows.</param>
    /// <param name="estimator">What to fit.</param>
    /// <param name="numberOfFolds">How many parts.</param>
    /// <param name="samplingKeyColumnName">Rows of one value stay together; null if each row is by itself.</param>
    /// <param name="seed">Of the folds.</param>
    /// <param name="task">What is predicted.</param>
    /// <param name="columns">What is compared.</param>
    /// <param name="evaluate">Measures scored rows.</param>
    public static IReadOnlyList<CrossValidationResult<TMetrics>> Run<TMetrics>(
        MLContext context,
        IDataView data,
        IEstimator<ITransformer> estimator,
        int numberOfFolds,
        string? samplingKeyColumnName,
        int? seed,
        DenseTask task,
        EvaluationColumns columns,
        Func<IDataView, TMetrics> evaluate)
        where TMetrics : class
    {
        ArgumentNullException.ThrowIfNull(data);
        ArgumentNullException.ThrowIfNull(estimator);
        ArgumentOutOfRangeException.ThrowIfLessThan(numberOfFolds, 2);
        CheckColumns(estimator.GetOutputSchema(OutputShape.Of(data)), task, columns);
        int[] folds = Folds.Of(data, numberOfFolds, samplingKeyColumnName, seed ?? ((IHostEnvironment)context).Register("CrossValidation").Rand.Next());
        CrossValidationResult<TMetrics>[] results = new CrossValidationResult<TMetrics>[numberOfFolds];
        for (int fold = 0; fold < numberOfFolds; fold++)
        {
            ITransformer model = Fit(estimator, new FoldDataView(data, folds, fold, isHeldOut: false));
            IDataView scored = model.Transform(new FoldDataView(data, folds, fold, isHeldOut: true));
            results[fold] = new(model, evaluate(scored), scored, fold);
        }

        return results;
    }

    /// <summary>Refuses to go on from a checkpoint where a fold is trained, wherever in a pipeline the trainer stands.</summary>
    /// <exception cref="ArgumentException">The options say so.</exception>
    public static void CheckFold(TrainingOptions options)
    {
        if (IsFitting.Value && options.Resume)
        {
            throw new ArgumentException(
                $"{nameof(options.Resume)} is set, and folds are trained: all of them share the checkpoint '{options.ResumePath ?? options.CheckpointPath}', and a fold that went on from that of another "
                + $"would be measured on rows that it learned from. Leave {nameof(options.Resume)} and {nameof(options.CheckpointPath)} out, or split the data and train fold by fold, each with a {nameof(options.CheckpointPath)} of its own.");
        }
    }

    /// <summary>Ends a cross-validation where it is cancelled: the figures of a fold that was not trained to its end are none.</summary>
    /// <exception cref="OperationCanceledException">A fold is trained, and the token is cancelled.</exception>
    public static void EndCancelledFold(CancellationToken cancellation)
    {
        if (IsFitting.Value)
        {
            cancellation.ThrowIfCancellationRequested();
        }
    }

    /// <summary>Checks what is compared by what the estimator promises, before a fold is trained.</summary>
    /// <exception cref="ArgumentException">A column is missing or of another type, or both are one.</exception>
    private static void CheckColumns(SchemaShape promised, DenseTask task, EvaluationColumns columns)
    {
        EvaluationColumns.CheckDiffer(columns.Label, columns.Prediction);
        ScoringSchema.CheckLabel(promised, columns.Label);
        if (task.HasClasses)
        {
            ScoringSchema.CheckLabel(promised, columns.Prediction);
        }
        else
        {
            ScoringSchema.CheckSingles(promised, columns.Prediction);
        }

        ScoringSchema.CheckInt32(promised, columns.Height);
        ScoringSchema.CheckInt32(promised, columns.Width);
    }

    private static ITransformer Fit(IEstimator<ITransformer> estimator, IDataView fold)
    {
        bool isInner = IsFitting.Value;
        IsFitting.Value = true;
        try
        {
            return estimator.Fit(fold);
        }
        finally
        {
            IsFitting.Value = isInner;
        }
    }
}
