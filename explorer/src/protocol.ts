import type { CompileOptions } from 'gradloom'
import type { Inspection, Part } from 'gradloom/inspect'
import type { Example } from './models/index'

/**
 * What page and worker say to each other: plain data. A question is complete in itself, so that a fresh worker can answer it;
 * an answer comes in pieces, each when it is ready, and pieces that have not changed are left out.
 */
export type PassName = keyof NonNullable<CompileOptions['passes']>
export type Stage = 'traced' | 'expanded' | 'simplified' | 'kernels'

/** The text of the editor, or a built-in model that runs as a module where text may not run. */
export type Model = { readonly text: string } | { readonly example: Example['name'] }

/** Which entry is shown, and how it is compiled for showing. */
export interface View {
  /** `net.train`; the first of the model if absent or unknown. */
  readonly entry?: string
  /** Extents of named dimensions. */
  readonly bindings: Readonly<Record<string, number>>
  readonly schedule: 'plain' | 'fast'
  readonly target: 'js' | 'wasm'
  readonly fuse: boolean
  /** Passes that are switched off one by one. */
  readonly off: readonly PassName[]
}

/** Which graph is drawn, and which scopes of it are opened up: as many as stay readable if absent. */
export interface DrawingChoice {
  readonly stage: Stage
  readonly open?: readonly string[]
}

export interface Question {
  readonly id: number
  readonly model: Model
  readonly view: View
  readonly drawing: DrawingChoice
}

export interface EntryOutline {
  readonly name: string
  /** Named dimensions of its inputs. */
  readonly dims: readonly string[]
}

/** An error of the model, at its line where that is known. */
export interface Fault {
  /** All lines of it. */
  readonly message: string
  /** From 1. */
  readonly line?: number
  readonly column?: number
}

/** A box of the graph that is drawn: a tensor, a scope that is closed, or a kernel. */
export interface DrawnNode extends Place {
  readonly key: string
  readonly kind: 'tensor' | 'group' | 'kernel'
  readonly part: Part
  /** The text in the box; the first line is a name. */
  readonly lines: readonly string[]
  /** What it stands for in words. */
  readonly label: string
  readonly formulas: readonly string[]
  /** Ids of kernels that compute what it stands for. */
  readonly kernels: readonly number[]
  /** Ids of kernels that read it, for what no kernel computes. */
  readonly readBy: readonly number[]
  /** Lines of the model that it comes from. */
  readonly places: readonly number[]
  /** Names and types of what it reads, and of what others read of it. */
  readonly inputs: readonly string[]
  readonly outputs: readonly string[]
}

/** A rectangle by its middle. */
interface Place {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}
interface Point {
  readonly x: number
  readonly y: number
}

export interface DrawnEdge {
  readonly from: string
  readonly to: string
  /** The shape that goes along it, or how many tensors do. */
  readonly label: string
  /** Names and types of what goes along it. */
  readonly carries: readonly string[]
  readonly points: readonly Point[]
  /** Where the label stands, if it is shown before anybody points at it. */
  readonly middle: Point
  readonly isLabelled: boolean
  /** It runs below boxes. */
  readonly far: boolean
}

/** A frame around a scope that is open; its gradients have another. */
export interface DrawnFrame extends Place {
  readonly key: string
  readonly title: string
}

export interface Drawing {
  readonly stage: Stage
  readonly width: number
  readonly height: number
  readonly nodes: readonly DrawnNode[]
  readonly edges: readonly DrawnEdge[]
  /** From the outside to the inside. */
  readonly frames: readonly DrawnFrame[]
  /** How many tensors or kernels the graph has, shown or not. */
  readonly count: number
  /** The scopes that are open. */
  readonly open: readonly string[]
}

export type Answer =
  /** Once, when the worker has loaded. */
  | { readonly kind: 'ready'; readonly textAllowed: boolean }
  /** Each time, as soon as the model has run: what follows is the compiler's. */
  | { readonly kind: 'outline'; readonly id: number; readonly entries: readonly EntryOutline[] }
  | { readonly kind: 'inspection'; readonly id: number; readonly inspection: Inspection }
  | { readonly kind: 'drawing'; readonly id: number; readonly drawing: Drawing }
  | { readonly kind: 'fault'; readonly id: number; readonly fault: Fault }
  | { readonly kind: 'done'; readonly id: number; readonly milliseconds: number; readonly isWhole: boolean }
