// A process without the library that imports an emitted training step and calls it once.
import { cnnData } from './cnn'
import { classifierData } from './data'
import type { Emitted } from './emitted'
import { lstmData } from './lstm'
import { now } from './timer'
import { MLP } from './workloads'

export interface Started {
  readonly loss: number
  /** From the import of the module to the end of the first step. */
  readonly startMs: number
}

export interface BareRequest {
  readonly workload: Emitted
  /** Where the module lies. */
  readonly url: string
}

function dataOf(workload: Emitted): { readonly x: Float32Array; readonly y: Float32Array } {
  if (workload === 'W3') return cnnData('nhwc')
  if (workload === 'W4') return lstmData()
  const { batch, widths } = MLP[workload]
  return classifierData(batch, widths)
}

process.on('message', ({ workload, url }: BareRequest) => {
  const { x, y } = dataOf(workload)
  const begin = now()
  void import(url).then(({ main }: { main(feeds: object): { readonly loss: number } }) => {
    const { loss } = main({ x, y })
    process.send!({ loss, startMs: now() - begin } satisfies Started)
    process.disconnect()
  })
})
