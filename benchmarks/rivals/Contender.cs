using System.Numerics;
using Microsoft.ML.Binary.Compare;
using Microsoft.ML.Binary.Graph;
using Microsoft.ML.Binary.Imaging;
using Microsoft.ML.Binary.Inference;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms.Image;
using Microsoft.ML.Transforms.Onnx;
using TorchSharp;

namespace Microsoft.ML.Binary.Rivals;

/// <summary>One way to get a class for every pixel of some images, on one thread.</summary>
internal abstract class Contender : IDisposable
{
    /// <summary>The size of all images.</summary>
    public const int SampleWidth = 480, SampleHeight = 360;

    /// <summary>All of them, by name. Each is given the folder with the networks and the images' files.</summary>
    public static IReadOnlyDictionary<string, Func<string, string[], Contender>> All { get; } = new Dictionary<string, Func<string, string[], Contender>>
    {
        ["this engine"] = (folder, images) => new Engine(folder, images),
        ["this engine in an ML.NET pipeline"] = (folder, images) => new Pipeline(folder, images),
        ["float twin, OnnxTransformer in an ML.NET pipeline"] = (folder, images) => new OnnxPipeline(folder, images),
        ["float twin, ONNX Runtime"] = (folder, images) => new Onnx(Path.Combine(folder, "float.onnx"), images),
        ["int8 twin, ONNX Runtime"] = (folder, images) => new Onnx(Path.Combine(folder, "int8.onnx"), images),
        ["float twin, TorchSharp"] = (folder, images) => new Torch(folder, images),
    };

    /// <summary>Looks at every image once.</summary>
    /// <param name="decode">Whether files are read, or images that lie in memory.</param>
    /// <param name="take">Gets the classes of each, in order.</param>
    public abstract void Run(bool decode, Action<ReadOnlySpan<byte>> take);

    public virtual void Dispose()
    {
    }

    // The class with the largest of planes of logits, in whole registers.
    private static void Largest(ReadOnlySpan<float> logits, Span<byte> labels)
    {
        int pixels = labels.Length, classes = logits.Length / pixels;
        for (int p = 0; p < pixels; p += Vector<float>.Count)
        {
            int at = Math.Min(p, pixels - Vector<float>.Count);
            Vector<float> highest = new(logits[at..]);
            Vector<int> best = Vector<int>.Zero;
            for (int c = 1; c < classes; c++)
            {
                Vector<float> value = new(logits[(c * pixels + at)..]);
                best = Vector.ConditionalSelect(Vector.GreaterThan(value, highest), new Vector<int>(c), best);
                highest = Vector.Max(value, highest);
            }

            for (int i = 0; i < Vector<int>.Count; i++)
            {
                labels[at + i] = (byte)best[i];
            }
        }
    }

    // What ML.NET's image (decoded by Skia, BGRA) is to networks: planes of red, green, blue.
    private static void ToPlanes(MLImage image, Span<float> planes)
    {
        ReadOnlySpan<byte> pixels = image.Pixels;
        int count = planes.Length / 3;
        (int red, int blue) = image.PixelFormat == MLPixelFormat.Bgra32 ? (2, 0) : (0, 2);
        for (int i = 0; i < count; i++)
        {
            (planes[i], planes[count + i], planes[2 * count + i]) = (pixels[4 * i + red], pixels[4 * i + 1], pixels[4 * i + blue]);
        }
    }

    private sealed class Engine(string folder, string[] images) : Contender
    {
        private readonly CompiledNetwork _network = CompiledNetwork.Compile(DenseNetwork.Load(Path.Combine(folder, "binary.mlbn")));
        private readonly RgbImage[] _decoded = [.. images.Select(path => RgbImage.Load(path))];
        private byte[] _labels = [];

        public override void Run(bool decode, Action<ReadOnlySpan<byte>> take)
        {
            for (int i = 0; i < images.Length; i++)
            {
                RgbImage image = decode ? RgbImage.Load(images[i]) : _decoded[i];
                Array.Resize(ref _labels, image.Width * image.Height);
                _network.PredictLabels(image, _labels);
                take(_labels);
            }
        }

        public override void Dispose() => _network.Dispose();
    }

    // An ML.NET pipeline over a column of files or over one of images.
    private abstract class View(string[] images) : Contender
    {
        private readonly byte[][] _decoded = [.. images.Select(path => MLImage.CreateFromFile(path).Pixels.ToArray())];

        protected MLContext Ml { get; } = new(seed: 1);

        // A stage disposes of the image of a row that it has read, so each row gets a new one.
        protected IDataView Decoded() => Ml.Data.LoadFromEnumerable(_decoded.Select(
            pixels => new ImageOnly { Image = MLImage.CreateFromPixels(SampleWidth, SampleHeight, MLPixelFormat.Bgra32, pixels) }));

        private sealed class ImageOnly
        {
            // ML.NET takes the size of images in a class from an attribute.
            [ImageType(SampleHeight, SampleWidth)]
            public MLImage? Image { get; set; }
        }
    }

    private sealed class Pipeline : View
    {
        private readonly string[] _images;
        private readonly SegmentationTransformer _transformer;

        public Pipeline(string folder, string[] images)
            : base(images) => (_images, _transformer) = (images, Ml.Segmentation.FromNetwork(Path.Combine(folder, "binary.mlbn"), new() { Threads = 1 }));

