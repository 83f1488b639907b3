using System.Collections.Immutable;
using System.Reflection.Emit;
using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using System.Reflection.PortableExecutable;

namespace Microsoft.ML.Binary.Tests.Architecture;

/// <summary>A type that the code of another one refers to.</summary>
/// <param name="Type">The outermost type around the code.</param>
/// <param name="Document">The source file of the code.</param>
/// <param name="Target">The outermost type around what is referred to, of whatever assembly.</param>
internal sealed record TypeReference(string Type, string Document, string Target);

/// <summary>
/// Reads a compiled assembly and its symbols: where each type is written, and what its signatures, attributes and instructions refer to.
/// Constants and names are not seen: the compiler puts their values in the place of the reference.
/// </summary>
internal sealed class TypeReferences
{
    /// <summary>The documents of a type that has no method with instructions (the format's table of custom debug information).</summary>
    private static readonly Guid TypeDefinitionDocuments = new("932E74BC-DBA9-4478-8D46-0F32A7BAB3D3");

    private static readonly Dictionary<int, OperandType> Operands = typeof(OpCodes).GetFields()
        .Select(field => (OpCode)field.GetValue(null)!)
        .ToDictionary(code => (int)(ushort)code.Value, code => code.OperandType);

    private readonly PEReader _assembly;
    private readonly MetadataReader _metadata, _symbols;
    private readonly Dictionary<string, string> _documents = [];
    private readonly HashSet<TypeReference> _references = [];

    private TypeReferences(PEReader assembly, MetadataReader symbols)
    {
        (_assembly, _metadata, _symbols) = (assembly, assembly.GetMetadataReader(), symbols);
        Assemblies = [.. _metadata.AssemblyReferences.Select(handle => _metadata.GetString(_metadata.GetAssemblyReference(handle).Name))];
        foreach (TypeDefinitionHandle type in _metadata.TypeDefinitions)
        {
            if (Document(type) is { } document)
            {
                _documents.TryAdd(NameOf(type), document);
            }
        }

        foreach (TypeDefinitionHandle type in _metadata.TypeDefinitions)
        {
            Read(type);
        }
    }

    /// <summary>For each type that is not made by the compiler, the source file in which it is written (or one of them).</summary>
    public IReadOnlyDictionary<string, string> Documents => _documents;

    public IReadOnlySet<TypeReference> References => _references;

    /// <summary>Names of the assemblies that the code refers to.</summary>
    public ImmutableArray<string> Assemblies { get; }

    public static TypeReferences Of(System.Reflection.Assembly assembly)
    {
        using PEReader reader = new(File.OpenRead(assembly.Location));
        using MetadataReaderProvider symbols = MetadataReaderProvider.FromPortablePdbStream(File.OpenRead(Path.ChangeExtension(assembly.Location, ".pdb")));
        return new(reader, symbols.GetMetadataReader());
    }

    private void Read(TypeDefinitionHandle handle)
    {
        TypeDefinition type = _metadata.GetTypeDefinition(handle);
        Collector collector = new(this, NameOf(handle));
        collector.Add(type.BaseType);
        collector.Attributes(type.GetCustomAttributes());
        collector.Constraints(type.GetGenericParameters());
        foreach (InterfaceImplementationHandle implementation in type.GetInterfaceImplementations())
        {
            collector.Add(_metadata.GetInterfaceImplementation(implementation).Interface);
        }

        foreach (FieldDefinitionHandle field in type.GetFields())
        {
            _metadata.GetFieldDefinition(field).DecodeSignature(collector, null);
            collector.Attributes(_metadata.GetFieldDefinition(field).GetCustomAttributes());
        }

        foreach (PropertyDefinitionHandle property in type.GetProperties())
        {
            collector.Attributes(_metadata.GetPropertyDefinition(property).GetCustomAttributes());
        }

        foreach (MethodDefinitionHandle method in type.GetMethods())
        {
            Read(method, collector);
        }
    }

