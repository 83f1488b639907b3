using Microsoft.ML.Binary.Imaging;
using Microsoft.ML.Data;

namespace Microsoft.ML.Binary;

/// <summary>
/// The mappings of a saved model: payload and image in, output columns out. Each row carries the whole payload, so the network that was
/// made of the last one is kept and compared with; it is the same but for the first row.
/// </summary>
internal sealed class SavedScoring
{
    private volatile CompiledPayload? _last;

    public void Segment(SavedInput input, SavedSegmentation output)
    {
        DensePrediction prediction = Score(input, DenseValues.Labels);
        output.Labels = Dense(prediction[0].Labels, output.Labels);
        (output.Height, output.Width) = (prediction.Height, prediction.Width);
    }

    public void SegmentWithScores(SavedInput input, SavedSegmentationWithScores output)
    {
        DensePrediction prediction = Score(input, DenseValues.Labels | DenseValues.Scores);
        output.Labels = Dense(prediction[0].Labels, output.Labels);
        output.Scores = Dense(prediction[0].Values, output.Scores);
        (output.Height, output.Width) = (prediction.Height, prediction.Width);
    }

    public void FindSalient(SavedInput input, SavedSaliency output)
    {
        DensePrediction prediction = Score(input, DenseValues.Map);
        output.Saliency = Dense(prediction[0].Values, output.Saliency);
        (output.Height, output.Width) = (prediction.Height, prediction.Width);
    }

    /// <summary>Runs the network.</summary>
    /// <param name="input">The image.</param>
    /// <param name="values">What is asked for of each head.</param>
    public DensePrediction Score(SavedInput input, params ReadOnlySpan<DenseValues> values)
    {
        ReadOnlySpan<byte> payload = input.PayloadBytes();
        CompiledPayload? compiled = _last;
        if (compiled is null || !payload.SequenceEqual(compiled.Payload))
        {
            _last = compiled = CompiledPayload.Get(payload);
        }

        RgbImage pixels = input.Pixels();
        compiled.Scorer.Score(pixels, input.FullSize ?? (pixels.Width, pixels.Height), values, input.Prediction);
        return input.Prediction;
    }

    internal static VBuffer<T> Dense<T>(ReadOnlySpan<T> values, VBuffer<T> old)
    {
        Getters.Copy(values, ref old);
        return old;
    }
}
