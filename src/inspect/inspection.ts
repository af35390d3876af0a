import type { Place } from '../ir/place'
import type { DType } from '../ir/type'
import type { PassReport } from '../compile/pipeline'
import type { Lines } from './code'
import type { KernelRow } from './kernel-row'
import type { MemoryRow } from './memory'
import type { Part } from './part'

export type { Place } from '../ir/place'

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
  /** The path of `scope` calls around it, of a gradient around what it belongs to, joined by '/'; '' outside all. */
  readonly scope: string
  readonly inputs: readonly number[]
  /** `d_W1 = xᵀ · d_z1`, in the names of the graph. */
  readonly formula: string
  /** The same for LaTeX's math mode, in commands that KaTeX knows; what stands for a kernel has none. */
  readonly latex?: string
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

/** A kernel: what `explain` says of it, and how it is tied to graph, code and model. */
export interface KernelView extends Omit<KernelRow, 'kernel'> {
  readonly id: number
  /** The function in the code. */
  readonly name: string
  readonly part: 'forward' | 'backward' | 'update'
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
    readonly constantBytes: number
    readonly withoutReuseBytes: number
    /** How many items a step has: what `live` of a buffer counts. */
    readonly items: number
  }
  readonly passes: readonly PassReport[]
}