    private void Read(MethodDefinitionHandle handle, Collector collector)
    {
        MethodDefinition method = _metadata.GetMethodDefinition(handle);
        collector.Document = Document(handle);
        method.DecodeSignature(collector, null);
        collector.Attributes(method.GetCustomAttributes());
        collector.Constraints(method.GetGenericParameters());
        if (method.RelativeVirtualAddress == 0)
        {
            return;
        }

        MethodBodyBlock body = _assembly.GetMethodBody(method.RelativeVirtualAddress);
        if (!body.LocalSignature.IsNil)
        {
            _metadata.GetStandaloneSignature(body.LocalSignature).DecodeLocalSignature(collector, null);
        }

        foreach (ExceptionRegion region in body.ExceptionRegions)
        {
            collector.Add(region.CatchType);
        }

        BlobReader instructions = body.GetILReader();
        while (instructions.RemainingBytes > 0)
        {
            int code = instructions.ReadByte();
            switch (Operands[code == 0xFE ? 0xFE00 | instructions.ReadByte() : code])
            {
                case OperandType.InlineField or OperandType.InlineMethod or OperandType.InlineSig or OperandType.InlineTok or OperandType.InlineType:
                    collector.Add((EntityHandle)MetadataTokens.Handle(instructions.ReadInt32()));
                    break;
                case OperandType.InlineSwitch:
                    int targets = instructions.ReadInt32();
                    instructions.Offset += sizeof(int) * targets;
                    break;
                case OperandType.InlineI8 or OperandType.InlineR:
                    instructions.Offset += 8;
                    break;
                case OperandType.InlineVar:
                    instructions.Offset += 2;
                    break;
                case OperandType.ShortInlineBrTarget or OperandType.ShortInlineI or OperandType.ShortInlineVar:
                    instructions.Offset += 1;
                    break;
                case OperandType.InlineNone:
                    break;
                default:
                    instructions.Offset += 4;
                    break;
            }
        }
    }

    private string? Document(TypeDefinitionHandle handle)
    {
        TypeDefinition type = _metadata.GetTypeDefinition(handle);
        if (type.GetMethods().Select(Document).FirstOrDefault(document => document is not null) is { } document)
        {
            return document;
        }

        foreach (CustomDebugInformationHandle information in _symbols.GetCustomDebugInformation(handle))
        {
            CustomDebugInformation found = _symbols.GetCustomDebugInformation(information);
            if (_symbols.GetGuid(found.Kind) == TypeDefinitionDocuments)
            {
                return Name(MetadataTokens.DocumentHandle(_symbols.GetBlobReader(found.Value).ReadCompressedInteger()));
            }
        }

        return null;
    }

    private string? Document(MethodDefinitionHandle handle)
    {
        MethodDebugInformation information = _symbols.GetMethodDebugInformation(handle);
        DocumentHandle document = information.Document;
        if (document.IsNil && !information.SequencePointsBlob.IsNil)
        {
            document = information.GetSequencePoints().First().Document;
        }

        return document.IsNil ? null : Name(document);
    }

    private string Name(DocumentHandle document) => _symbols.GetString(_symbols.GetDocument(document).Name).Replace('\\', '/');

    private string NameOf(TypeDefinitionHandle handle)
    {
        TypeDefinition type = _metadata.GetTypeDefinition(handle);
        return type.GetDeclaringType() is { IsNil: false } around ? NameOf(around) : FullName(type.Namespace, type.Name);
    }

    private string NameOf(TypeReferenceHandle handle)
    {
        System.Reflection.Metadata.TypeReference type = _metadata.GetTypeReference(handle);
        return type.ResolutionScope.Kind == HandleKind.TypeReference
            ? NameOf((TypeReferenceHandle)type.ResolutionScope)
            : FullName(type.Namespace, type.Name);
    }

    private string FullName(StringHandle scope, StringHandle name) => scope.IsNil ? _metadata.GetString(name) : $"{_metadata.GetString(scope)}.{_metadata.GetString(name)}";

