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

/** Which graph is drawn, and which scopes of it are opened up. */
export interface DrawingChoice {
  readonly stage: Stage
  readonly open: readonly string[]
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
export interface DrawnNode {
  readonly key: string
  readonly kind: 'tensor' | 'group' | 'kernel'
  readonly part: Part
  readonly title: string
  readonly subtitle: string
  /** What it stands for in words: for a screen reader and for the title. */
  readonly label: string
  /** Ids among the tensors of the stage. */
  readonly tensors: readonly number[]
  /** Ids of kernels that compute what it stands for. */
  readonly kernels: readonly number[]
  /** Lines of the model that it comes from. */
  readonly lines: readonly number[]
  /** The scope that a click opens. */
  readonly scope?: string
  /** The middle of the box. */
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

export interface DrawnEdge {
  readonly from: string
  readonly to: string
  /** The shape that goes along it. */
  readonly label: string
  readonly points: readonly (readonly [x: number, y: number])[]
}

/** A frame around the nodes of a scope that has been opened. */
export interface DrawnFrame {
  readonly scope: string
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

export interface Drawing {
  readonly stage: Stage
  readonly width: number
  readonly height: number
  readonly nodes: readonly DrawnNode[]
  readonly edges: readonly DrawnEdge[]
  readonly frames: readonly DrawnFrame[]
  /** How many tensors or kernels the graph has, shown or not. */
  readonly count: number
}

export type Answer =
  /** Once, when the worker has loaded. */
  | { readonly kind: 'ready'; readonly textAllowed: boolean }
  | { readonly kind: 'outline'; readonly id: number; readonly entries: readonly EntryOutline[] }
  | { readonly kind: 'inspection'; readonly id: number; readonly inspection: Inspection }
  | { readonly kind: 'drawing'; readonly id: number; readonly drawing: Drawing }
  | { readonly kind: 'fault'; readonly id: number; readonly fault: Fault }
  | { readonly kind: 'done'; readonly id: number; readonly milliseconds: number }
