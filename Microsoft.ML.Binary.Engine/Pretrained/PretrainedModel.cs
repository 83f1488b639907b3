namespace Microsoft.ML.Binary;

/// <summary>
/// The trained networks. Each has terms, those of its data (<see cref="PretrainedNetworks.Card"/>). What anyone may use lies in the engine; the
/// others lie in the package <c>MlBinary.Research</c>, <b>for research and non-commercial use</b>.
/// </summary>
/// <example>
/// <code>
/// foreach (PretrainedModel model in Enum.GetValues&lt;PretrainedModel>())
/// {
///     Console.WriteLine($"{model}: {(PretrainedNetworks.IsAvailable(model) ? "here" : "not installed")}, {(PretrainedNetworks.IsFree(model) ? "for any use" : "for research")}");
/// }
/// </code>
/// </example>
public enum PretrainedModel
{
    /// <summary>Street scenes seen from a car, 11 classes (trained on CamVid). In the package <c>MlBinary.Research</c>.</summary>
    RoadScene,

    /// <summary>Road or not road, two classes (trained on KITTI road, from weights learned on CamVid). In the package <c>MlBinary.Research</c>.</summary>
    Road,

    /// <summary>The object that a person would look at first (trained on MSRA10K, PASCAL-S, people of Clothing Co-Parsing and pictures of ImageNet). In the package <c>MlBinary.Research</c>.</summary>
    Saliency,

    /// <summary>Cell nuclei in microscopy: background, inside, contour (trained on CC0 data). Anyone may use it for anything; it lies in the engine.</summary>
    Nuclei,

    /// <summary>
    /// 128 visual words of generic pictures, learned from the features of an ImageNet network: of no use by itself, a start for a network of your own with few
    /// images (trained on pictures of MSRA10K and PASCAL-S). In the package <c>MlBinary.Research</c>.
    /// </summary>
    Words,
}
