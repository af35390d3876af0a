import type { StoredTensor } from '../../formats/stored-tensor'
import type { Direction } from '../../metrics/direction'
import type { HookName } from '../callback'
import type { FitPlanOptions } from '../fit-options'
import type { History } from '../history'
import type { TrainingRun } from '../run'
import type { SampleSet } from '../samples'

/** What tells these messages from others that a worker may be sent. */
export const CHANNEL = 'gradloom/fit-worker'

/** A run: everything that it is made of. */
export interface FitRequest {
  readonly channel: typeof CHANNEL
  readonly kind: 'fit'
  /** A file as `saveModel` makes it. */
  readonly model: Uint8Array
  readonly set: SampleSet
  readonly validation: SampleSet | undefined
  readonly plan: FitPlanOptions
  /** Hooks that somebody waits for, and whether more than logs is looked at there. */
  readonly hooks: Readonly<Partial<Record<HookName, boolean>>>
}

/** What hooks have changed; the run goes on with it. */
export interface HookReply {
  readonly channel: typeof CHANNEL
  readonly kind: 'reply'
  /** A checkpoint to go on from. */
  readonly restore: Uint8Array | undefined
  /** State that has other values since, by name. */
  readonly changed: ReadonlyMap<string, StoredTensor>
  /** Logs as they are now. */
  readonly logs: Readonly<Record<string, number>>
}

export type ToWorker =
  | FitRequest
  | HookReply
  /** At any time. */
  | { readonly channel: typeof CHANNEL; readonly kind: 'stop'; readonly when: 'batch' | 'epoch' | 'now' }
  /** In the place of a reply: a hook has thrown. */
  | { readonly channel: typeof CHANNEL; readonly kind: 'abort' }

/** What is known of a run when it begins. */
export interface Begun {
  readonly params: TrainingRun['params']
  readonly hasValidation: boolean
  /** Names of metrics, and which of their values are better. */
  readonly directions: Readonly<Record<string, Direction | undefined>>
  /** Names of the state of metrics, which is no state of training. */
  readonly meters: readonly string[]
}

export interface HookCall {
  readonly channel: typeof CHANNEL
  readonly kind: 'hook'
  readonly hook: HookName
  /** Whether only callbacks that do not know from a checkpoint are told. */
  readonly isNew: boolean
  /** Behind them come the logs. */
  readonly places: readonly number[]
  readonly logs: Readonly<Record<string, number>>
  /** A checkpoint, where more than logs is looked at. */
  readonly state: Uint8Array | undefined
  /** With the first hook, which is `onTrainBegin`. */
  readonly begun: Begun | undefined
}

export type FromWorker =
  /** At once: the request has come to one that knows what it is. */
  | { readonly channel: typeof CHANNEL; readonly kind: 'taken' }
  | HookCall
  | {
      readonly channel: typeof CHANNEL
      readonly kind: 'end'
      readonly history: History
      readonly state: Uint8Array
      readonly fits: number
    }
  | { readonly channel: typeof CHANNEL; readonly kind: 'fail'; readonly name: string; readonly message: string }
