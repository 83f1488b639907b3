// Gives each pixel of a street scene its class, without ML.NET and without a runtime to install:
//
//     dotnet publish -c Release samples/EngineAot -o aot && aot/EngineAot street.png mask.png
using Microsoft.ML.Binary;
using Microsoft.ML.Binary.Imaging;
using Microsoft.ML.Binary.Inference;

RgbImage image = RgbImage.Load(args[0]);
using CompiledNetwork network = CompiledNetwork.Compile(PretrainedNetworks.Load(PretrainedModel.RoadScene));
SegmentationMask mask = new(image.Width, image.Height, new byte[image.Width * image.Height]);
network.PredictLabels(image, mask.Labels);
MaskWriter.Save(args[1], mask);
