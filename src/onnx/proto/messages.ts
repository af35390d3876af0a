/** The messages of `onnx.proto` (ONNX IR version 10) that are read and written here; what is absent is undefined. */
export interface ModelProto {
  readonly irVersion?: number
  readonly producerName?: string
  readonly producerVersion?: string
  readonly domain?: string
  readonly modelVersion?: number
  readonly docString?: string
  readonly graph?: GraphProto
  readonly opsetImport?: readonly OperatorSetId[]
  readonly metadataProps?: readonly StringEntry[]
  readonly functions?: readonly FunctionProto[]
}

export interface OperatorSetId {
  readonly domain?: string
  readonly version?: number
}

export interface StringEntry {
  readonly key?: string
  readonly value?: string
}

export interface GraphProto {
  readonly node?: readonly NodeProto[]
  readonly name?: string
  readonly initializer?: readonly TensorProto[]
  readonly docString?: string
  readonly input?: readonly ValueInfo[]
  readonly output?: readonly ValueInfo[]
  readonly valueInfo?: readonly ValueInfo[]
  readonly sparseInitializer?: readonly SparseTensorProto[]
}

export interface NodeProto {
  readonly input?: readonly string[]
  readonly output?: readonly string[]
  readonly name?: string
  readonly opType?: string
  readonly domain?: string
  readonly attribute?: readonly AttributeProto[]
  readonly docString?: string
}

export interface AttributeProto {
  readonly name?: string
  readonly refAttrName?: string
  readonly type?: number
  readonly f?: number
  readonly i?: number
  readonly s?: Uint8Array
  readonly t?: TensorProto
  readonly g?: GraphProto
  readonly sparseTensor?: SparseTensorProto
  readonly floats?: readonly number[]
  readonly ints?: readonly number[]
  readonly strings?: readonly Uint8Array[]
  readonly tensors?: readonly TensorProto[]
  readonly graphs?: readonly GraphProto[]
}

export interface TensorProto {
  readonly dims?: readonly number[]
  readonly dataType?: number
  readonly floatData?: readonly number[]
  readonly int32Data?: readonly number[]
  readonly stringData?: readonly Uint8Array[]
  readonly int64Data?: readonly number[]
  readonly name?: string
  readonly rawData?: Uint8Array
  readonly doubleData?: readonly number[]
  readonly uint64Data?: readonly number[]
  readonly externalData?: readonly StringEntry[]
  readonly dataLocation?: number
}

export interface SparseTensorProto {
  readonly values?: TensorProto
  readonly indices?: TensorProto
  readonly dims?: readonly number[]
}

export interface ValueInfo {
  readonly name?: string
  readonly type?: TypeProto
  readonly docString?: string
}

export interface TypeProto {
  readonly tensorType?: TensorTypeProto
  readonly sequenceType?: ElementProto
  readonly optionalType?: ElementProto
}

export interface ElementProto {
  readonly elemType?: TypeProto
}

export interface TensorTypeProto {
  readonly elemType?: number
  readonly shape?: ShapeProto
}

export interface ShapeProto {
  readonly dim?: readonly Dimension[]
}

export interface Dimension {
  readonly dimValue?: number
  readonly dimParam?: string
}

export interface FunctionProto {
  readonly name?: string
  readonly domain?: string
  readonly input?: readonly string[]
  readonly output?: readonly string[]
  readonly attribute?: readonly string[]
  readonly attributeProto?: readonly AttributeProto[]
  readonly node?: readonly NodeProto[]
  readonly opsetImport?: readonly OperatorSetId[]
}
