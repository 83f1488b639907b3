using Microsoft.ML.Binary.Imaging;

namespace Microsoft.ML.Binary;

/// <summary>What the accumulators of all tasks have in common; how an image is added is each one's own.</summary>
/// <typeparam name="TSelf">The accumulator.</typeparam>
/// <typeparam name="TMetrics">What it makes.</typeparam>
internal interface IMetricsAccumulator<TSelf, out TMetrics>
    where TMetrics : DenseMetrics
{
    /// <summary>What the masks added so far look like as a whole; null where nothing can be told from them.</summary>
    MaskSurvey? Masks => null;

    /// <summary>Adds all that another one has seen.</summary>
    void Merge(TSelf other);

    /// <summary>The figures of all images so far.</summary>
    TMetrics ToMetrics();
}
