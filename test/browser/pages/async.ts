// Compiles W1 on two threads away from the main thread, and trains it without waiting for anything else.
import * as gradloom from 'gradloom'
import { mlp } from '../../mlp'
import { report } from '../visit'
import { type Trainable, type Trained, trained } from './training'

export interface AsyncReport extends Trained {
  /** Bytes of the modules that were compiled on the main thread. */
  readonly blocking: readonly number[]
}

type CompileAsync = (entry: object, options: gradloom.CompileOptions) => Promise<Trainable & { dispose(): void }>
const { compileAsync } = gradloom as unknown as { readonly compileAsync: CompileAsync }

const blocking: number[] = []
WebAssembly.Module = new Proxy(WebAssembly.Module, {
  construct: (target, [bytes]: [Uint8Array<ArrayBuffer>]) => {
    blocking.push(bytes.byteLength)
    return new target(bytes)
  },
})
const { train, feeds } = mlp('W1')
const options = JSON.parse(new URLSearchParams(location.search).get('options')!) as gradloom.CompileOptions
const net = await compileAsync(train, options)
const result = trained(net, feeds, 50)
net.dispose()
report({ ...result, blocking } satisfies AsyncReport)
