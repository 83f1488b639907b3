namespace Microsoft.ML.Binary;

/// <summary>How the pixels of mask files are meant; nothing in a file says it.</summary>
public enum MaskKind
{
    /// <summary>Class indices as stored, 255 = ignore: for segmentation.</summary>
    ClassIndices,

    /// <summary>Gray values scaled to 0..255, object above 128: for saliency. (A stored 1 of a one-bit file is 255.)</summary>
    Saliency,
}
