// Trains W1, or the workload of the query, with the options given there; how fast it goes on can be asked.
import { compile, type CompileOptions } from 'gradloom'
import type { Classifier } from '../../../bench/workloads'
import { mlp } from '../../mlp'
import { report } from '../visit'
import { rateOf, type Trained, trained } from './training'

export interface TrainReport extends Trained {
  readonly isolated: boolean
}

const query = new URLSearchParams(location.search)
const options = JSON.parse(query.get('options')!) as CompileOptions
const { train, feeds } = mlp((query.get('workload') ?? 'W1') as Classifier)
const net = compile(train, options)
await net.ready
const result = trained(net, feeds, Number(query.get('steps') ?? 200))
Object.assign(globalThis, { rate: () => rateOf(() => net(feeds)), dispose: () => net.dispose() })
report({ ...result, isolated: crossOriginIsolated } satisfies TrainReport)
