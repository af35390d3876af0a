import { GraphError } from '../ir/errors'
import { hashOf } from '../init/random'
import { currentScope } from '../ir/origin'
import { apply, type Tensor } from '../ir/tensor'
import { currentTrace, type Trace } from '../ir/trace'
import { type FirstValue, type Variable, variableAttrs } from '../ir/variable'
import { randomKeyOp } from '../ops/random'
import { firstSeed, firstStep } from '../ops/random-state'
import { declareVariable } from './leaf'

const SEED = 'random/seed'
const STEP = 'random/step'

/**
 * The key of one draw: a function of the program's seed, its count of steps, the stream and how many draws of that stream
 * came before in the trace. A stream is named by the scope and `name`, so that what is drawn elsewhere moves no numbers.
 */
export function drawKey(op: string, name: string = op): Tensor {
  const trace = currentTrace()
  if (!trace)
    throw new GraphError(
      `${op}: random numbers depend on the state of a program; build them inside the body of an entry`,
    )
  if (typeof name !== 'string' || name === '') throw new GraphError(`${op}: the name must be a non-empty string`)
  const path = currentScope() === '' ? name : `${currentScope()}/${name}`
  const draw = trace.draws.get(path) ?? 0
  trace.draws.set(path, draw + 1)
  const hash = hashOf(`${draw}:${path}`)
  const stream = [Number(BigInt.asIntN(32, hash)), Number(BigInt.asIntN(32, hash >> 32n))] as const
  return apply(
    randomKeyOp,
    [stateOf(trace, SEED, [2], firstSeed), stateOf(trace, STEP, [], firstStep), ...trace.turns],
    { stream },
  )
}

function stateOf(trace: Trace, name: string, shape: readonly number[], first: FirstValue): Variable {
  const known = trace.made.has(name) ? trace.variables.get(name) : undefined
  if (known && variableAttrs(known).first === first) return known
  return declareVariable(name, shape, 'int32', { kind: 'scalar' }, () => first)
}
