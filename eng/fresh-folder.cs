// What eng/fresh-folder.sh runs beside the README's sample, against the packages.
using Microsoft.ML;
using Microsoft.ML.Binary;
using Microsoft.ML.Binary.Imaging;
using Microsoft.ML.Data;

switch (args[0])
{
    case "make":
        // Sky, building and road of flat colours with noise, with the masks; and a photo as a camera saves it.
        Random random = new(1);
        foreach (string set in new[] { "train", "test" })
        {
            for (int i = 0; i < 12; i++)
            {
                RgbImage image = new(96, 72);
                SegmentationMask mask = new(96, 72, new byte[96 * 72]);
                int horizon = random.Next(20, 34), curb = random.Next(42, 56);
                for (int p = 0; p < mask.Labels.Length; p++)
                {
                    int y = p / 96, label = y < horizon ? 0 : y < curb ? 1 : 2;
                    ReadOnlySpan<byte> color = label switch { 0 => [120, 180, 235], 1 => [150, 90, 70], _ => [80, 80, 85] };
                    for (int c = 0; c < 3; c++)
                    {
                        image.Pixels[(3 * p) + c] = (byte)(color[c] + random.Next(-12, 13));
                    }

                    mask.Labels[p] = (byte)label;
                }

                Directory.CreateDirectory($"{set}/images");
                Directory.CreateDirectory($"{set}/masks");
                image.SavePng($"{set}/images/{i:00}.png");
                MaskWriter.Save($"{set}/masks/{i:00}.png", mask);
            }
        }

        using (MLImage photo = MLImage.CreateFromFile("test/images/00.png"))
        {
            photo.Save("photos/photo.jpg");
        }

        break;

    case "use":
        using (SegmentationPredictor predictor = SegmentationPredictor.Load("road.zip"))
        using (FileStream photo = File.OpenRead("photos/photo.jpg"))
        {
            SegmentationMask mask = predictor.Predict(photo);
            Console.WriteLine($"photo.jpg: {mask.Width}x{mask.Height}, {mask.Labels.Distinct().Count()} classes");
        }

        try
        {
            new MLContext().Segmentation.Pretrained(PretrainedModel.RoadScene);
            throw new InvalidOperationException("RoadScene must not be in the packages that everyone installs");
        }
        catch (FileNotFoundException e) when (e.Message.Contains("dotnet add package MlBinary.Research"))
        {
            Console.WriteLine(e.Message);
        }

        break;

    case "use-research":
        RgbImage street = ImageReader.Load("photos/photo.jpg").Image;
        foreach (PretrainedModel model in Enum.GetValues<PretrainedModel>())
        {
            Console.WriteLine($"{model}: {PretrainedNetworks.Load(model).Task}, {(PretrainedNetworks.IsFree(model) ? "for any use" : "for research")}");
        }

        using (SegmentationPredictor predictor = new(PretrainedNetworks.Load(PretrainedModel.RoadScene)))
        {
            Console.WriteLine($"RoadScene finds {predictor.Predict(street).Labels.Distinct().Count()} classes");
        }

        break;
}
