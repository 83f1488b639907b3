namespace QuickStart.Scenes;

/// <summary>What a pixel of a scene can show; the numbers are the class indices of the masks.</summary>
internal enum SceneClass : byte
{
    Sky,
    Mountain,
    Water,
    Meadow,
    Field,
    Balloon,
}
