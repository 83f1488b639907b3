using System.Numerics.Tensors;

namespace Microsoft.ML.Binary.Training.Losses;

/// <summary>
/// The distance of a feature map from a teacher's, each image's map brought to length 1: the mean over images of ||s/|s| - t/|t|||^2, with norms
/// over channels and pixels (docs/method.md, after Bi-MTDP, arXiv 2405.14136).
/// </summary>
internal static class FeatureDistillation
{
    /// <summary>The loss of a batch, times the weight; adds its gradient to that of the student.</summary>
    /// <param name="pass">Threads and buffers.</param>
    /// <param name="student">The map under training.</param>
    /// <param name="teacher">The teacher's map, of the same shape.</param>
    /// <param name="weight">Weight of this loss beside others, at least 0.</param>
    public static double Run(TrainingPass pass, TrainingValue student, ReadOnlyMemory<float> teacher, float weight)
    {
        bool accumulate = pass.BeginGradient(student);
        int length = student.Channels * student.Pixels;
        double[] losses = new double[student.Images];
        pass.For(student.Images, image =>
        {
            ReadOnlySpan<float> s = student.Data.AsSpan(image * length, length), t = teacher.Span.Slice(image * length, length);
            Span<float> gradient = student.Gradient.AsSpan(image * length, length);
            if (!accumulate)
            {
                gradient.Clear();
            }

            losses[image] = Image(s, t, gradient, weight / student.Images);
        });
        return losses.Sum() * weight / student.Images;
    }

    // With u = s/|s|, v = t/|t|: the loss is |u|^2 + |v|^2 - 2 u.v, and its derivative by s is 2 (u (u.v) - v) / |s|, as u.u = 1.
    private static double Image(ReadOnlySpan<float> s, ReadOnlySpan<float> t, Span<float> gradient, float weight)
    {
        double studentNorm = Norm(s), teacherNorm = Norm(t);
        if (studentNorm == 0 || teacherNorm == 0)
        {
            return studentNorm == teacherNorm ? 0 : 1;
        }

        double dot = 0;
        for (int i = 0; i < s.Length; i++)
        {
            dot += (double)s[i] * t[i];
        }

        double cosine = dot / (studentNorm * teacherNorm);
        float alongStudent = (float)(2 * weight * cosine / (studentNorm * studentNorm)), alongTeacher = (float)(-2 * weight / (studentNorm * teacherNorm));
        TensorPrimitives.MultiplyAdd(s, alongStudent, gradient, gradient);
        TensorPrimitives.MultiplyAdd(t, alongTeacher, gradient, gradient);
        return 2 - (2 * cosine);
    }

    private static double Norm(ReadOnlySpan<float> map)
    {
        double sum = 0;
        foreach (float value in map)
        {
            sum += (double)value * value;
        }

        return Math.Sqrt(sum);
    }
}
