// Run by the build in a process of its own: how fast Node makes the steps of W1 on this machine, as one line of JSON.
import { cpus } from 'node:os'
import { stepsPerSecond } from '../src/training/rate'
import { w1 } from '../src/training/w1'
import type { NodeRate } from '../src/training/protocol'

const rateOn = async (target: 'js' | 'wasm'): Promise<number> => {
  const { step, dispose } = w1(target)
  const rate = await stepsPerSecond(step)
  dispose()
  return rate
}
const rate: NodeRate = {
  node: process.versions.node,
  cpu: cpus()[0]?.model.trim() ?? 'an unknown processor',
  js: await rateOn('js'),
  wasm: await rateOn('wasm'),
}
console.log(JSON.stringify(rate))
