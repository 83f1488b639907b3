using System.Collections.Immutable;
using Microsoft.ML.Binary.Graph;

namespace Microsoft.ML.Binary.Training.Data;

/// <summary>Surveys of the masks of every task that has some of its own.</summary>
internal sealed class TaskSurveys
{
    private readonly TrainedHead[] _owners;
    private readonly DataSurvey[] _surveys;

    public TaskSurveys(ImmutableArray<TrainedHead> heads)
    {
        _owners = [.. heads.Where(head => head.OwnsMask).OrderBy(head => head.Mask)];
        _surveys = [.. _owners.Select(head => new DataSurvey(head.Task, head.Task.Labels(head.Channels)))];
    }

    /// <summary>The survey of the masks that a head learns from.</summary>
    public DataSurvey Of(TrainedHead head) => _surveys[head.Mask];

    /// <summary>The tasks whose masks samples have, in their order.</summary>
    public IReadOnlyList<TrainingTask> Tasks => [.. _owners.Select(head => head.Task)];

    /// <summary>Checks one sample as it was read.</summary>
    /// <exception cref="InvalidDataException">A mask is missing, or does not fit the image or the classes; the message names sample and task.</exception>
    public void Check(TrainingSample sample)
    {
        if (sample.MoreMasks.Count + 1 != _surveys.Length)
        {
            throw new InvalidDataException(
                $"{sample.Name}: it has {sample.MoreMasks.Count + 1} masks, and needs {_surveys.Length}: {string.Join(", ", _owners.Select(head => $"'{head.Name ?? head.Task.Task.Name}'"))}.");
        }

        ForEach(sample, (survey, masked) => survey.Check(masked));
    }

    /// <summary>Counts the labels of a sample that is trained on.</summary>
    public void Count(TrainingSample sample) => ForEach(sample, (survey, masked) => survey.Count(masked));

    /// <summary>Judges the masks seen so far (<see cref="DataSurvey.Judge"/>).</summary>
    public void Judge(Action<string>? warn, bool forTraining)
    {
        for (int i = 0; i < _surveys.Length; i++)
        {
            string? name = _surveys.Length > 1 ? _owners[i].Name : null;
            _surveys[i].Judge(warn is null || name is null ? warn : warning => warn($"Task '{name}': {warning}"), forTraining);
        }
    }

    /// <summary>A sample at a working size.</summary>
    public TrainingSample At(TrainingSample sample, WorkingSize size)
    {
        (int width, int height) = size.Fit(sample.Image.Width, sample.Image.Height);
        TrainingSample first = sample.At(size, _owners[0].Task);
        return first == sample || sample.MoreMasks.Count == 0
            ? first
            : first with { MoreMasks = [.. sample.MoreMasks.Select((mask, i) => _owners[i + 1].Task.Resize(mask, sample.Image.Width, sample.Image.Height, width, height))] };
    }

    private void ForEach(TrainingSample sample, Action<DataSurvey, TrainingSample> action)
    {
        action(_surveys[0], sample);
        for (int i = 1; i < _surveys.Length; i++)
        {
            action(_surveys[i], new($"{sample.Name}, mask of '{_owners[i].Name}'", sample.Image, sample.MoreMasks[i - 1]));
        }
    }
}