        public override void Run(bool decode, Action<ReadOnlySpan<byte>> take)
        {
            IDataView scored = _transformer.Transform(decode ? Ml.Data.LoadImages(_images) : Decoded());
            using DataViewRowCursor cursor = scored.GetRowCursor([scored.Schema["PredictedLabel"]]);
            ValueGetter<VBuffer<byte>> get = cursor.GetGetter<VBuffer<byte>>(scored.Schema["PredictedLabel"]);
            VBuffer<byte> labels = default;
            while (cursor.MoveNext())
            {
                get(ref labels);
                take(labels.GetValues());
            }
        }
    }

    private sealed class OnnxPipeline : View
    {
        private readonly ITransformer _fromFiles, _fromImages;
        private readonly IDataView _files;
        private byte[] _labels = [];

        public OnnxPipeline(string folder, string[] images)
            : base(images)
        {
            _files = Ml.Data.LoadFromEnumerable(images.Select(path => new File { Path = path }));
            OnnxOptions options = new()
            {
                ModelFile = Path.Combine(folder, "float.onnx"),
                InputColumns = ["image"],
                OutputColumns = ["logits"],
                IntraOpNumThreads = 1,
                InterOpNumThreads = 1,
            };
            IEstimator<ITransformer> network = Ml.Transforms.ExtractPixels("image", "Image", orderOfExtraction: ImagePixelExtractingEstimator.ColorsOrder.ARGB)
                .Append(Ml.Transforms.ApplyOnnxModel(options));
            _fromImages = network.Fit(Decoded());
            // ExtractPixels takes images of a known size only, which those of files get from ResizeImages.
            _fromFiles = Ml.Transforms.LoadImages("Image", "", "Path").Append(Ml.Transforms.ResizeImages("Image", SampleWidth, SampleHeight)).Append(network).Fit(_files);
        }

        public override void Run(bool decode, Action<ReadOnlySpan<byte>> take)
        {
            IDataView scored = decode ? _fromFiles.Transform(_files) : _fromImages.Transform(Decoded());
            using DataViewRowCursor cursor = scored.GetRowCursor([scored.Schema["logits"]]);
            ValueGetter<VBuffer<float>> get = cursor.GetGetter<VBuffer<float>>(scored.Schema["logits"]);
            int classes = ((VectorDataViewType)scored.Schema["logits"].Type).Dimensions[1];
            VBuffer<float> logits = default;
            while (cursor.MoveNext())
            {
                get(ref logits);
                Array.Resize(ref _labels, logits.Length / classes);
                Largest(logits.GetValues(), _labels);
                take(_labels);
            }
        }

        private sealed class File
        {
            public string Path { get; set; } = "";
        }
    }

    private sealed class Onnx(string file, string[] images) : Contender
    {
        private readonly OnnxModel _model = new(System.IO.File.ReadAllBytes(file));
        private readonly MLImage[] _decoded = [.. images.Select(MLImage.CreateFromFile)];
        private float[] _planes = [];
        private byte[] _labels = [];

        public override void Run(bool decode, Action<ReadOnlySpan<byte>> take)
        {
            for (int i = 0; i < images.Length; i++)
            {
                MLImage image = decode ? MLImage.CreateFromFile(images[i]) : _decoded[i];
                int pixels = image.Width * image.Height;
                if (_labels.Length != pixels)
                {
                    (_planes, _labels) = (new float[3 * pixels], new byte[pixels]);
                    _model.Feed(_planes, 1, 3, image.Height, image.Width);
                }

                ToPlanes(image, _planes);
                Largest(_model.Results(), _labels);
                take(_labels);
                if (decode)
                {
                    image.Dispose();
                }
            }
        }

        public override void Dispose()
        {
            Array.ForEach(_decoded, image => image.Dispose());
            _model.Dispose();
        }
    }

    private sealed class Torch : Contender
    {
        private readonly string[] _images;
        private readonly MLImage[] _decoded;
        private readonly TorchNetwork _network;

        public Torch(string folder, string[] images)
        {
            torch.set_num_threads(1);
            torch.set_num_interop_threads(1);
            (_images, _decoded) = (images, [.. images.Select(MLImage.CreateFromFile)]);
            _network = new TorchNetwork(DenseNetwork.Load(Path.Combine(folder, "float.mlbn")));
        }

        public override void Run(bool decode, Action<ReadOnlySpan<byte>> take)
        {
            for (int i = 0; i < _images.Length; i++)
            {
                MLImage image = decode ? MLImage.CreateFromFile(_images[i]) : _decoded[i];
                using IDisposable inference = torch.inference_mode();
                using DisposeScope scope = torch.NewDisposeScope();
                float[] planes = new float[3 * image.Width * image.Height];
                ToPlanes(image, planes);
                torch.Tensor labels = _network.Logits(torch.tensor(planes, [1, 3, image.Height, image.Width])).argmax(1).to(torch.uint8);
                take(labels.data<byte>().ToArray());
                if (decode)
                {
                    image.Dispose();
                }
            }
        }

        public override void Dispose()
        {
            Array.ForEach(_decoded, image => image.Dispose());
            _network.Dispose();
        }
    }
}
