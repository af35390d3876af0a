import type { Fault } from '../protocol'
import type { DataKind } from './data/kinds'
import type { Series } from './data/series'
import type { Histogram } from './histogram'

/** What page and worker say to each other: plain data, large arrays transferred. */
export type Target = 'js' | 'wasm'

/** Steps a second of W1 in Node, and where: measured when the page was built. */
export interface NodeRate {
  readonly node: string
  readonly cpu: string
  readonly js: number
  readonly wasm: number
}

export interface Settings {
  readonly target: Target
  readonly batch: number
  /** Undefined leaves the one of the model. */
  readonly learningRate?: number
  /** The most steps a second; undefined for as many as there can be. */
  readonly pace?: number
}

/** A data set that the page has fetched: a worker that runs models has no network. */
export type SentData =
  { readonly kind: 'digits'; readonly pixels: Uint8Array } | { readonly kind: 'series'; readonly series: Series }

export type Command =
  /** The first thing that a worker is told: it serves one model. */
  | {
      readonly kind: 'load'
      readonly text: string
      /** The built-in model that the text is, which runs as a file of its own where text may not run; '' for none. */
      readonly example: string
      readonly settings: Settings
    }
  /** The answer to `wants`. */
  | { readonly kind: 'data'; readonly data: SentData }
  | { readonly kind: 'start' }
  | { readonly kind: 'pause' }
  | { readonly kind: 'step' }
  | { readonly kind: 'reset' }
  | { readonly kind: 'settings'; readonly settings: Settings }
  | { readonly kind: 'measure' }
  /** The page has drawn the last report, and takes another one. */
  | { readonly kind: 'drawn' }
  /** Answered by `alive`, unless the worker is stuck. */
  | { readonly kind: 'ping' }

/** How a model and its data go together. */
export interface Outline {
  readonly data: DataKind
  readonly target: Target
  readonly learnt: number
  readonly heldOut: number
  /** Where the model fixes it. */
  readonly fixedBatch?: number
  readonly batch: number
  /** Undefined where the model has none that can be set: a schedule or a constant. */
  readonly learningRate?: number
  readonly parameters: number
  /** Where predictions come from; undefined where the model has none to show. */
  readonly predictions?: 'predict' | 'train'
  /** What a program of each target cannot do here: why it is switched off. */
  readonly obstacles: Partial<Readonly<Record<Target, string>>>
}

/** Numbers of a stretch of steps. */
export interface Progress {
  readonly step: number
  readonly epoch: number
  /** The mean over the steps since the last report; absent where none of them had a finite one. */
  readonly loss?: number
  /** Steps a second over the last second or so, with all that the worker did besides. */
  readonly rate: number
}

export interface VariableView {
  readonly name: string
  readonly shape: readonly number[]
  readonly weights: Histogram
  readonly gradients?: Histogram
}

/** What is predicted, in the form in which it is drawn. */
export type Prediction =
  /** The probability of the second spiral at the middles of `side` by `side` fields, from the upper left. */
  | {
      readonly kind: 'spirals'
      readonly side: number
      readonly field: Float32Array
      readonly accuracy: number
    }
  | {
      readonly kind: 'digits'
      readonly side: number
      /** Ink of some held-out digits, from 0 to 1. */
      readonly images: Float32Array
      readonly classes: Int32Array
      /** The predicted class of each and how probable it is held to be. */
      readonly predicted: Int32Array
      readonly certainty: Float32Array
      readonly accuracy: number
    }
  /** A model that gives back what it is shown. */
  | {
      readonly kind: 'images'
      readonly side: number
      readonly images: Float32Array
      readonly made: Float32Array
    }
  | {
      readonly kind: 'series'
      readonly quantity: string
      readonly unit: string
      readonly dates: readonly string[]
      readonly actual: Float32Array
      readonly forecast: Float32Array
      /** Root mean square over these days, and that of the forecast that tomorrow is like today. */
      readonly error: number
      readonly errorOfToday: number
    }

export interface Picture {
  readonly step: number
  /** The loss on held-out rows. */
  readonly heldOut?: number
  readonly variables: readonly VariableView[]
  readonly prediction?: Prediction
}

/** Points of the data set that are drawn behind predictions; sent once. */
export interface Points {
  readonly points: Float32Array
  readonly labels: Int32Array
}

export interface Rates {
  /** Of this model. */
  readonly model: Partial<Readonly<Record<Target, number>>>
  readonly w1: Partial<Readonly<Record<Target, number>>>
  readonly isDone: boolean
}

export type Report =
  /** The model has run; what is compiled now may take longer. */
  | { readonly kind: 'evaluated' }
  /** What is to be fetched for the model. */
  | { readonly kind: 'wants'; readonly data: SentData['kind'] }
  | { readonly kind: 'ready'; readonly outline: Outline; readonly points?: Points }
  /** The target, the batch or the rate is another one now. */
  | { readonly kind: 'changed'; readonly outline: Outline }
  | { readonly kind: 'progress'; readonly progress: Progress; readonly picture?: Picture }
  /** Training has begun anew. */
  | { readonly kind: 'cleared'; readonly picture?: Picture }
  /** Training paused by itself: the loss is NaN or infinite. */
  | { readonly kind: 'diverged'; readonly step: number; readonly loss: string }
  | { readonly kind: 'rates'; readonly rates: Rates }
  /** The model threw. */
  | { readonly kind: 'fault'; readonly fault: Fault }
  /** The model is right, but cannot be trained here: what is missing. */
  | { readonly kind: 'misfit'; readonly message: string }
  | { readonly kind: 'alive' }
