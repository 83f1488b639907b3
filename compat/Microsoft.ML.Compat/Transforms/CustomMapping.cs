using System.Reflection;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms;

namespace Microsoft.ML
{
    public static class CustomMappingCatalog
    {
        public static CustomMappingEstimator<TSrc, TDst> CustomMapping<TSrc, TDst>(
            this TransformsCatalog catalog,
            Action<TSrc, TDst> mapAction,
            string contractName,
            SchemaDefinition inputSchemaDefinition = null,
            SchemaDefinition outputSchemaDefinition = null)
            where TSrc : class, new()
            where TDst : class, new() =>
            new(new CustomMappingTransformer<TSrc, TDst>(mapAction, contractName, inputSchemaDefinition, outputSchemaDefinition));

        /// <summary>Leaves out the rows for which <paramref name="filterPredicate"/> is true.</summary>
        public static IDataView FilterByCustomPredicate<TSrc>(this DataOperationsCatalog catalog, IDataView input, Func<TSrc, bool> filterPredicate)
            where TSrc : class, new() => new PredicateDataView<TSrc>(input, filterPredicate);
    }
}

namespace Microsoft.ML.Transforms
{
    public sealed class CustomMappingEstimator<TSrc, TDst> : TrivialEstimator<CustomMappingTransformer<TSrc, TDst>>
        where TSrc : class, new()
        where TDst : class, new()
    {
        private readonly CustomMappingTransformer<TSrc, TDst> _transformer;

        internal CustomMappingEstimator(CustomMappingTransformer<TSrc, TDst> transformer)
            : base(transformer) => _transformer = transformer;

        public override SchemaShape GetOutputSchema(SchemaShape inputSchema)
        {
            foreach (SchemaDefinition.Column wanted in _transformer.Source)
            {
                SchemaShape.Column found = inputSchema.Find(wanted.ColumnName);
                SchemaShape.Column expected = SchemaShape.ColumnOf(wanted.ColumnName, wanted.ColumnType, DataViewSchema.Annotations.Empty);
                bool sizesFit = expected.Kind == SchemaShape.Column.VectorKind.VariableVector
                    ? found.Kind != SchemaShape.Column.VectorKind.Scalar
                    : found.Kind == expected.Kind;
                // By reference, as in ML.NET: two image types of one size do not match here.
                if (!sizesFit || found.ItemType != expected.ItemType)
                {
                    throw Mismatch.WrongType(wanted.ColumnName, wanted.ColumnType.ToString(), found.Describe());
                }
            }

            return inputSchema.With(_transformer.Added.Select(column => SchemaShape.ColumnOf(column.Name, column.Type, column.Annotations)));
        }
    }

    /// <summary>Columns computed by a user's code from one object to another. A saved one is found again by its contract name, and loses its schema definitions.</summary>
    public sealed class CustomMappingTransformer<TSrc, TDst> : RowToRowTransformerBase
        where TSrc : class, new()
        where TDst : class, new()
    {
        private readonly Action<TSrc, TDst> _map;
        private readonly string _contractName;
        private readonly SchemaDefinition _destination;

        internal CustomMappingTransformer(
            Action<TSrc, TDst> map, string contractName, SchemaDefinition inputSchemaDefinition = null, SchemaDefinition outputSchemaDefinition = null)
        {
            _map = map ?? throw new ArgumentNullException(nameof(map));
            _contractName = contractName;
            Source = SchemaDefinition.CreateOrCheck(typeof(TSrc), inputSchemaDefinition, SchemaDefinition.Direction.Write);
            _destination = SchemaDefinition.CreateOrCheck(typeof(TDst), outputSchemaDefinition, SchemaDefinition.Direction.Read);
            Added = _destination.ToColumns();
        }

        internal SchemaDefinition Source { get; }

        internal DataViewSchema.DetachedColumn[] Added { get; }

        private protected override RowMapper Bind(DataViewSchema input)
        {
            var columns = RowFiller<TSrc>.Bind(input, Source, ignoreMissing: false);
            return RowMapper.Adding(input, Added, columns.Select(column => column.Column.Index), (DataViewRow row, bool[] active, out Action dispose) =>
            {
                dispose = null;
                Action<TSrc> fill = RowFiller<TSrc>.Create(row, columns);
                var source = new TSrc();
                var destination = new TDst();
                long mappedPosition = -1;
                TDst Current()
                {
                    if (mappedPosition != row.Position)
                    {
                        fill(source);
                        _map(source, destination);
                        mappedPosition = row.Position;
                    }

                    return destination;
                }

                return [.. _destination.Select((column, i) => active[i] ? MemberAccess<TDst>.CreateGetter(column, Current) : null)];
            });
        }

        private protected override void Save(ModelSaveContext ctx)
        {
            if (string.IsNullOrEmpty(_contractName))
            {
                throw new InvalidOperationException("Empty contract name for a transform: the transform cannot be saved");
            }

            ctx.Begin(CustomMappingFormat.Kind);
            ctx.Writer.Write(_contractName);
            ctx.Writer.Write(_map.Method.DeclaringType.Assembly.FullName);
        }
    }

    internal static class CustomMappingFormat
    {
        public const string Kind = "CustomMapping";

        public static ITransformer Load(ModelReader reader)
        {
            string contractName = reader.ReadString();
            reader.Catalog.RegisterAssembly(Assembly.Load(reader.ReadString()));
            return reader.Catalog.CreateFactory(contractName).CreateTransformer(contractName);
        }
    }
}
