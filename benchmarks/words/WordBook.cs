using System.Numerics.Tensors;
using Microsoft.ML.Binary.Imaging;

namespace Microsoft.ML.Binary.Words;

/// <summary>Words for the teacher's vectors: the centres of spherical k-means. A vector's word is the centre nearest in angle, after the mean of all vectors was taken off.</summary>
internal sealed class WordBook
{
    private readonly float[] _mean;
    private readonly float[][] _centres;

    private WordBook(float[] mean, float[][] centres) => (_mean, _centres) = (mean, centres);

    /// <summary>Finds words.</summary>
    /// <param name="vectors">Vectors of many images; they are changed.</param>
    /// <param name="words">How many, up to 255.</param>
    /// <param name="rounds">Rounds of k-means.</param>
    /// <param name="random">Chooses the first centres, and new ones for those that nothing is near to.</param>
    public static WordBook Of(float[][] vectors, int words, int rounds, Random random)
    {
        float[] mean = new float[Teacher.Length];
        foreach (float[] vector in vectors)
        {
            TensorPrimitives.Add(mean, vector, mean);
        }

        TensorPrimitives.Divide(mean, vectors.Length, mean);
        foreach (float[] vector in vectors)
        {
            Turn(vector, mean, vector);
        }

        WordBook book = new(mean, [.. Enumerable.Range(0, words).Select(_ => (float[])vectors[random.Next(vectors.Length)].Clone())]);
        int[] word = new int[vectors.Length];
        for (int round = 0; round < rounds; round++)
        {
            Parallel.For(0, vectors.Length, i => word[i] = book.NearestOf(vectors[i]));
            float[][] sums = [.. Enumerable.Range(0, words).Select(_ => new float[Teacher.Length])];
            for (int i = 0; i < vectors.Length; i++)
            {
                TensorPrimitives.Add(sums[word[i]], vectors[i], sums[word[i]]);
            }

            for (int k = 0; k < words; k++)
            {
                float norm = TensorPrimitives.Norm(sums[k]);
                if (norm > 0)
                {
                    TensorPrimitives.Divide(sums[k], norm, book._centres[k]);
                }
                else
                {
                    vectors[random.Next(vectors.Length)].CopyTo(book._centres[k], 0);
                }
            }
        }

        return book;
    }

    /// <summary>The word of every pixel: that with the highest cosine, which is enlarged bilinearly.</summary>
    public SegmentationMask Read(Grid grid, int width, int height)
    {
        int words = _centres.Length;
        float[] cosines = new float[grid.Width * grid.Height * words], vector = new float[Teacher.Length];
        for (int i = 0; i < grid.Width * grid.Height; i++)
        {
            Turn(grid[i % grid.Width, i / grid.Width], _mean, vector);
            for (int k = 0; k < words; k++)
            {
                cosines[i * words + k] = TensorPrimitives.Dot<float>(vector, _centres[k]);
            }
        }

        float[] rows = new float[grid.Width * words], here = new float[words];
        byte[] labels = new byte[width * height];
        for (int y = 0; y < height; y++)
        {
            Mix(cosines, grid.Width * words, grid.Height, (y + 0.5f) * grid.Height / height - 0.5f, rows);
            for (int x = 0; x < width; x++)
            {
                Mix(rows, words, grid.Width, (x + 0.5f) * grid.Width / width - 0.5f, here);
                labels[y * width + x] = (byte)TensorPrimitives.IndexOfMax<float>(here);
            }
        }

        return new SegmentationMask(width, height, labels);
    }

    private static void Mix(float[] rows, int length, int count, float at, float[] result)
    {
        float place = Math.Clamp(at, 0, count - 1);
        int first = (int)place, second = Math.Min(first + 1, count - 1);
        TensorPrimitives.Lerp(rows.AsSpan(first * length, length), rows.AsSpan(second * length, length), place - first, result);
    }

    private static void Turn(ReadOnlySpan<float> vector, float[] mean, Span<float> result)
    {
        TensorPrimitives.Subtract(vector, mean, result);
        TensorPrimitives.Divide(result, Math.Max(TensorPrimitives.Norm<float>(result), 1e-6f), result);
    }

    private int NearestOf(float[] vector)
    {
        (int best, float most) = (0, float.NegativeInfinity);
        for (int k = 0; k < _centres.Length; k++)
        {
            float cosine = TensorPrimitives.Dot<float>(vector, _centres[k]);
            if (cosine > most)
            {
                (best, most) = (k, cosine);
            }
        }

        return best;
    }
}
