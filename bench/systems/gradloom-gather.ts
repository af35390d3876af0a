import { compile, type CompileOptions, entry, gather, grad, mul, slice, sum, tensor, update, variable } from 'gradloom'
import { addedData, GATHER, type GatherPhase, indexData, probed, tableData } from '../gather'
import { built, type Prepared } from './system'

/** Rows of a table at the indices that are fed, or the gradient of that; the result is state that is written in place. */
export function gathering(options: CompileOptions, phase: GatherPhase): Prepared {
  const { rows, width, count } = GATHER
  const isGather = phase === 'gather'
  const at = indexData()
  const values = isGather ? tableData() : addedData()
  const build = () => {
    const table = variable('table', [rows, width], isGather ? values : 0)
    const result = variable('result', [isGather ? count : rows, width], 0)
    const step = entry({ at: tensor([count], 'int32') }, (feeds) => {
      const taken = gather(table, feeds.at)
      if (isGather) return { outputs: {}, updates: [update(result, taken)] }
      const added = variable('added', [count, width], values)
      return { outputs: {}, updates: [update(result, grad(sum(mul(taken, added)), [table])[0])] }
    })
    const probe = entry({}, () => ({ outputs: { element: slice(result, probed(phase)) } }))
    return compile({ step, probe }, options)
  }
  return built(build, ({ step, probe }) => {
    step({ at })
    return probe({}).element as number
  })
}
