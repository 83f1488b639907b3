namespace Microsoft.ML.Binary;

/// <summary>
/// The trained networks inside this package. They were trained on research data, whose terms they carry: <b>for research and
/// non-commercial use</b>. <see cref="PretrainedNetworks.Card"/> tells all about each.
/// </summary>
public enum PretrainedModel
{
    /// <summary>Street scenes seen from a car, 11 classes (trained on CamVid).</summary>
    RoadScene,

    /// <summary>Road or not road, two classes (trained on KITTI road).</summary>
    Road,

    /// <summary>The object that a person would look at first (trained on PASCAL-S).</summary>
    Saliency,
}
