using Microsoft.ML;
using Microsoft.ML.Binary;
using Microsoft.ML.Data;

namespace QuickStart;

/// <summary>Saves a model as any ML.NET model is saved, and makes sure that what is loaded predicts the same.</summary>
internal static class SavedModel
{
    /// <summary>Saves a model, loads it into a context of its own, and compares an output column of the two on test scenes.</summary>
    /// <exception cref="InvalidOperationException">A prediction differs.</exception>
    public static void Check<T>(MLContext ml, ITransformer model, string path, SceneFolder test, string column)
        where T : unmanaged
    {
        ml.Model.Save(model, null, path);
        MLContext other = new();
        ITransformer loaded = other.Model.Load(path, out _);
        IEnumerable<T[]> before = model.Transform(ml.Data.LoadImages(test.Images)).GetColumn<T[]>(column);
        IEnumerable<T[]> after = loaded.Transform(other.Data.LoadImages(test.Images)).GetColumn<T[]>(column);
        int rows = 0;
        foreach ((T[] first, T[] second) in before.Zip(after))
        {
            rows++;
            if (!first.AsSpan().SequenceEqual(second))
            {
                throw new InvalidOperationException($"The model loaded from {path} predicts something else in row {rows}.");
            }
        }

        Console.WriteLine($"  {path}: {new FileInfo(path).Length:N0} bytes, identical predictions on {rows} scenes");
    }
}
