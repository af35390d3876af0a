import { compile, entry, type Tensor } from 'gradloom'
import type { StoredTensor } from '../../src/formats/stored-tensor'
import { type Data, newData, sameShape, showType, type TensorType } from '../../src/ir/type'
import { type OnnxModel, readOnnx, UnsupportedError, ValueNeededError } from 'gradloom/onnx'
import { ODD } from './odd'
import { type Folder, type NodeTest, readTest, type TestSet } from './suite'

export type Target = 'js' | 'wasm'

export interface Outcome {
  readonly kind: 'passed' | 'failed' | 'unsupported' | 'odd'
  /** What is not supported: an element type, an op, a version. */
  readonly what: string
  /** Why it is not supported, or what went wrong. */
  readonly reason: string
  /** How many inputs were made part of the graph because a shape hangs on them. */
  readonly constants: number
}

/** What ONNX's own runner takes for equal. */
const RELATIVE = 1e-3
const ABSOLUTE = 1e-7

/** Runs one test of the suite on a target. */
export function check(name: string, target: Target, folder: Folder = 'node'): Outcome {
  const outcome = tried(name, target, folder)
  const odd = Object.hasOwn(ODD, name) ? ODD[name] : undefined
  if (odd === undefined || outcome.kind === 'unsupported') return outcome
  if (outcome.kind === 'failed') return { ...outcome, kind: 'odd', reason: odd }
  return { ...outcome, kind: 'failed', reason: `it is held for odd and passes: ${odd}` }
}

function tried(name: string, target: Target, folder: Folder): Outcome {
  let constants = 0
  try {
    const test = readTest(name, folder)
    for (const set of test.sets) constants = Math.max(constants, runSet(test, set, target))
    return { kind: 'passed', what: '', reason: '', constants }
  } catch (error) {
    const unsupported = causeOf(error, UnsupportedError)
    // What inputs could be given as constants has been given by now.
    const needed = causeOf(error, ValueNeededError)
    if (needed) return { kind: 'unsupported', what: 'shape of the run', reason: needed.message, constants }
    if (unsupported) return { kind: 'unsupported', what: unsupported.what, reason: unsupported.message, constants }
    return { kind: 'failed', what: '', reason: error instanceof Error ? error.message : String(error), constants }
  }
}

/** Gives how many inputs were made part of the graph; throws for what does not agree. */
function runSet(test: NodeTest, set: TestSet, target: Target): number {
  // Before the data are read: sequences and strings are refused for what they are.
  readOnnx(test.bytes)
  const given = new Map(test.inputs.map((name, i) => [name, set.input(i)]))
  const constants: Record<string, StoredTensor> = {}
  for (;;) {
    const model = readOnnx(test.bytes, { constants })
    try {
      const results = resultsOf(model, given, target)
      for (const [i, name] of test.outputs.entries()) compare(name, results.get(name), set.expected(i))
      return Object.keys(constants).length
    } catch (error) {
      const needed = causeOf(error, ValueNeededError)
      const more = needed?.inputs.filter((name) => given.has(name) && !(name in constants)) ?? []
      if (more.length === 0) throw error
      for (const name of more) constants[name] = given.get(name)!
    }
  }
}

function resultsOf(
  model: OnnxModel,
  given: ReadonlyMap<string, StoredTensor>,
  target: Target,
): ReadonlyMap<string, StoredTensor> {
  let types: Readonly<Record<string, TensorType>> = {}
  const body = (inputs: Readonly<Record<string, Tensor>>): { outputs: Readonly<Record<string, Tensor>> } => {
    const outputs = model.call(inputs)
    types = outputs
    return { outputs }
  }
  const program = compile(entry(model.inputs, body), { target, threads: 1 })
  try {
    const feeds = Object.keys(model.inputs).map((name) => [name, fed(given.get(name)!)] as const)
    const results = program(Object.fromEntries(feeds)) as Readonly<Record<string, number | Data>>
    return new Map(
      Object.entries(results).map(([name, value]) => {
        const { dtype, shape } = types[name]!
        const data = typeof value === 'number' ? newData(dtype, 1).fill(value) : value.slice()
        return [name, { dtype, shape, data }]
      }),
    )
  } finally {
    program.dispose()
  }
}

function causeOf<E extends Error>(error: unknown, type: abstract new (...args: never[]) => E): E | undefined {
  for (let at = error; at instanceof Error; at = at.cause) if (at instanceof type) return at
  return undefined
}

/** Values with their shape, as named dimensions are bound by it. */
const fed = ({ shape, data }: StoredTensor): number | Data =>
  shape.length === 0 ? data[0]! : Object.assign(data.slice(), { shape: [...shape] })

function compare(name: string, found: StoredTensor | undefined, wanted: StoredTensor): void {
  if (!found) throw new Error(`there is no ${name}`)
  if (found.dtype !== wanted.dtype || !sameShape(found.shape, wanted.shape))
    throw new Error(`${name} is ${showType(found)}, not ${showType(wanted)}`)
  for (const [i, value] of wanted.data.entries()) {
    const got = found.data[i]!
    const isClose = Object.is(got, value) || Math.abs(got - value) <= ABSOLUTE + RELATIVE * Math.abs(value)
    if (!isClose && got !== value) throw new Error(`${name} has ${got} for ${value} at position ${i}`)
  }
}
