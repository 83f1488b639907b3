using System.Collections.Immutable;
using System.Globalization;
using Microsoft.ML.Binary.Graph;

namespace Microsoft.ML.Binary.Training.Data;

/// <summary>Surveys of the masks of every task that has some of its own, as samples are read.</summary>
internal sealed class TaskSurveys
{
    private readonly TrainedHead[] _owners;
    private readonly TrainingTask[] _tasks;
    private readonly DataSurvey[] _surveys;

    // Of the images as they are trained on.
    private int _widest, _highest;
    private bool _isCounted;

    public TaskSurveys(ImmutableArray<TrainedHead> heads)
    {
        _owners = TrainedHead.Owners(heads);
        _tasks = [.. _owners.Select(head => head.Task)];
        _surveys = [.. _owners.Select(head => new DataSurvey(head.Task, head.Task.Labels(head.Channels)))];
    }

    /// <summary>The survey of the masks that a head learns from.</summary>
    public DataSurvey Of(TrainedHead head) => _surveys[head.Mask];

    /// <summary>
    /// A pass over samples: each is checked as it was read (what is wrong with a mask would not always survive a vote) and brought to the size and exposure that it is trained at.
    /// The first pass counts.
    /// </summary>
    /// <exception cref="InvalidDataException">A mask is missing, or does not fit the image or the classes; the message names sample and task.</exception>
    public IEnumerable<TrainingSample> Read(IEnumerable<TrainingSample> samples, WorkingSize size, ImageExposure exposure)
    {
        bool counts = !_isCounted;
        _isCounted = true;
        foreach (TrainingSample sample in samples)
        {
            Check(sample);
            TrainingSample trained = sample.Seen(size, exposure, _tasks);
            if (counts)
            {
                ForEach(sample, (survey, masked) => survey.AddMask(masked));
                ForEach(trained, (survey, masked) => survey.Count(masked));
                (_widest, _highest) = (Math.Max(_widest, trained.Image.Width), Math.Max(_highest, trained.Image.Height));
            }

            yield return trained;
        }
    }

    /// <summary>Judges the masks seen so far (<see cref="DataSurvey.Judge"/>).</summary>
    public void Judge(Action<string>? warn, bool forTraining)
    {
        for (int i = 0; i < _surveys.Length; i++)
        {
            string? name = _surveys.Length > 1 ? _owners[i].Name : null;
            _surveys[i].Judge(warn is null || name is null ? warn : warning => warn($"Task '{name}': {warning}"), forTraining);
        }
    }

    private void Check(TrainingSample sample)
    {
        if (sample.MoreMasks.Count + 1 != _surveys.Length)
        {
            throw new InvalidDataException(
                $"{sample.Name}: it has {sample.MoreMasks.Count + 1} masks, and needs {_surveys.Length}: {string.Join(", ", _owners.Select(head => $"'{head.Name ?? head.Task.Task.Name}'"))}.");
        }

        ForEach(sample, (survey, masked) => survey.Check(masked));
    }

    private void ForEach(TrainingSample sample, Action<DataSurvey, TrainingSample> action)
    {
        action(_surveys[0], sample);
        for (int i = 1; i < _surveys.Length; i++)
        {
            action(_surveys[i], sample with { Name = $"{sample.Name}, mask of '{_owners[i].Name}'", Mask = sample.MoreMasks[i - 1], MoreMasks = [] });
        }
    }

    /// <summary>Images smaller than a crop are no fault; where all are, a part of every crop is computed for nothing.</summary>
    public void WarnOfCrops(TrainingOptions options)
    {
        double scale = options.Augmentation.MaxScale, shown = Math.Min(1, scale * _widest / options.CropWidth) * Math.Min(1, scale * _highest / options.CropHeight);
        if (shown < 0.99)
        {
            options.OnWarning?.Invoke(string.Create(
                CultureInfo.InvariantCulture,
                $"Crops of {options.CropWidth}x{options.CropHeight} are larger than the images, of which none is wider than {_widest} or higher than {_highest} pixels, enlarged by at most {scale:0.##}: "
                + $"{100 * (1 - shown):0.#} % or more of every crop shows nothing. Smaller crops take less time."));
        }
    }
}
