// Trains W1 with the options given in the query; how fast it goes on can be asked.
import { compile, type CompileOptions } from 'gradloom'
import { mlp } from '../../mlp'
import { report } from '../visit'
import { rateOf, type Trained, trained } from './training'

export interface TrainReport extends Trained {
  readonly isolated: boolean
}

const options = JSON.parse(new URLSearchParams(location.search).get('options')!) as CompileOptions
const { train, feeds } = mlp('W1')
const net = compile(train, options)
await net.ready
const result = trained(net, feeds, 200)
Object.assign(globalThis, { rate: () => rateOf(() => net(feeds)), dispose: () => net.dispose() })
report({ ...result, isolated: crossOriginIsolated } satisfies TrainReport)
