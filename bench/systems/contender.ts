import type { Layout } from '../cnn'
import type { Phase, Task } from '../workloads'

/** Targets of gradloom: the target it compiles to and the threads it may use. */
export const TARGETS = {
  js: { target: 'js', threads: 1 },
  wasm: { target: 'wasm', threads: 1 },
  wasm2: { target: 'wasm', threads: 2 },
} as const
export type TargetName = keyof typeof TARGETS

interface Peer {
  readonly target: string
  readonly threads: number
  /** Packages of this folder; a peer without any is a Python library. */
  readonly packages?: readonly string[]
  readonly relaxed?: boolean
  /** What it does differently from the peer that it varies; all phases if absent. */
  readonly phases?: readonly Phase[]
  /** Layouts of images that it is measured in where there are images. */
  readonly layouts?: readonly Layout[]
  /** Kernels that it is known to have none of, with the task that asks for them. */
  readonly lacks?: readonly (Pick<Task, 'workload' | 'phase'> & { readonly kernel: string })[]
}

const TFJS = '@tensorflow/tfjs'
const TFJS_WASM = {
  target: 'wasm',
  threads: 1,
  packages: [TFJS, '@tensorflow/tfjs-backend-wasm'],
  lacks: [{ workload: 'W3', phase: 'train', kernel: 'Conv2DBackpropFilter' }],
} as const
const JAX = { target: 'wasm', threads: 1, packages: ['@jax-js/jax'] } as const

export const PEERS = {
  'tfjs-cpu': { target: 'js', threads: 1, packages: [TFJS] },
  'tfjs-wasm': TFJS_WASM,
  'tfjs-wasm-tuned': { ...TFJS_WASM, phases: ['train', 'start'] },
  'jax-js': JAX,
  'jax-js-relaxed': { ...JAX, relaxed: true },
  'torch-1': { target: 'native', threads: 1, layouts: ['nchw', 'nhwc'] },
  'torch-2': { target: 'native', threads: 2, layouts: ['nchw', 'nhwc'] },
} satisfies Record<string, Peer>
export type PeerName = keyof typeof PEERS

export type SystemName = 'gradloom' | 'limit' | PeerName

/** A system with what it runs on. */
export interface Contender {
  readonly system: SystemName
  readonly target: string
  readonly threads: number
  readonly layout?: Layout
}

export const LIMIT: Contender = { system: 'limit', target: 'wasm', threads: 1 }

export const peerOf = (name: PeerName): Peer => PEERS[name]

export const isPeer = (name: SystemName): name is PeerName => name in PEERS

export function takesPart({ system }: Contender, { workload, phase }: Task): boolean {
  if (workload === 'LIMIT' || system === 'limit') return workload === 'LIMIT' && system === 'limit'
  if (!isPeer(system)) return true
  const { phases, packages } = peerOf(system)
  // Importing a Python library and importing a package are not the same work.
  if (phase === 'compile' || (phase === 'start' && !packages)) return false
  return phases?.includes(phase) ?? true
}

/** The kernel whose absence keeps a contender from a task, if that is what the error says. */
export function lackOf({ system }: Contender, { workload, phase }: Task, message: string): string | undefined {
  const lacks = isPeer(system) ? (peerOf(system).lacks ?? []) : []
  return lacks.find((lack) => lack.workload === workload && lack.phase === phase && message.includes(lack.kernel))
    ?.kernel
}

/** How a contender is called in tables. */
export const nameOf = ({ system, target, threads, layout }: Contender): string =>
  system === 'gradloom'
    ? `gradloom ${target}${threads > 1 ? threads : ''}`
    : [system, layout].filter((part) => part !== undefined).join('-')
