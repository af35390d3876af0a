export { type BindingOption } from '../compile/inspected'
export { type CodeOptions, type Lines } from './code'
export { collapse, openAtFirst, type ShownEdge, type ShownFrame, type ShownGraph, type ShownNode } from './collapse'
export {
  derivation,
  type Derivation,
  type DerivationOptions,
  type DerivationStep,
  type DerivationTerm,
} from './derivation'
export { emitWithMap, type EmitWithMapOptions, type MappedModule, type SourceMap } from './emit-map'
export { explain, type Explanation } from './explain'
export { formula, type FormulaOptions, type FormulaRow, type Formulas, formulas } from './formulas'
export { gradients, type Gradients } from './gradients'
export { cycles, dot, graph, type GraphOptions, type NodeLabel, type Stage } from './graph'
export { inspect, type InspectOptions } from './inspect'
export {
  type CodeView,
  type GraphView,
  type Inspection,
  type KernelView,
  type Place,
  type TensorView,
} from './inspection'
export { type KernelRow } from './kernel-row'
export { memory, type MemoryMap, type MemoryRow } from './memory'
export { type Part } from './part'
export { passes, type PassTable } from './passes'
export { print } from './print'
export { type Machine } from './machine'
export { profile, type Profile, type ProfileOptions } from './profile'
export { type ProfileRow } from './profile-rows'
export {
  type KernelMention,
  type LineProvenance,
  provenance,
  type Provenance,
  type ProvenanceOptions,
} from './provenance'
export { source, type SourceOptions } from './source'
export { kernelGraph } from './stage'
export { svg, type SvgOptions } from './svg'
