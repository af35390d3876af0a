import type { Place } from '../ir/place'
import type { DType } from '../ir/type'
import type { PassReport } from '../compile/pipeline'
import type { MemoryRow } from './memory'

export type { Place } from '../ir/place'

/** What a tensor or a kernel serves: told apart by colour wherever graphs are drawn. */
export type Part = 'input' | 'state' | 'constant' | 'forward' | 'backward' | 'update'

/** A tensor of a graph. */
export interface TensorView {
  /** Its position among the tensors of its graph; operands stand before what reads them. */
  readonly id: number
  /** As generated code calls it. */
  readonly name: string
  /** Whether the user chose that name, or it follows from one (`d_W1`). */
  readonly named: boolean
  readonly op: string
  readonly shape: readonly number[]
  readonly dtype: DType
  readonly part: Part
  /** The path of `scope` calls around it, joined by '/'; '' outside all. */
  readonly scope: string
  readonly inputs: readonly number[]
  /** `d_W1 = xᵀ · d_z1`, in the names of the graph. */
  readonly formula: string
  /** The op of the forward tensor whose gradient rule made it. */
  readonly rule?: string
  readonly place?: Place
  /** The kernels that compute it, by id: several where it is computed again where it is read. */
  readonly kernels: readonly number[]
}

/** The graph of an entry at one stage. */
export interface GraphView {
  readonly tensors: readonly TensorView[]
  /** Ids by the name of the output. */
  readonly outputs: Readonly<Record<string, number>>
  /** Ids by the name of the variable whose next value it is. */
  readonly updates: Readonly<Record<string, number>>
}

/** A stretch of lines, both ends included; they count from 1. */
export type Lines = readonly [first: number, last: number]

export interface KernelView {
  readonly id: number
  /** The function in the code. */
  readonly name: string
  readonly part: 'forward' | 'backward' | 'update'
  /** Gradients before the updates that they are folded into. */
  readonly formulas: readonly string[]
  /** With types: `W1 float32[784, 256]`. */
  readonly reads: readonly string[]
  readonly writes: readonly string[]
  readonly flops: number
  readonly bytes: number
  readonly origin: string
  /** Why something is stored or stands in a kernel of its own. */
  readonly notes: readonly string[]
  /** Tensors of the simplified graph that are computed here. */
  readonly tensors: readonly number[]
  /** The lines of the model that it comes from. */
  readonly places: readonly Place[]
  /** Kernels that it reads from, and the names of what it reads. */
  readonly from: readonly { readonly kernel: number; readonly name: string }[]
  /** Where its function stands in the code; several kernels may share one. */
  readonly lines: Lines
}

/** The generated code in one form. */
export interface CodeView {
  readonly target: 'js' | 'wasm'
  readonly schedule: 'plain' | 'fast'
  readonly text: string
}

/** All that the compiler knows of one entry, as plain data: it can be written as JSON, and sent from a worker to a page. */
export interface Inspection {
  readonly entry: string
  readonly bindings: Readonly<Record<string, number>>
  /** What the program runs on. */
  readonly target: 'js' | 'wasm'
  /** As the model was written, without composites, and as it is computed. */
  readonly graphs: Readonly<Record<'traced' | 'expanded' | 'simplified', GraphView>>
  readonly kernels: readonly KernelView[]
  readonly code: CodeView
  readonly memory: {
    readonly buffers: readonly MemoryRow[]
    readonly stateBytes: number
    readonly workBytes: number
    readonly withoutReuseBytes: number
    /** How many items a step has: what `live` of a buffer counts. */
    readonly items: number
  }
  readonly passes: readonly PassReport[]
}
