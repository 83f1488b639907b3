using Microsoft.ML.Binary.Imaging;
using QuickStart.Scenes;

namespace QuickStart;

/// <summary>A set of scenes on disk, in the form in which people have such data: a folder of images, and folders of masks.</summary>
/// <param name="Images">Folder of the images.</param>
/// <param name="Classes">Folder of their class masks.</param>
/// <param name="Objects">Folder of their object masks.</param>
internal sealed record SceneFolder(string Images, string Classes, string Objects)
{
    /// <summary>Paints scenes into a folder.</summary>
    /// <param name="folder">Made if there is none.</param>
    /// <param name="firstSeed">Seed of the first scene; the others follow.</param>
    /// <param name="count">Number of scenes.</param>
    public static SceneFolder Paint(string folder, int firstSeed, int count)
    {
        SceneFolder set = new(Path.Combine(folder, "images"), Path.Combine(folder, "classes"), Path.Combine(folder, "objects"));
        Directory.CreateDirectory(set.Images);
        Directory.CreateDirectory(set.Classes);
        Directory.CreateDirectory(set.Objects);
        Parallel.For(0, count, i =>
        {
            Scene scene = Scene.Paint(firstSeed + i);
            string name = $"{i:000}.png";
            scene.Image.SavePng(Path.Combine(set.Images, name));
            MaskWriter.Save(Path.Combine(set.Classes, name), scene.Classes);
            MaskWriter.Save(Path.Combine(set.Objects, name), scene.Objects);
        });
        return set;
    }
}
