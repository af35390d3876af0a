import {
  bytes,
  byteLists,
  float,
  floats,
  int,
  ints,
  many,
  one,
  type Rules,
  text,
  texts,
  uints,
  doubles,
} from '../../formats/protobuf/rules'
import type {
  AttributeProto,
  Dimension,
  ElementProto,
  FunctionProto,
  GraphProto,
  ModelProto,
  NodeProto,
  OperatorSetId,
  ShapeProto,
  SparseTensorProto,
  StringEntry,
  TensorProto,
  TensorTypeProto,
  TypeProto,
  ValueInfo,
} from './messages'

const entry: Rules<StringEntry> = { key: text(1), value: text(2) }
const opset: Rules<OperatorSetId> = { domain: text(1), version: int(2) }

const tensor: Rules<TensorProto> = {
  dims: ints(1),
  dataType: int(2),
  floatData: floats(4),
  int32Data: ints(5),
  stringData: byteLists(6),
  int64Data: ints(7),
  name: text(8),
  rawData: bytes(9),
  doubleData: doubles(10),
  uint64Data: uints(11),
  externalData: many(13, () => entry),
  dataLocation: int(14),
}

const sparse: Rules<SparseTensorProto> = {
  values: one(1, () => tensor),
  indices: one(2, () => tensor),
  dims: ints(3),
}

const dimension: Rules<Dimension> = { dimValue: int(1), dimParam: text(2) }
const shape: Rules<ShapeProto> = { dim: many(1, () => dimension) }
const tensorType: Rules<TensorTypeProto> = { elemType: int(1), shape: one(2, () => shape) }
const element: Rules<ElementProto> = { elemType: one(1, () => type) }
const type: Rules<TypeProto> = {
  tensorType: one(1, () => tensorType),
  sequenceType: one(4, () => element),
  optionalType: one(9, () => element),
}
const value: Rules<ValueInfo> = { name: text(1), type: one(2, () => type), docString: text(3) }

const attribute: Rules<AttributeProto> = {
  name: text(1),
  f: float(2),
  i: int(3),
  s: bytes(4),
  t: one(5, () => tensor),
  g: one(6, () => graph),
  floats: floats(7),
  ints: ints(8),
  strings: byteLists(9),
  tensors: many(10, () => tensor),
  graphs: many(11, () => graph),
  type: int(20),
  refAttrName: text(21),
  sparseTensor: one(22, () => sparse),
}

const node: Rules<NodeProto> = {
  input: texts(1),
  output: texts(2),
  name: text(3),
  opType: text(4),
  attribute: many(5, () => attribute),
  docString: text(6),
  domain: text(7),
}

const graph: Rules<GraphProto> = {
  node: many(1, () => node),
  name: text(2),
  initializer: many(5, () => tensor),
  docString: text(10),
  input: many(11, () => value),
  output: many(12, () => value),
  valueInfo: many(13, () => value),
  sparseInitializer: many(15, () => sparse),
}

const functionRules: Rules<FunctionProto> = {
  name: text(1),
  input: texts(4),
  output: texts(5),
  attribute: texts(6),
  node: many(7, () => node),
  opsetImport: many(9, () => opset),
  domain: text(10),
  attributeProto: many(11, () => attribute),
}

/** An ONNX file. Source: onnx.proto. */
export const MODEL: Rules<ModelProto> = {
  irVersion: int(1),
  producerName: text(2),
  producerVersion: text(3),
  domain: text(4),
  modelVersion: int(5),
  docString: text(6),
  graph: one(7, () => graph),
  opsetImport: many(8, () => opset),
  metadataProps: many(14, () => entry),
  functions: many(25, () => functionRules),
}
export const TENSOR = tensor