    /// <summary>Follows handles and signatures of one type's code down to the names of types.</summary>
    private sealed class Collector(TypeReferences owner, string type) : ISignatureTypeProvider<int, object?>
    {
        private readonly MetadataReader _metadata = owner._metadata;

        /// <summary>Where the method stands that is being read.</summary>
        public string? Document { get; set; }

        public void Add(EntityHandle handle)
        {
            if (handle.IsNil)
            {
                return;
            }

            switch (handle.Kind)
            {
                case HandleKind.TypeDefinition:
                    Found(owner.NameOf((TypeDefinitionHandle)handle));
                    break;
                case HandleKind.TypeReference:
                    Found(owner.NameOf((TypeReferenceHandle)handle));
                    break;
                case HandleKind.TypeSpecification:
                    _metadata.GetTypeSpecification((TypeSpecificationHandle)handle).DecodeSignature(this, null);
                    break;
                case HandleKind.FieldDefinition:
                    Add(_metadata.GetFieldDefinition((FieldDefinitionHandle)handle).GetDeclaringType());
                    break;
                case HandleKind.MethodDefinition:
                    Add(_metadata.GetMethodDefinition((MethodDefinitionHandle)handle).GetDeclaringType());
                    break;
                case HandleKind.MethodSpecification:
                    MethodSpecification specification = _metadata.GetMethodSpecification((MethodSpecificationHandle)handle);
                    specification.DecodeSignature(this, null);
                    Add(specification.Method);
                    break;
                case HandleKind.MemberReference:
                    MemberReference member = _metadata.GetMemberReference((MemberReferenceHandle)handle);
                    Add(member.Parent);
                    if (member.GetKind() == MemberReferenceKind.Method)
                    {
                        member.DecodeMethodSignature(this, null);
                    }
                    else
                    {
                        member.DecodeFieldSignature(this, null);
                    }

                    break;
                case HandleKind.StandaloneSignature:
                    _metadata.GetStandaloneSignature((StandaloneSignatureHandle)handle).DecodeMethodSignature(this, null);
                    break;
            }
        }

        public void Attributes(CustomAttributeHandleCollection attributes)
        {
            foreach (CustomAttributeHandle attribute in attributes)
            {
                Add(_metadata.GetCustomAttribute(attribute).Constructor);
            }
        }

        public void Constraints(GenericParameterHandleCollection parameters)
        {
            foreach (GenericParameterConstraintHandle constraint in parameters.SelectMany(handle => _metadata.GetGenericParameter(handle).GetConstraints()))
            {
                Add(_metadata.GetGenericParameterConstraint(constraint).Type);
            }
        }

        public int GetTypeFromDefinition(MetadataReader reader, TypeDefinitionHandle handle, byte rawTypeKind) => Followed(handle);

        public int GetTypeFromReference(MetadataReader reader, TypeReferenceHandle handle, byte rawTypeKind) => Followed(handle);

        public int GetTypeFromSpecification(MetadataReader reader, object? context, TypeSpecificationHandle handle, byte rawTypeKind) => Followed(handle);

        public int GetArrayType(int elementType, ArrayShape shape) => 0;

        public int GetByReferenceType(int elementType) => 0;

        public int GetFunctionPointerType(MethodSignature<int> signature) => 0;

        public int GetGenericInstantiation(int genericType, ImmutableArray<int> typeArguments) => 0;

        public int GetGenericMethodParameter(object? context, int index) => 0;

        public int GetGenericTypeParameter(object? context, int index) => 0;

        public int GetModifiedType(int modifier, int unmodifiedType, bool isRequired) => 0;

        public int GetPinnedType(int elementType) => 0;

        public int GetPointerType(int elementType) => 0;

        public int GetPrimitiveType(PrimitiveTypeCode typeCode) => 0;

        public int GetSZArrayType(int elementType) => 0;

        private int Followed(EntityHandle handle)
        {
            Add(handle);
            return 0;
        }

        private void Found(string target)
        {
            if ((Document ?? owner._documents.GetValueOrDefault(type)) is { } document)
            {
                owner._references.Add(new(type, document, target));
            }
        }
    }
}
