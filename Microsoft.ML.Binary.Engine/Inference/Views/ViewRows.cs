using System.Runtime.CompilerServices;
using Microsoft.ML.Binary.Inference.Steps;
using Microsoft.ML.Binary.Kernels;

namespace Microsoft.ML.Binary.Inference.Views;

/// <summary>The logits of a view, as rows of an image of another size. A thread that works on it needs a <see cref="Cursor"/> of its own.</summary>
internal sealed class ViewRows
{
    private readonly LogitRows _logits;
    private readonly ImageView _view;
    private readonly int _height;
    private readonly bool _isCopy;
    private readonly int[] _places;
    private readonly float[] _weights;

    /// <param name="logits">The rows of the plan.</param>
    /// <param name="view">The view that the plan is run on.</param>
    /// <param name="width">The image's width.</param>
    /// <param name="height">Its height.</param>
    public ViewRows(LogitRows logits, ImageView view, int width, int height)
    {
        (_logits, _view, _height) = (logits, view, height);
        _isCopy = (view.Width, view.Height) == (width, height);
        (_places, _weights) = (new int[width], new float[width]);
        for (int x = 0; x < width; x++)
        {
            (int first, _weights[x]) = ResizedRow.Source(x, view.Width, width);
            _places[x] = first + 1;
        }
    }

    public Cursor NewCursor() => new(this);

    /// <summary>Where a thread is: the two rows of the view that its row of the image lies between, and what lies there.</summary>
    public sealed class Cursor
    {
        private readonly ViewRows _rows;
        private readonly int _pitch, _blendedPitch;
        private readonly int[] _cached = [-1, -1];
        private readonly float[] _lines, _values, _steps, _work, _highest;

        public Cursor(ViewRows rows)
        {
            _rows = rows;
            LogitRows logits = rows._logits;
            (_pitch, _blendedPitch) = (logits.Width, ResizedRow.BlendedLength(rows._view.Width));
            _lines = new float[2 * logits.Channels * _pitch];
            _values = new float[logits.Channels * _blendedPitch];
            _steps = new float[logits.Channels * _blendedPitch];
            _work = new float[logits.Scratch];
            _highest = new float[logits.Channels];
        }

        /// <summary>Forgets the last run.</summary>
        public void Reset() => Array.Fill(_cached, -1);

        /// <summary>Goes to a row of the image.</summary>
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void MoveTo(RunState state, int y, int channels)
        {
            int width = _rows._view.Width;
            if (_rows._isCopy)
            {
                Load(state, y, channels);
                return;
            }

            (int above, float down) = ResizedRow.Source(y, _rows._view.Height, _rows._height);
            int top = Math.Max(above, 0), bottom = Math.Min(above + 1, _rows._view.Height - 1);
            Load(state, top, channels);
            Load(state, bottom, channels);
            for (int c = 0; c < channels; c++)
            {
                state.Kernels.Blend(
                    Line(top, c)[..width], Line(bottom, c)[..width], down,
                    _values.AsSpan(c * _blendedPitch, _blendedPitch), _steps.AsSpan(c * _blendedPitch, _blendedPitch));
            }
        }

        /// <summary>Columns of the row, from <paramref name="first"/> on.</summary>
        /// <param name="kernels">The kernels.</param>
        /// <param name="y">The row.</param>
        /// <param name="channel">The channel.</param>
        /// <param name="first">The first column.</param>
        /// <param name="target">Receives the columns.</param>
        public void Fill(KernelSet kernels, int y, int channel, int first, Span<float> target)
        {
            if (_rows._isCopy)
            {
                Line(y, channel).Slice(first, target.Length).CopyTo(target);
                return;
            }

            kernels.Resize(
                _values.AsSpan(channel * _blendedPitch, _blendedPitch), _steps.AsSpan(channel * _blendedPitch, _blendedPitch),
                _rows._places.AsSpan(first), _rows._weights.AsSpan(first), target);
        }

        /// <summary>
        /// The channels that may be the highest somewhere in a part of the row, in ascending order: what lies between two values is not above
        /// the higher nor below the lower one, but for the rounding of three operations.
        /// </summary>
        /// <param name="kernels">The kernels.</param>
        /// <param name="first">The first column.</param>
        /// <param name="length">Columns of the part.</param>
        /// <param name="channels">Receives the channels; as many as there are.</param>
        /// <returns>How many they are.</returns>
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public int Candidates(KernelSet kernels, int first, int length, Span<int> channels)
        {
            const float Rounding = 4e-6f;
            if (_rows._isCopy)
            {
                for (int c = 0; c < channels.Length; c++)
                {
                    channels[c] = c;
                }

                return channels.Length;
            }

            int start = _rows._places[first], count = _rows._places[first + length - 1] + 2 - start, candidates = 0;
            Span<float> highest = _highest;
            float bound = float.NegativeInfinity, largest = 0;
            for (int c = 0; c < channels.Length; c++)
            {
                (float low, highest[c]) = kernels.Range(_values.AsSpan(c * _blendedPitch + start, count));
                (bound, largest) = (Math.Max(bound, low), Math.Max(largest, Math.Max(Math.Abs(low), Math.Abs(highest[c]))));
            }

            bound -= Rounding * largest;
            for (int c = 0; c < channels.Length; c++)
            {
                if (!(highest[c] < bound))
                {
                    channels[candidates++] = c;
                }
            }

            return candidates;
        }

        // Of two rows that follow each other one is even and one odd.
        private Span<float> Line(int row, int channel) => _lines.AsSpan(((row & 1) * _rows._logits.Channels + channel) * _pitch, _pitch);

        private void Load(RunState state, int row, int channels)
        {
            if (_cached[row & 1] == row)
            {
                return;
            }

            for (int c = 0; c < channels; c++)
            {
                Span<float> line = Line(row, c);
                _rows._logits.Fill(state, c, row, line, _work);
                if (_rows._view.Mirrored)
                {
                    line[.._rows._view.Width].Reverse();
                }
            }

            _cached[row & 1] = row;
        }
    }
}
